"""Proposals for the waiting list: worked out, looked at, changed and carried out as a whole."""

from web.proposals.routes import blueprint

__all__ = ["blueprint"]
