"""Jobs: the one look across all clinics for what is due, and one clinic's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from web.db.tables import JobRow
from web.db.tenancy import ACROSS_CLINICS


def by_key(session: Session, key: str) -> JobRow | None:
    """A clinic's job, as it is told to whoever waits for it."""
    return session.scalar(select(JobRow).where(JobRow.key == key).execution_options(populate_existing=True))


def locked(session: Session, key: str) -> JobRow | None:
    """The same, and nobody else changes it until the transaction ends."""
    found = select(JobRow).where(JobRow.key == key).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def is_due(session: Session, kinds: Collection[str], now: datetime) -> bool:
    """Whether there is anything to do, at any clinic. Only looks, so that a worker without work locks nothing."""
    found = select(JobRow.id).where(_due(kinds, now)).limit(1)
    return session.scalar(found, execution_options=ACROSS_CLINICS) is not None


def next_due(session: Session, kinds: Collection[str], now: datetime) -> tuple[UUID, UUID] | None:
    """(job, clinic) of the one that waits longest, locked; one that another worker is looking at is passed over."""
    found = select(JobRow.id, JobRow.clinic_id).where(_due(kinds, now)).order_by(JobRow.due_at, JobRow.id).limit(1)
    row = session.execute(found.with_for_update(skip_locked=True), execution_options=ACROSS_CLINICS).one_or_none()
    return None if row is None else (row.id, row.clinic_id)


def by_id(session: Session, job_id: UUID) -> JobRow:
    """A job that is known to be there."""
    found = select(JobRow).where(JobRow.id == job_id)
    return session.execute(found.execution_options(populate_existing=True)).scalar_one()


def change_claimed(session: Session, job_id: UUID, attempt: int, values: Mapping[str, Any]) -> bool:
    """Change a job that is run in this attempt; False where another worker has claimed it since, or it has ended."""
    own = (JobRow.id == job_id, JobRow.attempts == attempt, JobRow.state == "running")
    return bool(session.execute(update(JobRow).where(*own).values(**values)).rowcount)  # type: ignore[attr-defined]


def every(session: Session) -> list[JobRow]:
    """A clinic's jobs, those asked for last first."""
    found = select(JobRow).order_by(JobRow.created_at.desc(), JobRow.id.desc())
    return list(session.scalars(found.execution_options(populate_existing=True)))


def _due(kinds: Collection[str], now: datetime) -> ColumnElement[bool]:
    waits = and_(JobRow.state == "waiting", JobRow.due_at <= now)
    was_left = and_(JobRow.state == "running", JobRow.leased_until <= now)
    return and_(JobRow.kind.in_(kinds), or_(waits, was_left))
