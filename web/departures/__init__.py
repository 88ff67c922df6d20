"""A therapist leaves, or is on leave: who takes over, and what is handed on."""

from web.departures.routes import blueprint

__all__ = ["blueprint"]
