"""The clinic over time: alliance, outcome, waits, the way to the third session, and fairness; no small cell."""

from web.dashboard.routes import blueprint

__all__ = ["blueprint"]
