"""A client's work with one therapist as that therapist may see it, and what the therapist did about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from web.db.tables import AlertRow, AppointmentRow, CheckInRow, DyadRow, OwnRatingRow, RatingRow, SessionRow

_ANEW = {"populate_existing": True}


def sessions(session: Session, client_id: UUID, therapist_id: UUID) -> Sequence[Row[Any]]:
    """(SessionRow, AppointmentRow, CheckInRow, OwnRatingRow) of every session, the first one first; None where none."""
    found = (
        select(SessionRow, AppointmentRow, CheckInRow, OwnRatingRow)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .outerjoin(AppointmentRow, AppointmentRow.session_id == SessionRow.id)
        .outerjoin(CheckInRow, CheckInRow.session_id == SessionRow.id)
        .outerjoin(OwnRatingRow, OwnRatingRow.session_id == SessionRow.id)
        .where(DyadRow.client_id == client_id, DyadRow.therapist_id == therapist_id)
        .order_by(SessionRow.number)
    )
    return session.execute(found.execution_options(**_ANEW)).all()


def open_alert(session: Session, client_id: UUID, therapist_id: UUID) -> AlertRow | None:
    """The alert of a dyad that nobody has settled."""
    found = select(AlertRow).join(DyadRow, DyadRow.id == AlertRow.dyad_id)
    found = found.where(DyadRow.client_id == client_id, DyadRow.therapist_id == therapist_id)
    return session.scalar(found.where(AlertRow.settled_at.is_(None)).execution_options(**_ANEW))


def named(session: Session, therapist_id: UUID | None, since: datetime | None = None) -> Sequence[Row[Any]]:
    """(CheckInRow, OwnRatingRow or None, client, dyad) of what was shared by name, by dyad and session.

    Of one therapist, or of all; said since a moment, or ever.
    """
    found = (
        select(CheckInRow, OwnRatingRow, DyadRow.client_id, DyadRow.id)
        .join(SessionRow, SessionRow.id == CheckInRow.session_id)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .outerjoin(OwnRatingRow, OwnRatingRow.session_id == SessionRow.id)
        .where(CheckInRow.shown_to == "named")
        .order_by(DyadRow.id, SessionRow.number)
    )
    if therapist_id is not None:
        found = found.where(DyadRow.therapist_id == therapist_id)
    if since is not None:
        found = found.where(CheckInRow.said_at >= since)
    return session.execute(found).all()


def followed(session: Session) -> Sequence[Row[Any]]:
    """(client, dyad, number, score, CheckInRow or None) of every rated session of the clinic, by dyad and session."""
    found = (
        select(DyadRow.client_id, SessionRow.dyad_id, SessionRow.number, RatingRow.score, CheckInRow)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .outerjoin(CheckInRow, CheckInRow.session_id == SessionRow.id)
        .order_by(SessionRow.dyad_id, SessionRow.number)
    )
    return session.execute(found).all()
