"""Places that are free by now though nobody has given them back yet: holds that are over, until the clock comes by.

Whoever shows free places, or refuses for lack of one, counts these as free; whoever takes one gives it back first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import Directory
from web.db import mapping
from web.db.queries import directory, waiting


def of(session: Session, external_ids: list[str], *, now: datetime) -> dict[str, int]:
    """Therapist, by their id → how many places they have free at this moment, of these therapists."""
    over = waiting.count_overdue(session, now)
    return {row.external_id: row.capacity + over.get(row.id, 0) for row in directory.some(session, external_ids)}


def overdue(session: Session, *, now: datetime) -> dict[UUID, int]:
    """Therapist → how many of their places are kept by holds that are over."""
    return waiting.count_overdue(session, now)


def counted_in(session: Session, known: Directory, *, now: datetime) -> Directory:
    """A directory as it would be if every hold that is over had been given back."""
    over = waiting.count_overdue(session, now)
    if not over:
        return known
    changed = [
        replace(therapist, capacity=therapist.capacity + over[row.id])
        for row in directory.by_keys(session, list(over))
        for therapist in (mapping.therapist_of(row),)
        if known.row(row.external_id) is not None
    ]
    return known.changed(changed)
