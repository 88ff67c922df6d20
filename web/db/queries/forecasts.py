"""Forecasts of what places are worth to those who will come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.db.tables import ForecastRow


def serving(session: Session, since: datetime) -> ForecastRow | None:
    """The forecast whose prices serve, if it was made since a moment."""
    return session.scalar(select(ForecastRow).where(ForecastRow.serving, ForecastRow.made_at >= since))


def latest(session: Session) -> ForecastRow | None:
    """The forecast that was made last."""
    return session.scalar(select(ForecastRow).order_by(ForecastRow.made_at.desc(), ForecastRow.id.desc()).limit(1))


def by_id(session: Session, key: UUID) -> ForecastRow | None:
    """The forecast with a key."""
    return session.scalar(select(ForecastRow).where(ForecastRow.id == key))


def all_serving(session: Session) -> list[ForecastRow]:
    """Whatever serves, however old."""
    return list(session.scalars(select(ForecastRow).where(ForecastRow.serving)))
