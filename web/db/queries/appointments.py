"""Appointments, and the sessions that they become."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import AlertRow, AppointmentRow, DyadRow, PlacementRow, SessionRow, TherapistRow

_ANEW = {"populate_existing": True}


def by_id(session: Session, key: UUID) -> AppointmentRow | None:
    """The appointment with a key, that nobody else changes until the transaction ends."""
    found = select(AppointmentRow).where(AppointmentRow.id == key).with_for_update(key_share=True)
    return session.scalar(found.execution_options(**_ANEW))


def of_session(session: Session, session_id: UUID) -> AppointmentRow | None:
    """The appointment that became a session; None for one that was brought in from a file."""
    return session.scalar(select(AppointmentRow).where(AppointmentRow.session_id == session_id))


def of_pair(session: Session, client_id: UUID, therapist_id: UUID) -> Sequence[AppointmentRow]:
    """Every appointment of a client with a therapist, the earliest first."""
    found = select(AppointmentRow).where(
        AppointmentRow.client_id == client_id, AppointmentRow.therapist_id == therapist_id
    )
    return session.scalars(found.order_by(AppointmentRow.begins_at).execution_options(**_ANEW)).all()


def to_come(session: Session, client_id: UUID, now: datetime) -> Sequence[Row[tuple[datetime, str]]]:
    """(begins at, therapist's name) of what is planned for a client from now on, the earliest first."""
    of_therapist = (TherapistRow.id == AppointmentRow.therapist_id) & (
        TherapistRow.clinic_id == AppointmentRow.clinic_id
    )
    found = (
        select(AppointmentRow.begins_at, TherapistRow.name)
        .join(TherapistRow, of_therapist)
        .where(AppointmentRow.client_id == client_id, AppointmentRow.state == "planned", AppointmentRow.begins_at > now)
    )
    return session.execute(found.order_by(AppointmentRow.begins_at)).all()


def begun(session: Session, now: datetime) -> Sequence[AppointmentRow]:
    """Planned appointments that have begun, the earliest first, that nobody else changes until the transaction ends."""
    found = select(AppointmentRow).where(AppointmentRow.state == "planned", AppointmentRow.begins_at <= now)
    ordered = found.order_by(AppointmentRow.begins_at, AppointmentRow.id)
    return session.scalars(ordered.with_for_update(key_share=True).execution_options(**_ANEW)).all()


def place_of(session: Session, client_id: UUID, therapist_id: UUID) -> PlacementRow | None:
    """The place that a client has with a therapist at present."""
    found = select(PlacementRow).where(PlacementRow.client_id == client_id, PlacementRow.therapist_id == therapist_id)
    return session.scalar(found.where(PlacementRow.state == "given").execution_options(**_ANEW))


def dyad(session: Session, client_id: UUID, therapist_id: UUID) -> DyadRow | None:
    """A client and a therapist who have met."""
    return session.scalar(select(DyadRow).where(DyadRow.client_id == client_id, DyadRow.therapist_id == therapist_id))


def open_alert(session: Session, dyad_id: UUID) -> AlertRow | None:
    """The alert of a dyad that is open."""
    return session.scalar(select(AlertRow).where(AlertRow.dyad_id == dyad_id, AlertRow.settled_at.is_(None)))


def last_number(session: Session, dyad_id: UUID) -> int:
    """The number of a dyad's last session; 0 before the first."""
    return session.scalar(select(func.max(SessionRow.number)).where(SessionRow.dyad_id == dyad_id)) or 0


def session_row(session: Session, key: UUID) -> SessionRow | None:
    """The session with a key."""
    return session.scalar(select(SessionRow).where(SessionRow.id == key))
