"""Scores of questionnaires that were filled in elsewhere, stored as they come in."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from web.db.queries import clients, measures
from web.db.tables import MeasureRow
from web.exchange.schema import Score
from web.services import instruments, moments
from web.services.clinics import Clinic
from web.services.rating_rows import Changes


def store_scores(session: Session, clinic: Clinic, found: list[Score], now: datetime) -> Changes:
    """Store each score at its moment; one that is known with another value is changed."""
    keys, newest, changes = clients.keys(session), instruments.newest(session), Changes()
    known = {(external_id, row.instrument, row.said_at): row for row, external_id in measures.imported(session)}
    for said in found:
        said_at = said.said_at if said.said_at.tzinfo else said.said_at.replace(tzinfo=UTC)
        row = known.get((said.client_id, said.instrument, said_at))
        if row is None:
            row = MeasureRow(
                client_id=keys[said.client_id], instrument=said.instrument, version=newest[said.instrument].version,
                moment=moments.IMPORTED, answers={}, score=said.score, said_at=said_at,
            )  # fmt: skip
            session.add(row)
            known[said.client_id, said.instrument, said_at] = row
            changes.new += 1
        elif row.score != said.score:
            row.score = said.score
            changes.changed += 1
        else:
            changes.unchanged += 1
    session.flush()
    return changes
