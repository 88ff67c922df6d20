"""When in a client's care something is said: at booking, before the first session, or in the course."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import clinics, measures
from web.services.clinics import Clinic

BOOKING, BEFORE_FIRST, COURSE, IMPORTED = "booking", "before_first", "course", "imported"
CORRECTABLE = timedelta(days=1)  # what is said again within so long replaces what was said
APART = timedelta(days=2)  # a guess: sooner, the same two weeks would be asked for once more


def of(session: Session, client_id: UUID) -> str:
    """Before a therapist has given a place, before the first session, or later."""
    if measures.n_sessions(session, client_id):
        return COURSE
    return BEFORE_FIRST if measures.has_place(session, client_id) else BOOKING


def is_due(session: Session, clinic: Clinic, client_id: UUID, *, now: datetime) -> bool:
    """Whether it is time for a well-being check.

    The first is due at once, the one before the first session two days later at the earliest, and from then on one
    every ``measure_every`` sessions.
    """
    last = measures.latest(session, client_id)
    if last is None:
        return True
    moment = of(session, client_id)
    if moment != last.moment and moment == BEFORE_FIRST:
        return last.said_at <= now - APART
    if moment != COURSE:
        return False
    every = clinics.by_id(session, clinic.id).measure_every
    return measures.n_held_since(session, client_id, last.said_at) >= every
