"""Whom somebody could work well with: a list, side by side, in their own order; a way out where there is nobody."""

from web.matches.routes import blueprint

__all__ = ["blueprint"]
