"""Questionnaires that clients filled in, and how far their care has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import (
    AppointmentRow,
    ClientRow,
    DyadRow,
    InstrumentRow,
    MeasureRow,
    PlacementRow,
    SessionRow,
)

_ANEW = {"populate_existing": True}


def of_client(session: Session, client_id: UUID) -> Sequence[MeasureRow]:
    """All that a client filled in, or whose scores were brought in, the oldest first."""
    found = select(MeasureRow).where(MeasureRow.client_id == client_id)
    return session.scalars(found.order_by(MeasureRow.said_at, MeasureRow.id)).all()


def said_at(session: Session, client_id: UUID, measure_id: UUID) -> Sequence[MeasureRow]:
    """All that a client filled in with one of theirs, as one check, that nobody else changes until the end."""
    one = select(MeasureRow.said_at).where(MeasureRow.client_id == client_id, MeasureRow.id == measure_id)
    found = select(MeasureRow).where(
        MeasureRow.client_id == client_id, MeasureRow.moment != "imported", MeasureRow.said_at == one.scalar_subquery()
    )
    return session.scalars(found.with_for_update().execution_options(**_ANEW)).all()


def latest(session: Session, client_id: UUID) -> MeasureRow | None:
    """What a client filled in last here; scores that were brought in from elsewhere do not count."""
    found = select(MeasureRow).where(MeasureRow.client_id == client_id, MeasureRow.moment != "imported")
    return session.scalar(found.order_by(MeasureRow.said_at.desc(), MeasureRow.id.desc()).limit(1))


def since(session: Session, client_id: UUID, code: str, moment: str, start: datetime) -> MeasureRow | None:
    """What a client filled in of one questionnaire, at one moment of their care, since then."""
    found = select(MeasureRow).where(
        MeasureRow.client_id == client_id, MeasureRow.instrument == code, MeasureRow.moment == moment
    )
    recent = found.where(MeasureRow.said_at > start).order_by(MeasureRow.said_at.desc()).limit(1)
    return session.scalar(recent.execution_options(**_ANEW))


def imported(session: Session) -> Sequence[Row[tuple[MeasureRow, str]]]:
    """(row, the client's external id) of every score that was brought in."""
    found = select(MeasureRow, ClientRow.external_id).join(ClientRow, ClientRow.id == MeasureRow.client_id)
    return session.execute(found.where(MeasureRow.moment == "imported")).all()


def locked_client(session: Session, client_id: UUID) -> ClientRow:
    """A client, of whom nobody else writes down anything until the transaction ends."""
    found = select(ClientRow).where(ClientRow.id == client_id).with_for_update(key_share=True)
    return session.execute(found.execution_options(**_ANEW)).scalar_one()


def instruments(session: Session) -> Sequence[InstrumentRow]:
    """Every questionnaire that was brought in, also those that are used no more, the oldest first."""
    return session.scalars(select(InstrumentRow).order_by(InstrumentRow.added_at, InstrumentRow.id)).all()


def instrument(session: Session, code: str, version: str) -> InstrumentRow | None:
    """The questionnaire of a code and version."""
    found = select(InstrumentRow).where(InstrumentRow.code == code, InstrumentRow.version == version)
    return session.scalar(found)


def has_place(session: Session, client_id: UUID) -> bool:
    """Whether a therapist has given the client a place."""
    found = select(PlacementRow.id).where(PlacementRow.client_id == client_id, PlacementRow.state == "given")
    return session.scalar(found.limit(1)) is not None


def first_planned(
    session: Session, now: datetime, until: datetime, made_before: datetime, placement_id: UUID | None = None
) -> Sequence[Row[tuple[UUID, UUID]]]:
    """(place, client) of those who meet their therapist between two moments and have met nobody so far.

    Only what was planned before ``made_before`` counts; of one place, where one is named.
    """
    met = select(SessionRow.id).join(DyadRow, DyadRow.id == SessionRow.dyad_id)
    pair = (AppointmentRow.client_id == PlacementRow.client_id) & (
        AppointmentRow.therapist_id == PlacementRow.therapist_id
    )
    found = (
        select(PlacementRow.id, PlacementRow.client_id)
        .join(AppointmentRow, pair)
        .where(
            PlacementRow.state == "given",
            AppointmentRow.state == "planned",
            AppointmentRow.begins_at > now,
            AppointmentRow.begins_at <= until,
            AppointmentRow.made_at <= made_before,
            ~met.where(DyadRow.client_id == PlacementRow.client_id).exists(),
        )
        .distinct()
        .order_by(PlacementRow.id)
    )
    if placement_id is not None:
        found = found.where(PlacementRow.id == placement_id)
    return session.execute(found).all()


def n_sessions(session: Session, client_id: UUID) -> int:
    """How many sessions the client has had, with whomever."""
    found = select(func.count(SessionRow.id)).join(DyadRow, DyadRow.id == SessionRow.dyad_id)
    return session.scalar(found.where(DyadRow.client_id == client_id)) or 0


def n_held_since(session: Session, client_id: UUID, start: datetime) -> int:
    """How many appointments of the client were held since a moment."""
    found: Any = select(func.count(AppointmentRow.id)).where(
        AppointmentRow.client_id == client_id, AppointmentRow.state == "held", AppointmentRow.ended_at > start
    )
    return session.scalar(found) or 0
