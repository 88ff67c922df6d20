"""Cases: intakes by their key, with the flags by which a person looks after them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from web.db.tables import FlagRow, IntakeRow, PersonRow


def by_id(session: Session, key: UUID) -> IntakeRow | None:
    """The intake with a key."""
    return session.scalar(select(IntakeRow).where(IntakeRow.id == key))


def flags(session: Session, intake_id: UUID) -> list[FlagRow]:
    """The flags of an intake, the oldest first."""
    found = select(FlagRow).where(FlagRow.intake_id == intake_id)
    return list(session.scalars(found.order_by(FlagRow.raised_at, FlagRow.kind)))


def locked_flag(session: Session, key: UUID) -> FlagRow | None:
    """A flag that nobody else changes until the transaction ends."""
    found = select(FlagRow).where(FlagRow.id == key).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def flagged(session: Session, intake_ids: Collection[UUID], kind: str) -> set[UUID]:
    """Those of these intakes that bear, or bore, a flag of a kind."""
    found = select(FlagRow.intake_id).where(FlagRow.kind == kind, FlagRow.intake_id.in_(intake_ids))
    return set(session.scalars(found))


def intakes_of(session: Session, client_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Client → the intake that they sent last, of these clients."""
    found = select(IntakeRow.client_id, IntakeRow.id).where(IntakeRow.client_id.in_(client_ids))
    return {row.client_id: row.id for row in session.execute(found.order_by(IntakeRow.sent_at, IntakeRow.id))}


def count_sent(session: Session, since: datetime) -> int:
    """How many intakes were sent since a moment."""
    found = select(func.count(IntakeRow.id)).where(IntakeRow.sent_at.is_not(None), IntakeRow.sent_at >= since)
    return session.scalar(found) or 0


def count_open(session: Session, now: datetime) -> int:
    """How many intakes were begun and not sent yet, and can still go on."""
    found = select(func.count(IntakeRow.id)).where(IntakeRow.sent_at.is_(None), IntakeRow.expires_at > now)
    return session.scalar(found) or 0


def names(session: Session, people: Collection[UUID]) -> dict[UUID, str]:
    """Person → name of these people."""
    found = session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))
    return {row.id: row.name for row in found}
