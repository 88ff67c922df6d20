"""Tokens of programs, and the one look-up that comes before a clinic is known."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.db.tables import ApiTokenRow
from web.db.tenancy import ACROSS_CLINICS


def by_hash(session: Session, token_hash: bytes) -> ApiTokenRow | None:
    """The token with a hash, whosever it is."""
    found = select(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash)
    return session.scalar(found, execution_options=ACROSS_CLINICS)


def every(session: Session) -> list[ApiTokenRow]:
    """The tokens of the clinic, the newest first."""
    return list(session.scalars(select(ApiTokenRow).order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id.desc())))
