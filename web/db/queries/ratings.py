"""A clinic's dyads, sessions and ratings.

Three kinds of ratings are told apart. Those that are *held* wait for a person (``web.services.holding``). What was said
by a check-in is *untold* until a release to the therapist has counted it (``web.services.releases``). All others count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session

from web.db.tables import CheckInRow, ClientRow, DyadRow, RatingRow, SessionRow, TherapistRow

_IS_HELD = DyadRow.held_because.is_not(None)
_IS_UNTOLD = and_(CheckInRow.id.is_not(None), CheckInRow.release_id.is_(None))


def rows(session: Session, *, untold: bool = False) -> Sequence[Row[Any]]:
    """(client, therapist, number, score, rated_at, dyad) of every rating that counts, by client, therapist and session;
    with ``untold`` of what no therapist was told either, for whoever shows nothing of it."""
    found = _of_sessions(
        select(
            ClientRow.external_id.label("client"),
            TherapistRow.external_id.label("therapist"),
            SessionRow.number,
            RatingRow.score,
            RatingRow.rated_at,
            DyadRow.id.label("dyad"),
        )
    )
    found = (
        found.join(ClientRow, ClientRow.id == DyadRow.client_id)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .order_by(ClientRow.external_id, TherapistRow.external_id, SessionRow.number)
    )
    return session.execute(found if untold else found.where(~_IS_UNTOLD)).all()


def of_client(session: Session, client_id: UUID) -> Sequence[Row[Any]]:
    """(client, therapist, number, score, rated_at) of everything that a client ever gave, held or not, in order."""
    found = (
        select(
            ClientRow.external_id.label("client"),
            TherapistRow.external_id.label("therapist"),
            SessionRow.number,
            RatingRow.score,
            RatingRow.rated_at,
        )
        .join(DyadRow, DyadRow.client_id == ClientRow.id)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .where(ClientRow.id == client_id)
    )
    return session.execute(found.order_by(TherapistRow.external_id, SessionRow.number)).all()


def count(session: Session) -> int:
    """How many ratings count."""
    return session.scalar(_of_sessions(select(func.count(RatingRow.id))).where(~_IS_UNTOLD)) or 0


def count_untold(session: Session) -> int:
    """How many would count, had a therapist been told."""
    return session.scalar(_of_sessions(select(func.count(RatingRow.id))).where(_IS_UNTOLD)) or 0


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


def _of_sessions(what: Select[Any]) -> Select[Any]:
    """Columns of ratings, with their sessions, dyads and check-ins, of pairs that are not held."""
    return (
        what.select_from(RatingRow)
        .join(SessionRow, SessionRow.id == RatingRow.session_id)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .outerjoin(CheckInRow, CheckInRow.session_id == SessionRow.id)
        .where(~_IS_HELD)
    )
