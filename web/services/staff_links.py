"""Links in mail to staff: an invitation, the way to a new password. 128 random bits, kept as a hash, used once.

An invitation lives for seven days, not six hours: somebody who begins on Monday is invited on Thursday, and until it is
accepted it opens nothing that anybody could read. The way to a new password opens an account, and lives for six hours.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import sign_ins
from web.db.tables import StaffLinkRow

INVITATION, RESET = "invitation", "reset"
LIVES = {INVITATION: timedelta(days=7), RESET: timedelta(hours=6)}
PATHS = {INVITATION: "/join/", RESET: "/sign-in/reset/"}
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class StaffLink:
    """A link that can be used."""

    id: UUID
    person_id: UUID


def make(session: Session, kind: str, person_id: UUID, *, now: datetime) -> str:
    """A new link of the clinic that the session has entered; its token, which is told to this person alone."""
    token = secrets.token_urlsafe(16)
    row = StaffLinkRow(
        kind=kind, person_id=person_id, token_hash=_hash(token), made_at=now, expires_at=now + LIVES[kind]
    )
    session.add(row)
    session.flush()
    return token


def of_token(session: Session, kind: str, token: str, *, now: datetime) -> StaffLink | None:
    """The link of a token while it can be used; looking at it changes nothing."""
    row = sign_ins.link(session, _hash(token)) if TOKEN.fullmatch(token) else None
    if row is None or row.kind != kind or row.used_at is not None or row.ended_at is not None:
        return None
    return StaffLink(row.id, row.person_id) if row.made_at <= now < row.expires_at else None


def use(session: Session, link: StaffLink, *, now: datetime) -> bool:
    """Use a link up; whether nobody else did so meanwhile."""
    return sign_ins.take_link(session, link.id, now=now)


def end(session: Session, kind: str, person_id: UUID, *, now: datetime) -> None:
    """Let no link of this kind to this person open anything any more."""
    sign_ins.end_links(session, person_id, kind, now=now)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
