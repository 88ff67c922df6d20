"""A clinic's dyads, sessions and ratings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import ClientRow, DyadRow, RatingRow, SessionRow, TherapistRow


def rows(session: Session) -> Sequence[Row[Any]]:
    """(client, therapist, number, score, rated_at, dyad) of every rating that counts, by client, therapist and
    session: of pairs that are not held."""
    found = (
        select(
            ClientRow.external_id.label("client"),
            TherapistRow.external_id.label("therapist"),
            SessionRow.number,
            RatingRow.score,
            RatingRow.rated_at,
            DyadRow.id.label("dyad"),
        )
        .select_from(RatingRow)
        .join(SessionRow, SessionRow.id == RatingRow.session_id)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .join(ClientRow, ClientRow.id == DyadRow.client_id)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .where(DyadRow.held_because.is_(None))
        .order_by(ClientRow.external_id, TherapistRow.external_id, SessionRow.number)
    )
    return session.execute(found).all()


def count(session: Session) -> int:
    """How many ratings count."""
    found = (
        select(func.count(RatingRow.id))
        .join(SessionRow, SessionRow.id == RatingRow.session_id)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .where(DyadRow.held_because.is_(None))
    )
    return session.scalar(found) or 0


def dyads(session: Session) -> dict[tuple[UUID, UUID], UUID]:
    """(client, therapist) → dyad."""
    found = session.execute(select(DyadRow.client_id, DyadRow.therapist_id, DyadRow.id))
    return {(client, therapist): dyad for client, therapist, dyad in found}


def sessions_of_dyads(session: Session) -> dict[tuple[UUID, int], UUID]:
    """(dyad, number) → session."""
    found = session.execute(select(SessionRow.dyad_id, SessionRow.number, SessionRow.id))
    return {(dyad, number): key for dyad, number, key in found}


def by_session(session: Session) -> dict[UUID, RatingRow]:
    """Session → its rating."""
    return {row.session_id: row for row in session.scalars(select(RatingRow))}
