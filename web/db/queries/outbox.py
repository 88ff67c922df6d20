"""Messages to be sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from web.db.tables import OutboxRow

_WAITS = OutboxRow.state == "waiting"
_ANEW = {"populate_existing": True}


def is_known(session: Session, key: str) -> bool:
    """Whether a message with this key was promised, or sent, already."""
    return session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None


def has_due(session: Session, now: datetime) -> bool:
    """Whether any message is due."""
    return session.scalar(select(OutboxRow.id).where(_WAITS, OutboxRow.due_at <= now).limit(1)) is not None


def due(session: Session, now: datetime) -> OutboxRow | None:
    """The message that has been due longest, which nobody else claims until the transaction ends."""
    found = select(OutboxRow).where(_WAITS, OutboxRow.due_at <= now).order_by(OutboxRow.due_at, OutboxRow.id)
    return session.scalar(found.limit(1).with_for_update(skip_locked=True).execution_options(**_ANEW))


def locked(session: Session, key: UUID) -> OutboxRow | None:
    """A message that nobody else changes until the transaction ends."""
    return session.scalar(select(OutboxRow).where(OutboxRow.id == key).with_for_update().execution_options(**_ANEW))


def give_up(session: Session, *, before: datetime) -> None:
    """Send nothing any more that was promised before a moment, and forget to whom."""
    old = update(OutboxRow).where(_WAITS, OutboxRow.created_at < before)
    session.execute(old.values(state="failed", recipient=""))
