"""A clinic's clients, and the version of each intake that counts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from web.db.tables import ClientRow, IntakeVersionRow


def current(session: Session) -> Sequence[Row[tuple[ClientRow, dict[str, object]]]]:
    """Every client with the answers that count, in the order of external ids: (ClientRow, answers)."""
    counts_now = and_(IntakeVersionRow.client_id == ClientRow.id, IntakeVersionRow.version == ClientRow.intake_version)
    found = select(ClientRow, IntakeVersionRow.answers).join(IntakeVersionRow, counts_now)
    return session.execute(found.order_by(ClientRow.external_id)).all()


def keys(session: Session) -> dict[str, object]:
    """External id → key."""
    return {row[0]: row[1] for row in session.execute(select(ClientRow.external_id, ClientRow.id))}


def of_key(session: Session, key: UUID) -> ClientRow:
    """The client with a key that is known to exist, as the row is now."""
    found = select(ClientRow).where(ClientRow.id == key).execution_options(populate_existing=True)
    return session.execute(found).scalar_one()


def count(session: Session) -> int:
    """How many clients there are."""
    return session.scalar(select(func.count(ClientRow.id))) or 0
