"""The page of a client in therapy, and the page that a check-in's private link opens."""

from web.checkins import reminding, saying  # noqa: F401 - their routes belong to the same blueprint
from web.checkins.routes import blueprint

__all__ = ["blueprint"]
