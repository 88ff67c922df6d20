"""Who may be lost from sight: requests that came to nothing, holds that ran out, long waiting, silence at the start,
courses that ask for a conversation, and what a therapist has known for long and not taken up.

Nothing of what anybody said is read here: only that something was, by whom it may be seen, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from web.db.queries.shared_courses import is_told, shown_last
from web.db.tables import (
    AlertRow,
    AppointmentRow,
    CaseRow,
    CheckInRow,
    DyadRow,
    PlacementRow,
    RatingRow,
    RequestChoiceRow,
    RequestRow,
    SessionRow,
    TherapistRow,
)

_later_request, _later_place = aliased(RequestRow), aliased(PlacementRow)
_WAITS = and_(
    CaseRow.state == "waiting",
    ~exists().where(PlacementRow.client_id == CaseRow.client_id, PlacementRow.state != "ended"),
)


def came_to_nothing(session: Session, most: int) -> Sequence[Row[Any]]:
    """(case, since) of those who wait, and whose last request everybody declined, or let pass."""
    later = exists().where(
        _later_request.client_id == RequestRow.client_id, _later_request.made_at > RequestRow.made_at
    )
    by_somebody = exists().where(
        RequestChoiceRow.request_id == RequestRow.id, RequestChoiceRow.state.in_(("declined", "lapsed"))
    )
    found = (
        select(CaseRow, RequestRow.ended_at.label("since"))
        .join(RequestRow, RequestRow.client_id == CaseRow.client_id)
        .where(_WAITS, RequestRow.state == "declined", ~later, by_somebody)
    )
    return session.execute(found.order_by(RequestRow.ended_at, CaseRow.id).limit(most)).all()


def ran_out(session: Session, most: int) -> Sequence[Row[Any]]:
    """(case, since) of those who wait, and whose last place was held until the time was over."""
    ended = aliased(PlacementRow)
    later = exists().where(_later_place.client_id == ended.client_id, _later_place.made_at > ended.made_at)
    found = (
        select(CaseRow, ended.ended_at.label("since"))
        .join(ended, ended.client_id == CaseRow.client_id)
        .where(_WAITS, ended.ended_because == "hold_over", ~later)
    )
    return session.execute(found.order_by(ended.ended_at, CaseRow.id).limit(most)).all()


def too_long(session: Session, over_since: datetime, most: int) -> Sequence[Row[Any]]:
    """(case, since) of those who have waited since a moment, or longer, and have no place."""
    found = select(CaseRow, CaseRow.waiting_since.label("since")).where(_WAITS, CaseRow.waiting_since <= over_since)
    return session.execute(found.order_by(CaseRow.waiting_since, CaseRow.id).limit(most)).all()


def silent(session: Session, since: datetime, most: int) -> Sequence[Row[Any]]:
    """(case, since, therapist) of those with a place of whom nothing was heard since a moment."""
    heard = (
        select(func.max(func.coalesce(RatingRow.rated_at, RatingRow.created_at)))
        .select_from(DyadRow)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .where(DyadRow.client_id == PlacementRow.client_id, DyadRow.therapist_id == PlacementRow.therapist_id)
        .correlate(PlacementRow)
        .scalar_subquery()
    )
    begins = func.coalesce(PlacementRow.first_session_at, PlacementRow.made_at)
    found = (
        select(CaseRow, begins.label("since"), TherapistRow.name.label("therapist"))
        .join(PlacementRow, PlacementRow.client_id == CaseRow.client_id)
        .join(TherapistRow, TherapistRow.id == PlacementRow.therapist_id)
        .where(PlacementRow.state == "given", begins <= since, or_(heard.is_(None), heard <= since))
    )
    return session.execute(found.order_by(begins, CaseRow.id).limit(most)).all()


def to_contact(session: Session, most: int) -> Sequence[Row[Any]]:
    """(case, since, therapist) of those whose course has an open alert of which the therapist is not told.

    That is so where the newest check-in was not by name, or a rating up to the alert's session was not.
    """
    return _alerts(session, ~is_told(), most)


def to_contact_of(session: Session, client_id: UUID) -> Sequence[Row[Any]]:
    """(alert's key, since, therapist) of the same of one client."""
    found = (
        select(AlertRow.id, AlertRow.raised_at, TherapistRow.name)
        .join(DyadRow, DyadRow.id == AlertRow.dyad_id)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .where(DyadRow.client_id == client_id, AlertRow.settled_at.is_(None), DyadRow.ended_at.is_(None), ~is_told())
    )
    return session.execute(found.order_by(AlertRow.raised_at, AlertRow.id)).all()


def not_settled(session: Session, since: datetime, most: int) -> Sequence[Row[Any]]:
    """(case, since, therapist) of those whose open alert the therapist has been told of since a moment, or longer."""
    return _alerts(session, is_told() & (AlertRow.raised_at <= since), most)


def not_read(session: Session, since: datetime, most: int) -> Sequence[Row[Any]]:
    """(case, since, therapist) of those who let a therapist see what they said, which was not read since a moment.

    What was corrected has to be read again, and is as old as its correction. One row a client and therapist.
    """
    moment = func.min(func.coalesce(CheckInRow.corrected_at, CheckInRow.said_at))
    found = (
        select(CaseRow, moment.label("since"), TherapistRow.name.label("therapist"))
        .join(DyadRow, DyadRow.client_id == CaseRow.client_id)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(CheckInRow, CheckInRow.session_id == SessionRow.id)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .where(
            CheckInRow.shown_to == "named",
            CheckInRow.read_at.is_(None),
            DyadRow.ended_at.is_(None),
            shown_last(DyadRow.id) == "named",
        )
        .group_by(CaseRow.id, DyadRow.id, TherapistRow.name)
        .having(moment <= since)
    )
    return session.execute(found.order_by(moment, CaseRow.id).limit(most)).all()


def contradicted(session: Session, since: datetime, most: int) -> Sequence[Row[Any]]:
    """(case, since, therapist) of those who said how an hour was that is noted as not having taken place.

    Of hours that began after a moment.
    """
    moment = func.min(AppointmentRow.begins_at)
    found = (
        select(CaseRow, moment.label("since"), TherapistRow.name.label("therapist"))
        .join(AppointmentRow, AppointmentRow.client_id == CaseRow.client_id)
        .join(RatingRow, RatingRow.session_id == AppointmentRow.session_id)
        .join(TherapistRow, TherapistRow.id == AppointmentRow.therapist_id)
        .where(AppointmentRow.state == "missed", AppointmentRow.begins_at > since)
        .group_by(CaseRow.id, TherapistRow.id, TherapistRow.name)
    )
    return session.execute(found.order_by(moment, CaseRow.id).limit(most)).all()


def _alerts(session: Session, which: Any, most: int) -> Sequence[Row[Any]]:
    """(case, since, therapist) of open alerts of work that goes on."""
    found = (
        select(CaseRow, AlertRow.raised_at.label("since"), TherapistRow.name.label("therapist"))
        .join(DyadRow, DyadRow.client_id == CaseRow.client_id)
        .join(AlertRow, AlertRow.dyad_id == DyadRow.id)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .where(AlertRow.settled_at.is_(None), DyadRow.ended_at.is_(None), which)
    )
    return session.execute(found.order_by(AlertRow.raised_at, CaseRow.id).limit(most)).all()
