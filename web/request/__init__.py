"""A client's request: whom to ask for, how it stands, taking it back, and what to expect in the first session."""

from web.request.routes import blueprint

__all__ = ["blueprint"]
