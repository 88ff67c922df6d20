"""Messages to be sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from web.db.tables import OutboxRow

_WAITS = OutboxRow.state == "waiting"
_TO_TRY = (OutboxRow.state == "failed", OutboxRow._recipient.is_not(None))
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
    session.execute(old.values(state="failed", _recipient=None))
    failed = update(OutboxRow).where(*_TO_TRY)
    session.execute(failed.where(OutboxRow.created_at < before).values(_recipient=None))


def counts(session: Session, since: datetime) -> dict[str, int]:
    """State → how many messages: all that wait, and those that were promised since and were sent or have failed."""
    is_settled = (OutboxRow.state != "sent") | OutboxRow.sent_at.is_not(None)  # not those that were needed no more
    found = select(OutboxRow.state, func.count(OutboxRow.id)).where(
        _WAITS | (OutboxRow.created_at >= since), is_settled
    )
    return {row[0]: row[1] for row in session.execute(found.group_by(OutboxRow.state))}


def count_to_try(session: Session) -> int:
    """How many failed messages are known well enough to be sent after all."""
    return session.scalar(select(func.count(OutboxRow.id)).where(*_TO_TRY)) or 0


def try_again(session: Session, now: datetime) -> int:
    """Let failed messages wait anew; how many."""
    anew = update(OutboxRow).where(*_TO_TRY).values(state="waiting", attempts=0, due_at=now)
    return int(session.execute(anew).rowcount)  # type: ignore[attr-defined]
