"""My data: what the clinic knows of a client, to see, to take along, to correct, and to have erased."""

from web.mydata.routes import blueprint

__all__ = ["blueprint"]
