"""Who works here: signing in and out, one's own sign-in, and what an administrator does with people."""

from web.people import joining, members, own, own_passkeys, second  # noqa: F401 - their views are of the blueprint
from web.people.routes import blueprint
from web.people.security import install

__all__ = ["blueprint", "install"]
