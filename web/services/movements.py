"""Whether what new clients say of the clinic creeps up or down: watched over the last half year, told to the lead."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from matcher import Moved, moved
from web.db.queries import ratings

WATCHED = timedelta(weeks=26)
DAY_SECONDS = 86_400.0


def of_clinic(session: Session, *, now: datetime) -> Moved | None:
    """The movement that was seen last half year; None for none. ``day`` counts from 1970."""
    first: dict[str, tuple[float, float]] = {}
    for row in ratings.rows(session, untold=True):
        if row.rated_at is not None:
            at = (row.rated_at.timestamp() / DAY_SECONDS, row.score)
            first[row.client] = min(first.get(row.client, at), at)
    days = [day for day, _ in first.values()]
    return moved(days, [score for _, score in first.values()], since=(now - WATCHED).timestamp() / DAY_SECONDS)
