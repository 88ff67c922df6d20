"""The draft of the weights, their versions, and what served when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from web.db.tables import AuditEventRow, WeightsActivationRow, WeightsDraftRow, WeightsRow


def draft(session: Session) -> WeightsDraftRow | None:
    """The clinic's draft, read anew: somebody may have changed it before the clinic was locked."""
    return session.scalar(select(WeightsDraftRow).execution_options(populate_existing=True))


def every_version(session: Session) -> list[WeightsRow]:
    """All versions, the oldest first."""
    return list(session.scalars(select(WeightsRow).order_by(WeightsRow.created_at, WeightsRow.id)))


def activations(session: Session, most: int) -> list[WeightsActivationRow]:
    """What served, serves and will serve, the latest beginning first."""
    return list(session.scalars(_latest_first().limit(most)))


def activation(session: Session, key: UUID) -> WeightsActivationRow | None:
    """One of them, read anew."""
    found = select(WeightsActivationRow).where(WeightsActivationRow.id == key)
    return session.scalar(found.execution_options(populate_existing=True))


def waiting(session: Session, now: datetime) -> list[WeightsActivationRow]:
    """Those that are still to begin."""
    of = WeightsActivationRow
    return list(session.scalars(_latest_first().where(of.effective_at > now, of.called_off_at.is_(None))))


def last_made(session: Session) -> datetime | None:
    """When the last of them was made."""
    return session.scalar(select(func.max(WeightsActivationRow.made_at)))


def begun(session: Session, version: str, now: datetime) -> list[WeightsActivationRow]:
    """Those by which a version has served."""
    of = WeightsActivationRow
    served = (of.version == version, of.effective_at <= now, of.called_off_at.is_(None))
    return list(session.scalars(_latest_first().where(*served)))


def count_acts(session: Session) -> int:
    """How many acts on the weights were written down."""
    counted = select(func.count(AuditEventRow.id)).where(AuditEventRow.action.startswith("weights."))
    return session.scalar(counted) or 0


def _latest_first() -> Select[tuple[WeightsActivationRow]]:
    of = WeightsActivationRow
    return select(of).order_by(of.effective_at.desc(), of.made_at.desc(), of.id.desc())
