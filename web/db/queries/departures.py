"""Departures of therapists, and what they hand on of their work with clients."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from web.db.tables import (
    CaseRow,
    DepartureRow,
    DyadRow,
    HandoverRow,
    PlacementRow,
    RatingRow,
    SessionRow,
    TherapistRow,
)

_ANEW = {"populate_existing": True}


def open_of(session: Session, therapist_ids: Collection[UUID]) -> dict[UUID, DepartureRow]:
    """Therapist → their departure that was not called off."""
    found = select(DepartureRow).where(
        DepartureRow.therapist_id.in_(therapist_ids), DepartureRow.called_off_at.is_(None)
    )
    found = found.order_by(DepartureRow.made_at, DepartureRow.id)
    return {row.therapist_id: row for row in session.scalars(found.execution_options(**_ANEW))}


def every_open(session: Session) -> dict[UUID, DepartureRow]:
    """The same of everybody."""
    found = select(DepartureRow).where(DepartureRow.called_off_at.is_(None))
    return {row.therapist_id: row for row in session.scalars(found.order_by(DepartureRow.made_at, DepartureRow.id))}


def therapist(session: Session, key: UUID) -> TherapistRow | None:
    """The therapist with a key."""
    return session.scalar(select(TherapistRow).where(TherapistRow.id == key))


def had(session: Session, therapist_id: UUID) -> Sequence[PlacementRow]:
    """The places of a therapist that are open, and those that ended because they leave; the oldest first."""
    found = select(PlacementRow).where(
        PlacementRow.therapist_id == therapist_id,
        (PlacementRow.state != "ended") | (PlacementRow.ended_because == "departure"),
    )
    return session.scalars(found.order_by(PlacementRow.made_at, PlacementRow.id)).all()


def open_dyads(session: Session, therapist_id: UUID) -> Sequence[Row[Any]]:
    """(client, last: their last session of which the day is known) of a therapist's open dyads without a case here."""
    no_case = ~select(CaseRow.id).where(CaseRow.client_id == DyadRow.client_id).exists()
    return session.execute(_last().where(DyadRow.therapist_id == therapist_id, no_case)).all()


def last_elsewhere(session: Session, client_ids: Collection[UUID], therapist_id: UUID) -> dict[UUID, datetime]:
    """Client → their last session of which the day is known with somebody else whom they still meet."""
    found = _last().where(DyadRow.therapist_id != therapist_id, DyadRow.client_id.in_(client_ids))
    last: dict[UUID, datetime] = {}
    for row in session.execute(found):
        if row.last is not None:
            last[row.client_id] = max(row.last, last.get(row.client_id, row.last))
    return last


def _last() -> Select[Any]:
    """(client, last session of which the day is known) of open dyads."""
    found = select(DyadRow.client_id, func.max(RatingRow.rated_at).label("last"))
    found = found.outerjoin(SessionRow, SessionRow.dyad_id == DyadRow.id)
    found = found.outerjoin(RatingRow, RatingRow.session_id == SessionRow.id)
    return found.where(DyadRow.ended_at.is_(None)).group_by(DyadRow.id, DyadRow.client_id)


def handovers(session: Session, client_ids: Collection[UUID]) -> Sequence[Row[tuple[HandoverRow, TherapistRow]]]:
    """(note, who wrote it) about these clients, the newest first."""
    of_therapist = (TherapistRow.id == HandoverRow.therapist_id) & (TherapistRow.clinic_id == HandoverRow.clinic_id)
    found = select(HandoverRow, TherapistRow).join(TherapistRow, of_therapist)
    found = found.where(HandoverRow.client_id.in_(client_ids)).order_by(HandoverRow.written_at.desc(), HandoverRow.id)
    return session.execute(found).all()


def handover(session: Session, client_id: UUID, therapist_id: UUID) -> HandoverRow | None:
    """What a therapist hands on about a client, and nobody else changes it until the transaction ends."""
    found = select(HandoverRow).where(HandoverRow.client_id == client_id, HandoverRow.therapist_id == therapist_id)
    return session.scalar(found.with_for_update().execution_options(**_ANEW))


def handover_by_id(session: Session, key: UUID) -> HandoverRow | None:
    """The same by its key."""
    found = select(HandoverRow).where(HandoverRow.id == key)
    return session.scalar(found.with_for_update().execution_options(**_ANEW))
