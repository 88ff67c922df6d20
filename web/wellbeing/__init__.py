"""The well-being check: two short questionnaires, and a way to a person for whoever needs one now."""

from web.wellbeing.routes import blueprint

__all__ = ["blueprint"]
