"""A therapist's courses: what each client shares, what the therapist answers, and when they meet."""

from web.courses import acts
from web.courses.routes import blueprint

__all__ = ["acts", "blueprint"]
