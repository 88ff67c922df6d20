"""Keeping: for how long a clinic keeps what it needs no more."""

from web.keeping.routes import blueprint

__all__ = ["blueprint"]
