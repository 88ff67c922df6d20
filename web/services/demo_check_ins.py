"""The demo's hours: the client in therapy and two more have been there lately, and said how it was, or have yet to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import appointments as rows
from web.db.queries import check_ins as check_in_rows
from web.db.queries import courses
from web.db.tables import AppointmentRow, DyadRow, SessionRow
from web.services import check_ins, demo_people, intakes
from web.services.check_ins import AGGREGATE, NAMED, Said
from web.services.clinics import Clinic

WEEKS_KEPT = 4
REPLY = "Thank you for saying so. I was quicker than was good for you. Shall we begin with that next time?"


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour some days ago, what was said about it (None: nothing yet), and whether it was read and answered."""

    days: int
    said: Said | None
    is_read: bool = False
    reply: str = ""


HOURS: tuple[Hour, ...] = (
    Hour(22, Said(8, 8, 7, 8, ("heard", "my_pace"), (), "", NAMED), is_read=True),
    Hour(15, Said(5, 6, 4, 5, ("honest",), ("over_structured",), "It went very fast today.", NAMED), True, REPLY),
    Hour(8, Said(7, 7, 7, 8, ("heard", "tools"), (), "", AGGREGATE)),
    Hour(0, None),
)


def furnish(session: Session, clinic: Clinic, *, now: datetime) -> None:
    """Let the demo's client in therapy have hours with whom they see: some read, one answered, the last one still open.

    Each start of the demo on another day adds the hour of that day; what was said stays.
    """
    kept = intakes.of_link(session, demo_people.link(demo_people.IN_THERAPY), now=now)
    if kept is None or kept.client_id is None:
        return
    dyad = _dyad(session, kept.client_id)
    if dyad is None or _has_recent(session, dyad, now):
        return
    number = rows.last_number(session, dyad.id)
    for hour in HOURS:
        began = _moment(now, hour.days)
        if began > now - timedelta(days=WEEKS_KEPT * 7) and not _is_known(session, dyad, began):
            number += 1
            _held(session, clinic, dyad, number, began, hour, now)


def _held(
    session: Session, clinic: Clinic, dyad: DyadRow, number: int, began: datetime, hour: Hour, now: datetime
) -> None:
    held = SessionRow(dyad_id=dyad.id, number=number)
    session.add(held)
    session.flush()
    ended = began + timedelta(minutes=50)
    session.add(AppointmentRow(client_id=dyad.client_id, therapist_id=dyad.therapist_id, session_id=held.id,
                               state="held", begins_at=began, made_at=began - timedelta(days=7),
                               made_by="demo", ended_at=ended))  # fmt: skip
    session.flush()
    if hour.said is None:
        return
    then = ended + timedelta(minutes=20)
    check_ins.say_of(session, clinic, held.id, hour.said, then)
    row = check_in_rows.of_session(session, held.id)
    assert row is not None
    if hour.is_read:
        row.read_at = then + timedelta(hours=6)
    if hour.reply:
        row.reply, row.replied_at = hour.reply, then + timedelta(hours=6)
    session.flush()


def _dyad(session: Session, client_id: UUID) -> DyadRow | None:
    """Whom they have worked with: the latest of their courses."""
    found = courses.of_client(session, client_id)
    if not found:
        return None
    return rows.dyad(session, client_id, found[-1][0].id)


def _has_recent(session: Session, dyad: DyadRow, now: datetime) -> bool:
    known = rows.of_pair(session, dyad.client_id, dyad.therapist_id)
    return any(row.begins_at > now - timedelta(days=6) for row in known)


def _is_known(session: Session, dyad: DyadRow, began: datetime) -> bool:
    known = rows.of_pair(session, dyad.client_id, dyad.therapist_id)
    return any(abs(row.begins_at - began) < timedelta(days=4) for row in known)


def _moment(now: datetime, days: int) -> datetime:
    """The hour of that day, or what was over an hour ago today."""
    if days == 0:
        return (now - timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    return (now - timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)
