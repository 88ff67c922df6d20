"""Ratings stored with the dyads and sessions that they belong to, in few statements however many they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from matcher.entities import Rating
from web.db.queries import clients, directory, ratings
from web.db.tables import DyadRow, RatingRow, SessionRow
from web.db.tables.base import new_key
from web.services.clinics import Clinic


@dataclass(slots=True)
class Changes:
    """How many rows were new, changed, and as they were."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    @property
    def any(self) -> bool:
        """Whether there was anything to store."""
        return bool(self.new or self.changed)


def store_ratings(session: Session, clinic: Clinic, found: list[Rating], now: datetime) -> Changes:
    """Store each rating at its session; one that is known with another score or moment is changed."""
    of_client, of_therapist = clients.keys(session), directory.keys(session)
    pairs = [(of_client[rating.client_id], of_therapist[rating.therapist_id]) for rating in found]
    dyads = _dyads(session, clinic.id, pairs, now)
    numbers = [(dyads[pair], rating.session) for pair, rating in zip(pairs, found, strict=True)]
    sessions = _sessions(session, clinic.id, numbers)
    known, changes, new = ratings.by_session(session), Changes(), []
    for number, rating in zip(numbers, found, strict=True):
        row, rated_at = known.get(sessions[number]), _in_zone(rating.rated_at)
        if row is None:
            new.append({"session_id": sessions[number], "score": rating.score, "rated_at": rated_at})
        elif (row.score, row.rated_at) != (rating.score, rated_at):
            row.score, row.rated_at = rating.score, rated_at
            changes.changed += 1
        else:
            changes.unchanged += 1
    _insert(session, RatingRow, clinic.id, [row | {"created_at": now} for row in new])
    session.flush()
    changes.new = len(new)
    return changes


def _in_zone(moment: datetime | None) -> datetime | None:
    """A moment whose zone was not said is UTC, as docs/import.md has it."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _dyads(
    session: Session, clinic_id: UUID, pairs: list[tuple[UUID, UUID]], now: datetime
) -> dict[tuple[UUID, UUID], UUID]:
    known = ratings.dyads(session)
    missing = {pair: new_key() for pair in dict.fromkeys(pairs) if pair not in known}
    rows = [{"id": key, "client_id": c, "therapist_id": t, "created_at": now} for (c, t), key in missing.items()]
    _insert(session, DyadRow, clinic_id, rows)
    return known | missing


def _sessions(session: Session, clinic_id: UUID, numbers: list[tuple[UUID, int]]) -> dict[tuple[UUID, int], UUID]:
    known = ratings.sessions_of_dyads(session)
    missing = {number: new_key() for number in dict.fromkeys(numbers) if number not in known}
    rows = [{"id": key, "dyad_id": dyad, "number": number} for (dyad, number), key in missing.items()]
    _insert(session, SessionRow, clinic_id, rows)
    return known | missing


def _insert(session: Session, kind: type[Any], clinic_id: UUID, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(kind), [row | {"clinic_id": clinic_id} for row in rows])
