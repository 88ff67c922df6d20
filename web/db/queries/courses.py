"""The course of a client's work with each therapist, and of a therapist's own row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import ClientRow, DyadRow, RatingRow, SessionRow, TherapistRow


def of_client(session: Session, client_id: UUID) -> Sequence[Row[Any]]:
    """(TherapistRow, number, score, rated_at) of every session of a client, by therapist and session.

    ``score`` is None for a session after which nothing was said.
    """
    found = (
        select(TherapistRow, SessionRow.number, RatingRow.score, RatingRow.rated_at)
        .select_from(DyadRow)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id, isouter=True)
        .where(DyadRow.client_id == client_id)
        .order_by(DyadRow.created_at, TherapistRow.external_id, SessionRow.number)
    )
    return session.execute(found).all()


def well_documented(session: Session, fewest: int, most: int) -> ClientRow | None:
    """The first client, by external id, who has said something after so many sessions with a therapist."""
    n_rated = func.count(RatingRow.id)
    rated = (
        select(DyadRow.client_id)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .group_by(DyadRow.id, DyadRow.client_id)
        .having(n_rated.between(fewest, most))
    )
    found = select(ClientRow).where(ClientRow.id.in_(rated)).order_by(ClientRow.external_id).limit(1)
    return session.scalar(found)


def therapist_of(session: Session, person_id: UUID, *, locked: bool = False) -> TherapistRow | None:
    """The therapist whom a person is; ``locked`` so that nobody else changes the row until the transaction ends."""
    found = select(TherapistRow).where(TherapistRow.person_id == person_id).order_by(TherapistRow.external_id).limit(1)
    if locked:
        found = found.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalar(found)
