"""A therapist's own development: strengths and edges in batches, and how their own view compares."""

from web.development.routes import blueprint

__all__ = ["blueprint"]
