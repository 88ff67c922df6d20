"""Intakes under way and sent, their flags and places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from web.db.tables import ClientRow, FlagRow, IntakeRow, IntakeVersionRow, PlaceRow
from web.db.tenancy import STATED_ONCE

_KEPT = (
    IntakeRow.id,
    IntakeRow.client_id,
    IntakeRow.answers,
    IntakeRow.changed_at,
    IntakeRow.expires_at,
    IntakeRow.sent_at,
)


_SAME = (FlagRow.intake_id == IntakeRow.id) & (FlagRow.clinic_id == IntakeRow.clinic_id)
# Stated once: every page of a client asks it
_WITH_FLAGS = (
    select(*_KEPT, FlagRow.kind)
    .outerjoin(FlagRow, _SAME)
    .where(IntakeRow.link_hash == bindparam("link_hash"))
    .execution_options(**STATED_ONCE)
)


def by_hash(session: Session, link_hash: bytes) -> IntakeRow | None:
    """The intake behind a link."""
    return session.scalar(select(IntakeRow).where(IntakeRow.link_hash == link_hash))


def with_flags(session: Session, link_hash: bytes) -> Sequence[Row]:
    """The intake behind a link, a row for each of its flags, or one without: a page asks for both, at once."""
    return session.execute(_WITH_FLAGS, {"link_hash": link_hash}).all()


def locked(session: Session, key: UUID) -> IntakeRow:
    """An intake that nobody else changes until the transaction ends."""
    found = select(IntakeRow).where(IntakeRow.id == key).with_for_update().execution_options(populate_existing=True)
    return session.execute(found).scalar_one()


def client(session: Session, key: UUID) -> ClientRow:
    """The client of an intake that was sent."""
    return session.execute(select(ClientRow).where(ClientRow.id == key)).scalar_one()


def of_client(session: Session, client_id: UUID) -> IntakeRow | None:
    """The intake that a client sent last."""
    found = select(IntakeRow).where(IntakeRow.client_id == client_id)
    return session.scalar(found.order_by(IntakeRow.sent_at.desc(), IntakeRow.id.desc()).limit(1))


def email_of(session: Session, client_id: UUID) -> str | None:
    """Where a client who left an address can be written to."""
    row = of_client(session, client_id)
    return row.answers.get("contact", {}).get("email") if row is not None else None


def current_version(session: Session, client_id: UUID) -> IntakeVersionRow:
    """The version of a client's intake that counts."""
    counts_now = (IntakeVersionRow.client_id == ClientRow.id) & (IntakeVersionRow.version == ClientRow.intake_version)
    found = select(IntakeVersionRow).join(ClientRow, counts_now).where(ClientRow.id == client_id)
    return session.execute(found).scalar_one()


def flag(session: Session, intake_id: UUID, kind: str) -> FlagRow | None:
    """The flag of a kind on an intake."""
    return session.scalar(select(FlagRow).where(FlagRow.intake_id == intake_id, FlagRow.kind == kind))


def locked_flag(session: Session, intake_id: UUID, kind: str) -> FlagRow | None:
    """The same, and nobody else changes it until the transaction ends."""
    found = select(FlagRow).where(FlagRow.intake_id == intake_id, FlagRow.kind == kind).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def waiting_flags(session: Session) -> Sequence[Row[tuple[FlagRow, IntakeRow]]]:
    """(flag, intake) that nobody has looked at, the oldest first."""
    found = select(FlagRow, IntakeRow).join(IntakeRow, IntakeRow.id == FlagRow.intake_id)
    return session.execute(found.where(FlagRow.seen_at.is_(None)).order_by(FlagRow.raised_at)).all()


def flags_seen(session: Session, kind: str, since: datetime) -> Sequence[Row[tuple[FlagRow, IntakeRow]]]:
    """(flag, intake) of a kind that somebody has looked after since a moment, the newest first."""
    found = select(FlagRow, IntakeRow).join(IntakeRow, IntakeRow.id == FlagRow.intake_id)
    seen = found.where(FlagRow.kind == kind, FlagRow.seen_at >= since)
    return session.execute(seen.order_by(FlagRow.seen_at.desc(), FlagRow.id)).all()


def places(session: Session) -> list[PlaceRow]:
    """The clinic's places, by name."""
    return list(session.scalars(select(PlaceRow).order_by(PlaceRow.name, PlaceRow.code)))
