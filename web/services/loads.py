"""How many places each therapist has free, and how many are kept for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from web.db.queries import waiting


@dataclass(frozen=True, slots=True)
class Load:
    """A therapist's name, their places that are free, and those that are kept for somebody."""

    name: str
    left: int
    kept: int


def every(session: Session) -> dict[str, Load]:
    """Therapist, by id → load, in the order of names."""
    kept = waiting.kept_places(session)
    return {row.external_id: Load(row.name, row.capacity, kept.get(row.id, 0)) for row in waiting.loads(session)}
