"""Messages that are promised in the same transaction as what they tell of; a worker sends them.

A message holds codes and what its page will say anyway, never what somebody wrote; its subject names nobody.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from web.db.queries import outbox
from web.db.tables import OutboxRow


def promise(session: Session, kind: str, key: str, recipient: str | None, *, now: datetime, **params: str) -> None:
    """Let a message be sent once: ``key`` names it. Where there is nobody to write to, there is no message."""
    if not recipient or outbox.is_known(session, f"{kind}:{key}"):
        return
    row = OutboxRow(
        kind=kind, key=f"{kind}:{key}", recipient=recipient, params=dict(params), due_at=now, created_at=now
    )
    session.add(row)
    session.flush()
