"""Lists that were shown."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from web.db.tables import IntakeVersionRow, ShownListRow, ShownMatchRow
from web.db.tenancy import STATED_ONCE

_HEAD = (
    ShownListRow.id,
    ShownListRow.intake_version_id,
    ShownListRow.weights_version,
    ShownListRow.model_version,
    ShownListRow.refusals,
    ShownListRow.remedies,
    ShownListRow.notes,
    ShownListRow.wanted,
    ShownListRow.made_at,
)
_PLACES = (
    ShownMatchRow.place,
    ShownMatchRow.score,
    ShownMatchRow.propensity,
    ShownMatchRow.contributions,
    ShownMatchRow.explanation,
)


_NEWEST = (
    select(ShownListRow.id)
    .join(IntakeVersionRow, IntakeVersionRow.id == ShownListRow.intake_version_id)
    .where(IntakeVersionRow.client_id == bindparam("client_id"))
    .order_by(ShownListRow.made_at.desc(), ShownListRow.id.desc())
    .limit(1)
    .execution_options(**STATED_ONCE)
)
_LATEST = _NEWEST.with_only_columns(*_HEAD, maintain_column_froms=True)


def newest(session: Session, client_id: UUID) -> UUID | None:
    """Which list is the newest of a client."""
    return session.scalar(_NEWEST, {"client_id": client_id})


def latest(session: Session, client_id: UUID) -> Row | None:
    """The newest list of a client, without its places."""
    return session.execute(_LATEST, {"client_id": client_id}).first()


def places(session: Session, list_id: UUID, most: int) -> Sequence[Row]:
    """The first places of a list, in order."""
    found = select(*_PLACES).where(ShownMatchRow.list_id == list_id, ShownMatchRow.place <= most)
    return session.execute(found.order_by(ShownMatchRow.place)).all()


def by_id(session: Session, list_id: UUID) -> Row[tuple[ShownListRow, IntakeVersionRow]] | None:
    """A list's head, and the version of the intake that it was made for."""
    found = select(ShownListRow, IntakeVersionRow).join(
        IntakeVersionRow, IntakeVersionRow.id == ShownListRow.intake_version_id
    )
    return session.execute(found.where(ShownListRow.id == list_id)).first()
