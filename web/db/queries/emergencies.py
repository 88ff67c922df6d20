"""Courses that were opened in an emergency, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.db.tables import ClientRow, EmergencyAccessRow, TherapistRow

_OF = EmergencyAccessRow


def by_id(session: Session, key: UUID) -> EmergencyAccessRow | None:
    """The opening with a key."""
    return session.scalar(select(_OF).where(_OF.id == key))


def open_of(session: Session, person_id: UUID, client_id: UUID, now: datetime) -> EmergencyAccessRow | None:
    """What a person has open of a client just now."""
    found = (row for row in open_by(session, person_id, now) if row.client_id == client_id)
    return next(found, None)


def open_by(session: Session, person_id: UUID, now: datetime) -> Sequence[EmergencyAccessRow]:
    """All that a person has open just now, the newest first."""
    found = select(_OF).where(_OF.person_id == person_id, _OF.ended_at.is_(None), _OF.until > now)
    return session.scalars(found.order_by(_OF.begun_at.desc())).all()


def since(session: Session, moment: datetime) -> Sequence[EmergencyAccessRow]:
    """All that was opened since a moment, the newest first."""
    return session.scalars(select(_OF).where(_OF.begun_at >= moment).order_by(_OF.begun_at.desc())).all()


def of_client(session: Session, client_id: UUID) -> Sequence[EmergencyAccessRow]:
    """All that was opened of a client, the newest first."""
    return session.scalars(select(_OF).where(_OF.client_id == client_id).order_by(_OF.begun_at.desc())).all()


def client(session: Session, named: str) -> UUID | None:
    """The client with this key or number of the clinic's own."""
    try:
        found = select(ClientRow.id).where(ClientRow.id == UUID(named))
    except ValueError:
        found = select(ClientRow.id).where(ClientRow.external_id == named)
    return session.scalar(found)


def therapist_name(session: Session, key: UUID) -> str:
    """The name of a therapist."""
    return session.scalar(select(TherapistRow.name).where(TherapistRow.id == key)) or ""
