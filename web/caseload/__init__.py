"""A therapist's own page: who asks for them, who has a place, the card as clients see it, and the profile to edit."""

from web.caseload import answer_routes
from web.caseload.routes import blueprint

__all__ = ["answer_routes", "blueprint"]
