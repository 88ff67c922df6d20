"""Ratings of the demo that wait for a clinic lead; and put back."""

from __future__ import annotations

from sqlalchemy import select, update

from tests.browser.models import _clinic
from web.db.tables import DyadRow


def waiting(address: str) -> None:
    """Of two therapists something is held."""
    with _clinic(address) as session:
        rows = session.scalars(select(DyadRow).order_by(DyadRow.therapist_id, DyadRow.id)).all()
        first = [row for row in rows if row.therapist_id == rows[0].therapist_id][:5]
        other = next(row for row in rows if row.therapist_id != rows[0].therapist_id)
        for row in first:
            row.held_because = "flood"
        other.held_because = "own_people"


def restore(address: str) -> None:
    with _clinic(address) as session:
        session.execute(update(DyadRow).values(held_because=None, judged_at=None))
