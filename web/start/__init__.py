"""The first page, and whom to call."""

from web.start.routes import blueprint, serve_help_first

__all__ = ["blueprint", "serve_help_first"]
