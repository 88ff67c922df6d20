"""Version 1 of the API: stable, changed only with a new version beside it."""

from web.api.v1 import proposals, requests, weights
from web.api.v1.routes import api, document_of

__all__ = ["api", "document_of", "proposals", "requests", "weights"]
