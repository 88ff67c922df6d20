"""Tablets of a clinic on which clients check in, the codes for them, and the hours that codes can be shown for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from web.db.tables import AppointmentRow, KioskCodeRow, KioskRow, RatingRow, TherapistRow

_ANEW = {"populate_existing": True}


def by_hash(session: Session, token_hash: bytes, *, locked: bool = False) -> KioskRow | None:
    """The tablet of a token; ``locked`` so that nobody else changes it until the transaction ends."""
    found = select(KioskRow).where(KioskRow.token_hash == token_hash).execution_options(**_ANEW)
    return session.scalar(found.with_for_update() if locked else found)


def code(session: Session, code_hash: bytes) -> KioskCodeRow | None:
    """A code, that nobody else uses until the transaction ends."""
    found = select(KioskCodeRow).where(KioskCodeRow.code_hash == code_hash)
    return session.scalar(found.with_for_update().execution_options(**_ANEW))


def forget_codes(session: Session, session_id: UUID, *, before: datetime) -> None:
    """Let a session have no code any more, and nobody one that has run out."""
    old = delete(KioskCodeRow).where((KioskCodeRow.session_id == session_id) | (KioskCodeRow.expires_at <= before))
    session.execute(old)


def unrated(session: Session, since: datetime, *, not_of: UUID) -> Sequence[Row[Any]]:
    """(AppointmentRow, TherapistRow) of unrated hours since a moment, the last first, without one person's own."""
    found = (
        select(AppointmentRow, TherapistRow)
        .join(TherapistRow, TherapistRow.id == AppointmentRow.therapist_id)
        .join(RatingRow, RatingRow.session_id == AppointmentRow.session_id, isouter=True)
        .where(
            AppointmentRow.state == "held",
            AppointmentRow.begins_at >= since,
            RatingRow.id.is_(None),
            TherapistRow.person_id.is_distinct_from(not_of),
        )
    )
    return session.execute(found.order_by(AppointmentRow.begins_at.desc(), AppointmentRow.id)).all()
