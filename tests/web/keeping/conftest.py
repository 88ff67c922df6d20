from tests.web.intake.conftest import desk

__all__ = ["desk"]
