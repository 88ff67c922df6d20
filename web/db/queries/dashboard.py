"""What a clinic's dashboard is drawn from: who was counted when, and as what; never a name or a word of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from web.db.tables import (
    AppointmentRow,
    CaseRow,
    CheckInRow,
    ClientRow,
    DyadRow,
    IntakeRow,
    IntakeVersionRow,
    MeasureRow,
    PlacementRow,
    RatingRow,
    RequestRow,
    SessionRow,
    ShownListRow,
)

Moments = dict[UUID, datetime]  # client → when


def ratings(session: Session) -> Sequence[Row[Any]]:
    """(client, score, rated_at) of every rating whose moment is known, the oldest first."""
    found = _of_sessions(DyadRow.client_id, RatingRow.score, RatingRow.rated_at)
    found = found.join(RatingRow, RatingRow.session_id == SessionRow.id).where(RatingRow.rated_at.is_not(None))
    return session.execute(found.order_by(RatingRow.rated_at, RatingRow.id)).all()


def held(session: Session) -> Sequence[Row[Any]]:
    """(client, begins_at, whether it was rated) of every appointment that was held, the oldest first."""
    found = select(AppointmentRow.client_id, AppointmentRow.begins_at, RatingRow.id.is_not(None))
    found = found.join(RatingRow, RatingRow.session_id == AppointmentRow.session_id, isouter=True)
    found = found.where(AppointmentRow.state == "held").order_by(AppointmentRow.begins_at, AppointmentRow.id)
    return session.execute(found).all()


def measures(session: Session) -> Sequence[Row[Any]]:
    """(client, instrument, version, score, said_at) of every questionnaire, the oldest first."""
    found = select(
        MeasureRow.client_id, MeasureRow.instrument, MeasureRow.version, MeasureRow.score, MeasureRow.said_at
    )
    return session.execute(found.order_by(MeasureRow.said_at, MeasureRow.id)).all()


def named_check_ins(session: Session) -> Sequence[Row[Any]]:
    """(client, said_at, read_at) of every check-in that was ever shared by name, the oldest first.

    Who takes it back leaves no mark on the months that were told.
    """
    found = _of_sessions(DyadRow.client_id, CheckInRow.said_at, CheckInRow.read_at)
    found = found.join(CheckInRow, CheckInRow.session_id == SessionRow.id).where(CheckInRow.was_named)
    return session.execute(found.order_by(CheckInRow.said_at, CheckInRow.id)).all()


def sent(session: Session) -> Moments:
    """When each client first sent an intake."""
    is_sent = IntakeRow.sent_at.is_not(None), IntakeRow.client_id.is_not(None)
    return _first(
        session, select(IntakeRow.client_id, func.min(IntakeRow.sent_at)).where(*is_sent), IntakeRow.client_id
    )


def listed(session: Session) -> Moments:
    """When each client first saw a list."""
    found = select(IntakeVersionRow.client_id, func.min(ShownListRow.made_at)).join(
        ShownListRow, ShownListRow.intake_version_id == IntakeVersionRow.id
    )
    return _first(session, found, IntakeVersionRow.client_id)


def asked(session: Session) -> Moments:
    """When each client first asked for somebody."""
    return _first(session, select(RequestRow.client_id, func.min(RequestRow.made_at)), RequestRow.client_id)


def placed(session: Session) -> Moments:
    """When each client was first given, or held, a place."""
    return _first(session, select(PlacementRow.client_id, func.min(PlacementRow.made_at)), PlacementRow.client_id)


def booked(session: Session) -> Sequence[Row[Any]]:
    """(client, first session, when the place ended) of every place with a first session, the earliest first."""
    found = select(PlacementRow.client_id, PlacementRow.first_session_at, PlacementRow.ended_at)
    found = found.where(PlacementRow.first_session_at.is_not(None))
    return session.execute(found.order_by(PlacementRow.first_session_at, PlacementRow.id)).all()


def closed(session: Session) -> Moments:
    """When the case of each client who is on no list any more, and has no place, was closed."""
    found = select(CaseRow.client_id, func.max(CaseRow.changed_at)).where(CaseRow.state == "closed")
    return _first(session, found, CaseRow.client_id)


def is_furnished(session: Session, made_by: str) -> bool:
    """Whether somebody has made appointments here by this name."""
    return session.scalar(select(AppointmentRow.id).where(AppointmentRow.made_by == made_by).limit(1)) is not None


def courses_to_furnish(session: Session) -> list[list[Row[Any]]]:
    """(client_id, therapist_id, session_id, score, rated_at) of every rating, a client's only course each, in order.

    Who has sent an intake here, said something by a check-in, or saw several therapists, is left out.
    """
    found = _of_sessions(
        DyadRow.client_id, DyadRow.therapist_id, SessionRow.id.label("session_id"), RatingRow.score, RatingRow.rated_at
    )
    found = found.join(RatingRow, RatingRow.session_id == SessionRow.id).join(
        ClientRow, ClientRow.id == DyadRow.client_id
    )
    known = select(IntakeRow.client_id).where(IntakeRow.client_id.is_not(None))
    heard = _of_sessions(DyadRow.client_id).join(CheckInRow, CheckInRow.session_id == SessionRow.id)
    found = found.where(
        RatingRow.rated_at.is_not(None), DyadRow.client_id.not_in(known), DyadRow.client_id.not_in(heard)
    )
    found = found.order_by(ClientRow.external_id, RatingRow.rated_at, SessionRow.number)
    courses = [list(own) for _, own in groupby(session.execute(found), key=lambda row: row.client_id)]
    return [course for course in courses if len({row.therapist_id for row in course}) == 1]


def _first(session: Session, found: Select[Any], client: Any) -> Moments:
    return {row[0]: row[1] for row in session.execute(found.group_by(client))}


def _of_sessions(*columns: ColumnElement[Any] | Any) -> Select[Any]:
    return select(*columns).select_from(SessionRow).join(DyadRow, DyadRow.id == SessionRow.dyad_id)
