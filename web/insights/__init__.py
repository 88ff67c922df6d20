"""The clinic lead's page: numbers with words, the model and the weights that serve, what was done last."""

from web.insights.routes import blueprint

__all__ = ["blueprint"]
