"""What a client wants to change, in their own words, and how near it is."""

from web.goals.routes import blueprint

__all__ = ["blueprint"]
