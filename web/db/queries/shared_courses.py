"""A client's work with one therapist as that therapist may see it, and what the therapist did about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

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


def told_alert(session: Session, client_id: UUID, therapist_id: UUID) -> AlertRow | None:
    """The alert of a dyad that nobody has settled, where the therapist is told of it."""
    found = select(AlertRow).join(DyadRow, DyadRow.id == AlertRow.dyad_id)
    found = found.where(DyadRow.client_id == client_id, DyadRow.therapist_id == therapist_id)
    found = found.where(AlertRow.settled_at.is_(None), is_told())
    return session.scalar(found.execution_options(**_ANEW))


def is_told() -> ColumnElement[bool]:
    """Whether a therapist is told of an alert; it is the coordinator's otherwise, so that each reaches somebody.

    That is so while the newest check-in is shared by name, and so is every rating up to the session of the alert. One
    that was brought in from a file is shared with nobody. An alert after anything hidden would tell of it.
    """
    is_hidden = (
        select(SessionRow.id)
        .outerjoin(RatingRow, RatingRow.session_id == SessionRow.id)
        .outerjoin(CheckInRow, CheckInRow.session_id == SessionRow.id)
        .where(
            SessionRow.dyad_id == AlertRow.dyad_id,
            SessionRow.number <= AlertRow.session_number,
            or_(CheckInRow.shown_to != "named", and_(CheckInRow.id.is_(None), RatingRow.id.is_not(None))),
        )
        .correlate(AlertRow)
        .exists()
    )
    return and_(shown_last(AlertRow.dyad_id) == "named", ~is_hidden)


def shown_last(dyad_id: Any) -> ColumnElement[str]:
    """Who may see the newest check-in of a dyad; the empty word before there is one."""
    said, held = aliased(CheckInRow), aliased(SessionRow)
    newest = (
        select(said.shown_to)
        .join(held, held.id == said.session_id)
        .where(held.dyad_id == dyad_id)
        .order_by(said.said_at.desc(), held.number.desc())
        .limit(1)
        .correlate(AlertRow, DyadRow)
        .scalar_subquery()
    )
    return func.coalesce(newest, "")


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
