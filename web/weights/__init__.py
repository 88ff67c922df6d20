"""The clinic lead's weights: tuned with what they would change in sight, published, gone back on."""

from web.weights import learned_pages

blueprint = learned_pages.blueprint  # with what each module of views has put on it

__all__ = ["blueprint"]
