"""The intake: what somebody tells us before they meet anyone."""

from web.intake import safety  # noqa: F401 - its routes belong to the same blueprint
from web.intake.routes import blueprint

__all__ = ["blueprint"]
