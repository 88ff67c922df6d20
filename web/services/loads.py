"""How many places each therapist has free, and how many are kept for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from web.db.queries import waiting
from web.services import free_places


@dataclass(frozen=True, slots=True)
class Load:
    """A therapist's name, their places that are free, and those that are kept for somebody."""

    name: str
    left: int
    kept: int


def every(session: Session, *, now: datetime) -> dict[str, Load]:
    """Therapist, by id → load, in the order of names."""
    kept, over = waiting.kept_places(session), free_places.overdue(session, now=now)
    return {
        row.external_id: Load(row.name, row.capacity + over.get(row.id, 0), kept.get(row.id, 0) - over.get(row.id, 0))
        for row in waiting.loads(session)
    }
