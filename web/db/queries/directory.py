"""A clinic's therapists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import TherapistRow
from web.db.tables.base import Document

_AT_ONCE = 500


def every(session: Session) -> list[TherapistRow]:
    """Every therapist, in the order of external ids."""
    return list(session.scalars(select(TherapistRow).order_by(TherapistRow.external_id)))


def profiles(session: Session) -> Iterator[Row[tuple[str, str, int, Document]]]:
    """(external_id, name, capacity, profile) of every therapist, some at a time: ten thousand need little room then."""
    found = select(TherapistRow.external_id, TherapistRow.name, TherapistRow.capacity, TherapistRow.profile)
    yield from session.execute(found.order_by(TherapistRow.external_id).execution_options(yield_per=_AT_ONCE))


def some(session: Session, external_ids: Sequence[str]) -> list[TherapistRow]:
    """The therapists with these external ids."""
    return [
        row
        for start in range(0, len(external_ids), _AT_ONCE)
        for row in session.scalars(
            select(TherapistRow).where(TherapistRow.external_id.in_(external_ids[start : start + _AT_ONCE]))
        )
    ]


def keys(session: Session) -> dict[str, object]:
    """External id → key."""
    return {row[0]: row[1] for row in session.execute(select(TherapistRow.external_id, TherapistRow.id))}


def count(session: Session) -> int:
    """How many therapists there are."""
    return session.scalar(select(func.count(TherapistRow.id))) or 0
