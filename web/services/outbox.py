"""Messages that are promised in the same transaction as what they tell of; a worker sends them.

A message holds codes and what its page will say anyway, never what somebody wrote; its subject names nobody.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from web.db.queries import outbox
from web.db.tables import OutboxRow

TOO_OLD = timedelta(days=3)  # news of last week would only puzzle people


def promise(
    session: Session,
    kind: str,
    key: str,
    recipient: str | None,
    *,
    now: datetime,
    due_at: datetime | None = None,
    **params: str,
) -> None:
    """Let a message be sent once: ``key`` names it. Where there is nobody to write to, there is no message."""
    if not recipient or outbox.is_known(session, f"{kind}:{key}"):
        return
    row = OutboxRow(
        kind=kind, key=f"{kind}:{key}", recipient=recipient, params=dict(params), due_at=due_at or now, created_at=now
    )
    session.add(row)
    session.flush()


def give_up_old(session: Session, *, now: datetime) -> None:
    """Send nothing that has waited too long, as where there is no mail server, and forget to whom it was to go."""
    outbox.give_up(session, before=now - TOO_OLD)
