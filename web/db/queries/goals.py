"""The goals of clients, and how near they were found to be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.db.tables import GoalRatingRow, GoalRow

_ANEW = {"populate_existing": True}


def of_client(session: Session, client_id: UUID) -> Sequence[GoalRow]:
    """All goals of a client, the oldest first."""
    found = select(GoalRow).where(GoalRow.client_id == client_id).order_by(GoalRow.made_at, GoalRow.id)
    return session.scalars(found.execution_options(**_ANEW)).all()


def ratings(session: Session, goal_ids: Collection[UUID]) -> Sequence[GoalRatingRow]:
    """Every rating of these goals, the oldest first."""
    found = select(GoalRatingRow).where(GoalRatingRow.goal_id.in_(list(goal_ids)))
    return session.scalars(found.order_by(GoalRatingRow.rated_at, GoalRatingRow.id)).all()


def rating_since(session: Session, goal_id: UUID, moment: str, start: datetime) -> GoalRatingRow | None:
    """What a goal was rated at one moment of a client's care, since then."""
    found = select(GoalRatingRow).where(GoalRatingRow.goal_id == goal_id, GoalRatingRow.moment == moment)
    recent = found.where(GoalRatingRow.rated_at > start).order_by(GoalRatingRow.rated_at.desc()).limit(1)
    return session.scalar(recent.execution_options(**_ANEW))
