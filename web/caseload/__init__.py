"""A therapist's own page: the card as clients see it, the places, and the profile to edit."""

from web.caseload.routes import blueprint

__all__ = ["blueprint"]
