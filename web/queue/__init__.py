"""The coordinator's page: who needs a person first, who sent an intake, and one case at a glance."""

from web.queue.routes import blueprint

__all__ = ["blueprint"]
