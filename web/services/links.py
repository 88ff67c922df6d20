"""Private links for one purpose, used once: the check-in of a session, a client's well-being check.

A link is 128 random bits; the database holds only their hash. It is made when the message, or the page, that bears it
is written, so that nobody keeps it meanwhile: several links may lead to the same session, which is rated once all the
same. Looking at a link changes nothing, for programs that look through mail open every link.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import check_ins
from web.db.tables import LinkRow

CHECK_IN, WELL_BEING, REMINDERS = "check_in", "well_being", "reminders"
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
OPEN, USED, EXPIRED, ENDED = "open", "used", "expired", "ended"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for, and whether it still opens anything (``open``, ``used``, ``expired``, ``ended``).

    ``shown_by`` is on whose screen it stood; None where it was given to the client alone. Where the session was taken
    back, there is the appointment in its place.
    """

    id: UUID
    kind: str
    client_id: UUID
    session_id: UUID | None
    state: str
    used_at: datetime | None
    expires_at: datetime
    shown_by: str | None = None
    appointment_id: UUID | None = None


def make(
    session: Session,
    kind: str,
    client_id: UUID,
    *,
    session_id: UUID | None = None,
    now: datetime,
    until: datetime,
    shown_by: str | None = None,
) -> str:
    """A new link; its token, which is shown to this client alone."""
    token = secrets.token_urlsafe(16)
    row = LinkRow(
        kind=kind, client_id=client_id, session_id=session_id, token_hash=_hash(token), made_at=now, expires_at=until,
        shown_by=shown_by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return token


def of_token(session: Session, kind: str, token: str, *, now: datetime, locked: bool = False) -> Link | None:
    """The link of a token; None where there never was one of this kind, in the clinic that the session has entered."""
    row = check_ins.link(session, _hash(token), locked=locked) if TOKEN.fullmatch(token) else None
    if row is None or row.kind != kind:
        return None
    return Link(row.id, row.kind, row.client_id, row.session_id, _state(row, now), row.used_at, row.expires_at,
                row.shown_by, row.appointment_id)  # fmt: skip


def use(session: Session, token: str, *, now: datetime) -> None:
    """Note that a link has served its purpose."""
    row = check_ins.link(session, _hash(token), locked=True)
    if row is not None and row.used_at is None:
        row.used_at = now
        session.flush()


def used(session: Session, link: Link, *, now: datetime) -> None:
    """The same for a link that was read, and locked, in this transaction."""
    row = check_ins.link_of_key(session, link.id)
    if row is not None and row.used_at is None:
        row.used_at = now
        session.flush()


def _state(row: LinkRow, now: datetime) -> str:
    if row.used_at is not None:
        return USED
    if row.ended_at is not None:
        return ENDED
    return EXPIRED if row.expires_at <= now else OPEN


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
