"""A clinic's therapists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from web.db.tables import TherapistRow, TherapistVersionRow
from web.db.tables.base import Document

_AT_ONCE = 500


def every(session: Session) -> list[TherapistRow]:
    """Every therapist, in the order of external ids."""
    return list(session.scalars(select(TherapistRow).order_by(TherapistRow.external_id)))


def every_locked(session: Session) -> list[TherapistRow]:
    """Every therapist as the database has them now, in the order of keys; nobody else changes them meanwhile."""
    found = select(TherapistRow).order_by(TherapistRow.id).with_for_update(key_share=True)
    return list(session.scalars(found.execution_options(populate_existing=True)))


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


def by_keys(session: Session, keys: Sequence[UUID]) -> list[TherapistRow]:
    """The therapists with these keys."""
    return list(session.scalars(select(TherapistRow).where(TherapistRow.id.in_(keys))))


def keys(session: Session) -> dict[str, object]:
    """External id → key."""
    return {row[0]: row[1] for row in session.execute(select(TherapistRow.external_id, TherapistRow.id))}


def names(session: Session) -> dict[str, str]:
    """External id → name."""
    return {row[0]: row[1] for row in session.execute(select(TherapistRow.external_id, TherapistRow.name))}


def count(session: Session) -> int:
    """How many therapists there are."""
    return session.scalar(select(func.count(TherapistRow.id))) or 0


def keep_version(session: Session, rows: Iterable[TherapistRow], version: int) -> None:
    """Keep these therapists as they are from a version of the directory on."""
    session.add_all(
        TherapistVersionRow(
            external_id=row.external_id,
            directory_version=version,
            name=row.name,
            capacity=row.capacity,
            profile=row.profile,
        )
        for row in rows
    )
    session.flush()


def changed_since(session: Session, version: int) -> Iterator[Row[tuple[str, str, int, Document]]]:
    """What ``profiles`` gives of those who changed after a version of the directory, or are new since then."""
    later = select(TherapistVersionRow.external_id).where(TherapistVersionRow.directory_version > version)
    found = select(TherapistRow.external_id, TherapistRow.name, TherapistRow.capacity, TherapistRow.profile)
    found = found.where(TherapistRow.external_id.in_(later)).order_by(TherapistRow.external_id)
    yield from session.execute(found.execution_options(yield_per=_AT_ONCE))


def profiles_at(
    session: Session, version: int, external_ids: Sequence[str] | None = None
) -> Iterator[Row[tuple[str, str, int, Document]]]:
    """What ``profiles`` gave when the directory was at a version, of everybody or of some."""
    of = TherapistVersionRow
    later = aliased(TherapistVersionRow)
    overtaken = (
        select(later.id)
        .where(
            later.clinic_id == of.clinic_id,
            later.external_id == of.external_id,
            later.directory_version > of.directory_version,
            later.directory_version <= version,
        )
        .exists()
    )
    found = select(of.external_id, of.name, of.capacity, of.profile)
    found = found.where(of.directory_version <= version, ~overtaken).order_by(of.external_id)
    if external_ids is None:
        yield from session.execute(found.execution_options(yield_per=_AT_ONCE))
    else:
        for start in range(0, len(external_ids), _AT_ONCE):
            yield from session.execute(found.where(of.external_id.in_(external_ids[start : start + _AT_ONCE])))
