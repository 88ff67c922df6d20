"""Who works here: signing in and out, and the administrator's view of everybody."""

from web.people.routes import blueprint
from web.people.security import install

__all__ = ["blueprint", "install"]
