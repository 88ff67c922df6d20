"""A client's course opened when it cannot wait, by who is not their therapist."""

from web.emergency.routes import blueprint

__all__ = ["blueprint"]
