"""The page of a client in therapy, and the page that a check-in's private link opens."""

from web.checkins import saying  # noqa: F401 - its routes belong to the same blueprint
from web.checkins.routes import blueprint

__all__ = ["blueprint"]
