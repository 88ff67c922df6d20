"""Tokens of programs: shown once, kept as a hash, bound to a clinic, with scopes and an end."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db import tenancy
from web.db.queries import tokens
from web.db.tables import ApiTokenRow
from web.services import audit

SCOPES = (
    "matches", "model:read", "weights:read", "weights:write", "queue:read", "proposals:read", "proposals:write",
    "requests:write",
)  # fmt: skip
USUAL = ("matches",)  # what a token may do unless more is asked for
PREFIX = "rapport_"
LONGEST = 200  # longer than any token of ours: not worth a hash
DAYS = 90


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a token of a clinic, and what it may do."""

    clinic_id: UUID
    token_id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as it is known: never the token itself."""

    id: UUID
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def issue(session: Session, *, now: datetime, days: int = DAYS, scopes: Sequence[str] = USUAL) -> str:
    """A new token of the clinic that the session has entered. It cannot be shown again."""
    for scope in scopes:
        if scope not in SCOPES:
            raise InvalidInput("scope", scope, f"expected one of {', '.join(SCOPES)}")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiTokenRow(
        token_hash=_hash(token),
        scopes=list(dict.fromkeys(scopes)),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    audit.record(session, "token.issued", now=now, subject=str(row.id), days=days)
    return token


def every(session: Session) -> list[Issued]:
    """The tokens of the clinic that the session has entered, the newest first."""
    return [
        Issued(row.id, tuple(row.scopes), row.created_at, row.expires_at, row.revoked_at)
        for row in tokens.every(session)
    ]


def revoke(session: Session, token_id: UUID | None, *, now: datetime) -> int:
    """End a token of the clinic now, or (None) each that is still valid; how many that were. Raises InvalidInput."""
    found = [row for row in tokens.every(session) if token_id in (None, row.id)]
    if token_id is not None and not found:
        raise InvalidInput("token", str(token_id), "no token of this clinic has this id; see: rapport token list")
    ended = [row for row in found if row.revoked_at is None and row.expires_at > now]
    for row in ended:
        row.revoked_at = now
        audit.record(session, "token.revoked", now=now, subject=str(row.id))
    session.flush()
    return len(ended)


def verify(session: Session, token: str, *, now: datetime | None = None) -> Caller | None:
    """Whose token this is, or None where it is not valid; the session has then entered that clinic."""
    if not token.startswith(PREFIX) or len(token) > LONGEST:
        return None
    row = tokens.by_hash(session, _hash(token))
    if row is None or row.revoked_at is not None or row.expires_at <= (now or datetime.now(UTC)):
        return None
    tenancy.enter(session, row.clinic_id)
    return Caller(row.clinic_id, row.id, frozenset(row.scopes))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
