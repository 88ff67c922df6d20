"""The waiting list: cases, what was done about them, and the places that are kept for clients."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import (
    CaseEventRow,
    CaseRow,
    ClientRow,
    DepartureRow,
    IntakeVersionRow,
    PlacementRow,
    TherapistRow,
)

_ANEW = {"populate_existing": True}


def case(session: Session, client_id: UUID) -> CaseRow | None:
    """The case of a client."""
    return session.scalar(select(CaseRow).where(CaseRow.client_id == client_id))


def locked(session: Session, client_ids: Collection[UUID]) -> dict[UUID, CaseRow]:
    """Client → case, in one order for all, that nobody else changes until the transaction ends."""
    found = (
        select(CaseRow)
        .where(CaseRow.client_id.in_(client_ids))
        .order_by(CaseRow.client_id)
        .with_for_update(key_share=True)
    )
    return {row.client_id: row for row in session.scalars(found.execution_options(**_ANEW))}


def therapists_locked(session: Session, keys: Collection[UUID]) -> dict[UUID, TherapistRow]:
    """Key → therapist, in one order for all, that nobody else changes until the transaction ends."""
    found = (
        select(TherapistRow).where(TherapistRow.id.in_(keys)).order_by(TherapistRow.id).with_for_update(key_share=True)
    )
    return {row.id: row for row in session.scalars(found.execution_options(**_ANEW))}


def placements(session: Session, client_ids: Collection[UUID]) -> dict[UUID, PlacementRow]:
    """Client → the place that is open for them."""
    found = select(PlacementRow).where(PlacementRow.client_id.in_(client_ids), PlacementRow.state != "ended")
    return {row.client_id: row for row in session.scalars(found.execution_options(**_ANEW))}


def anew(session: Session, keys: Collection[UUID]) -> list[PlacementRow]:
    """These places as the database has them now, in the order of clients."""
    found = select(PlacementRow).where(PlacementRow.id.in_(keys)).order_by(PlacementRow.client_id, PlacementRow.id)
    return list(session.scalars(found.execution_options(**_ANEW)))


def placement(session: Session, key: UUID) -> PlacementRow | None:
    """The place with a key, as the database has it now."""
    return session.scalar(select(PlacementRow).where(PlacementRow.id == key).execution_options(**_ANEW))


def count_pending(session: Session) -> dict[UUID, int]:
    """Therapist → how many of their places are held, or asked for, at present."""
    found = select(PlacementRow.therapist_id, func.count(PlacementRow.id)).where(
        PlacementRow.state.in_(("held", "asked"))
    )
    return {row[0]: row[1] for row in session.execute(found.group_by(PlacementRow.therapist_id))}


def was_taken_away(session: Session, client_id: UUID) -> bool:
    """Whether the place that a client had last was given, and ended otherwise than by themselves."""
    found = select(PlacementRow).where(PlacementRow.client_id == client_id)
    last = session.scalar(found.order_by(PlacementRow.made_at.desc(), PlacementRow.id.desc()).limit(1))
    by_others = ("client_asked", "therapist_asked", "practical", "not_begun", "other", "undone", "departure")
    return last is not None and last.state == "ended" and last.ended_because in by_others and last.until is None


def ended_last(session: Session, client_id: UUID) -> PlacementRow | None:
    """The place of a client that ended last."""
    found = select(PlacementRow).where(PlacementRow.client_id == client_id, PlacementRow.state == "ended")
    return session.scalar(found.order_by(PlacementRow.ended_at.desc(), PlacementRow.id.desc()).limit(1))


def open_with(session: Session, therapist_id: UUID) -> list[PlacementRow]:
    """The places of a therapist that are open, the oldest first."""
    found = select(PlacementRow).where(PlacementRow.therapist_id == therapist_id, PlacementRow.state != "ended")
    return list(session.scalars(found.order_by(PlacementRow.made_at, PlacementRow.id)))


def overdue(session: Session, state: str, now: datetime) -> list[PlacementRow]:
    """The places in a state that ended with this moment, in the order of clients."""
    found = select(PlacementRow).where(PlacementRow.state == state, PlacementRow.until <= now)
    return list(session.scalars(found.order_by(PlacementRow.client_id)))


def count_overdue(session: Session, now: datetime) -> dict[UUID, int]:
    """Therapist → how many places holds that are over keep; what comes back to who is away is not free."""
    away = select(DepartureRow.id).where(
        DepartureRow.therapist_id == PlacementRow.therapist_id, DepartureRow.called_off_at.is_(None)
    )
    found = select(PlacementRow.therapist_id, func.count(PlacementRow.id)).where(is_overdue(now), ~away.exists())
    return {row[0]: row[1] for row in session.execute(found.group_by(PlacementRow.therapist_id))}


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Whether a place is held, and the hold is over."""
    return (PlacementRow.state == "held") & (PlacementRow.until <= now)


def events(session: Session, client_id: UUID) -> Sequence[CaseEventRow]:
    """What was done about a client, the oldest first."""
    found = select(CaseEventRow).where(CaseEventRow.client_id == client_id)
    return session.scalars(found.order_by(CaseEventRow.at, CaseEventRow.id)).all()


def waiting_clients(session: Session, most: int, now: datetime) -> Sequence[Row[Any]]:
    """(case, external id, intake's answers) of those who wait and have no place, the longest first."""
    placed = select(PlacementRow.id).where(
        PlacementRow.client_id == CaseRow.client_id, PlacementRow.state != "ended", ~is_overdue(now)
    )
    counts_now = (IntakeVersionRow.client_id == ClientRow.id) & (IntakeVersionRow.version == ClientRow.intake_version)
    found = (
        select(CaseRow, ClientRow.external_id, IntakeVersionRow.answers)
        .join(ClientRow, ClientRow.id == CaseRow.client_id)
        .join(IntakeVersionRow, counts_now)
        .where(CaseRow.state == "waiting", ~placed.exists())
    )
    return session.execute(found.order_by(CaseRow.waiting_since, CaseRow.id).limit(most)).all()


def kept_places(session: Session) -> dict[UUID, int]:
    """Therapist → how many of their places are kept for somebody."""
    found = select(PlacementRow.therapist_id, func.count(PlacementRow.id)).where(PlacementRow.state != "ended")
    return {row[0]: row[1] for row in session.execute(found.group_by(PlacementRow.therapist_id))}


def loads(session: Session) -> Sequence[Row[tuple[UUID, str, str, int]]]:
    """(key, external id, name, free places) of every therapist, by name."""
    found = select(TherapistRow.id, TherapistRow.external_id, TherapistRow.name, TherapistRow.capacity)
    return session.execute(found.order_by(TherapistRow.name, TherapistRow.external_id)).all()
