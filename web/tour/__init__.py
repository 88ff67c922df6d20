"""The demo's tour: look around as each of the five people. There is none where the clinic is real."""

from web.tour.routes import blueprint, install

__all__ = ["blueprint", "install"]
