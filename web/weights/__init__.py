"""The clinic lead's weights: tuned with what they would change in sight, published, gone back on."""

from web.weights.routes import blueprint

__all__ = ["blueprint"]
