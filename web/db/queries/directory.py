"""A clinic's therapists."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from web.db.tables import TherapistRow


def every(session: Session) -> list[TherapistRow]:
    """Every therapist, in the order of external ids."""
    return list(session.scalars(select(TherapistRow).order_by(TherapistRow.external_id)))


def keys(session: Session) -> dict[str, object]:
    """External id → key."""
    return {row[0]: row[1] for row in session.execute(select(TherapistRow.external_id, TherapistRow.id))}


def count(session: Session) -> int:
    """How many therapists there are."""
    return session.scalar(select(func.count(TherapistRow.id))) or 0
