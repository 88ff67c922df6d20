"""The clients who came last, so that weights can be tried on what they were looking for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import ClientRow, IntakeRow, IntakeVersionRow


def stamp(session: Session) -> tuple[int, int, datetime | None]:
    """What changes whenever a client comes, goes or says something new: (clients, their versions, the newest)."""
    found = select(func.count(ClientRow.id), func.sum(ClientRow.intake_version), func.max(ClientRow.created_at))
    n_clients, n_versions, newest = session.execute(found).one()
    return n_clients, n_versions or 0, newest


def clients(session: Session, most: int) -> Sequence[Row[tuple[UUID, datetime | None]]]:
    """(key, when it was sent) of the last clients: first who sent an intake here, then who was brought in."""
    sent_at = func.max(IntakeRow.sent_at)
    found = select(ClientRow.id, sent_at.label("sent_at"))
    found = found.outerjoin(
        IntakeRow, (IntakeRow.client_id == ClientRow.id) & (IntakeRow.clinic_id == ClientRow.clinic_id)
    )
    found = found.group_by(ClientRow.id).order_by(
        sent_at.desc().nulls_last(), ClientRow.created_at.desc(), ClientRow.external_id
    )
    return session.execute(found.limit(most)).all()


def answers(session: Session, keys: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Client → the answers that count."""
    counts_now = (IntakeVersionRow.client_id == ClientRow.id) & (IntakeVersionRow.version == ClientRow.intake_version)
    found = select(ClientRow.id, IntakeVersionRow.answers).join(IntakeVersionRow, counts_now)
    return {row[0]: row[1] for row in session.execute(found.where(ClientRow.id.in_(keys)))}
