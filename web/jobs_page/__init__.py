"""What runs, what waits, what failed: for those who lead the clinic or look after it."""

from web.jobs_page.routes import blueprint

__all__ = ["blueprint"]
