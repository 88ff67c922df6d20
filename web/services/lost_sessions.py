"""Sessions that were planned and will not take place, because the therapist is away or has handed the client on.

Whoever had planned to come is told so in a message of its own: that somebody else is found for them is other news.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import appointments as rows
from web.db.queries import intakes, requests
from web.db.tables import PlacementRow
from web.services import appointments, cases, outbox
from web.services.clinics import Clinic


def is_planned(session: Session, place: PlacementRow, now: datetime) -> bool:
    """Whether a client has a session before them with the therapist of their place."""
    first = place.first_session_at
    planned = rows.of_pair(session, place.client_id, place.therapist_id)
    return (first is not None and first > now) or any(
        row.state == appointments.PLANNED and row.begins_at > now for row in planned
    )


def tell(session: Session, place: PlacementRow, *, actor: str, now: datetime) -> None:
    """Tell a client that what was planned will not take place, and note it in their case."""
    cases.note(session, place.client_id, "session_off", now=now, actor=actor)
    reach = intakes.email_of(session, place.client_id)
    outbox.promise(session, "session_off", f"{place.id}:{now.isoformat()}", reach, now=now)


def call_off_between(
    session: Session,
    clinic: Clinic,
    therapist_id: UUID,
    days: tuple[date, date | None],
    *,
    zone: tzinfo,
    actor: str,
    now: datetime,
) -> int:
    """Call off what is planned with a therapist from one day to another, by the clocks of a zone; how many are told.

    The clients keep their places; no last day is no end.
    """
    n_told = 0
    for place, _case in requests.given(session, therapist_id):
        lost = [
            row
            for row in rows.of_pair(session, place.client_id, therapist_id)
            if row.state == appointments.PLANNED and _is_within(row.begins_at, days, zone, now)
        ]
        for row in lost:
            appointments.call_off(session, clinic, row.id, actor=actor, now=now)
        first = place.first_session_at
        if first is not None and _is_within(first, days, zone, now):
            place.first_session_at = None
        elif not lost:
            continue
        session.flush()
        tell(session, place, actor=actor, now=now)
        n_told += 1
    return n_told


def _is_within(moment: datetime, days: tuple[date, date | None], zone: tzinfo, now: datetime) -> bool:
    first, last = days
    day = moment.astimezone(zone).date()
    return moment > now and day >= first and (last is None or day <= last)
