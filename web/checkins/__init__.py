"""The page of a client in therapy: whom they work with, and what they said after each session."""

from web.checkins.routes import blueprint

__all__ = ["blueprint"]
