"""What clients said at the end of sessions, and the links by which they say it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.db.tables import CheckInRow, LinkRow, RatingRow

_ANEW = {"populate_existing": True}


def is_rated(session: Session, session_id: UUID) -> bool:
    """Whether the client has said something about a session."""
    return session.scalar(select(RatingRow.id).where(RatingRow.session_id == session_id)) is not None


def of_session(session: Session, session_id: UUID, *, locked: bool = False) -> CheckInRow | None:
    """What was said at the end of a session; ``locked`` so that nobody else changes it until the transaction ends."""
    found = select(CheckInRow).where(CheckInRow.session_id == session_id).execution_options(**_ANEW)
    return session.scalar(found.with_for_update() if locked else found)


def link(session: Session, token_hash: bytes, *, locked: bool = False) -> LinkRow | None:
    """The link of a token; ``locked`` so that nobody else uses it until the transaction ends."""
    found = select(LinkRow).where(LinkRow.token_hash == token_hash).execution_options(**_ANEW)
    return session.scalar(found.with_for_update() if locked else found)
