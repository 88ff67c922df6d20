"""How many there are of what, and what was done last: the numbers of a clinic's first page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from web.db.queries.waiting import count_overdue
from web.db.tables import AuditEventRow, DyadRow, ModelRow, RatingRow, TherapistRow


def free_places(session: Session, now: datetime) -> int:
    """How many new clients fit now, at all therapists together."""
    given_back = session.scalar(select(func.sum(TherapistRow.capacity))) or 0
    return given_back + sum(count_overdue(session, now).values())


def count_ratings(session: Session) -> int:
    """How many sessions were rated."""
    return session.scalar(select(func.count(RatingRow.id))) or 0


def count_clients_of(session: Session, therapist_id: UUID) -> int:
    """How many clients have met a therapist."""
    return session.scalar(select(func.count(DyadRow.id)).where(DyadRow.therapist_id == therapist_id)) or 0


def serving_model(session: Session) -> ModelRow | None:
    """The model that serves, without its file."""
    return session.scalar(select(ModelRow).where(ModelRow.serving))


def last_events(session: Session, most: int) -> list[AuditEventRow]:
    """The last events, the newest first."""
    found = select(AuditEventRow).order_by(AuditEventRow.sequence.desc()).limit(most)
    return list(session.scalars(found))
