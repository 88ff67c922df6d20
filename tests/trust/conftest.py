"""The clinic of the web tests, a copy for each test, on both engines."""

from tests.web.conftest import harbour, harbours

__all__ = ["harbour", "harbours"]
