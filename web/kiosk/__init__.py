"""A tablet of the clinic on which clients check in by a code, and the page on which staff show codes and QR codes."""

from web.kiosk import showing  # noqa: F401 - its routes belong to the same blueprint
from web.kiosk.routes import blueprint

__all__ = ["blueprint"]
