"""A client's course opened when it cannot wait, by who is not their therapist; seen by those who look after the clinic."""

from web.emergency.routes import blueprint

__all__ = ["blueprint"]
