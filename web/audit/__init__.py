"""What was done and who looked at whom: for those who look after the clinic."""

from web.audit.routes import blueprint

__all__ = ["blueprint"]
