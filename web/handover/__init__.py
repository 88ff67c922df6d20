"""What is handed on from one therapist to the next: written, read and agreed to by the client, then shown."""

from web.handover.routes import blueprint

__all__ = ["blueprint"]
