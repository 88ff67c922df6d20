"""Messages to be sent."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.db.tables import OutboxRow


def is_known(session: Session, key: str) -> bool:
    """Whether a message with this key was promised, or sent, already."""
    return session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None
