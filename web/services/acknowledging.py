"""What a therapist does with what was shared: reads it, answers, says how they found it, settles an alert.

Nobody reads, answers or settles anything of another therapist's clients, or what is not shared by name at this moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import acknowledged_effect, checks, self_view
from matcher.development import FEWEST, SLIDERS, AcknowledgedEffect, Mirror
from matcher.errors import InvalidInput
from web.db.queries import appointments, clinics, courses, intakes
from web.db.queries import shared_courses as rows
from web.db.tables import CheckInRow, OwnRatingRow, TherapistRow
from web.services import alerts, audit, lost_sessions, outbox, shared_courses
from web.services import appointments as appointment_service
from web.services.clinics import Clinic
from web.services.conflicts import Conflict
from web.services.dashboard_spans import Calendar
from web.services.shared_courses import Held, SharedCourse

__all__ = ["Acknowledged", "AcknowledgedEffect", "Mirror"]  # what pages are given
WITHIN = timedelta(days=7)
LONGEST = 2_000
WHY_NOT = ("cancelled", "missed")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """How many check-ins that were shared by name at least a week ago were read within a week; None below five."""

    n_shared: int
    n_read: int | None


def read(session: Session, clinic: Clinic, person_id: UUID, place: UUID, check_in: UUID, *, now: datetime) -> None:
    """Let the client know that it was read. Reading twice is reading once. Raises LookupError."""
    row = _shared(session, clinic, person_id, place, check_in, now)
    if row.read_at is None:
        row.read_at = now
        session.flush()
        audit.record(session, "check_in.read", now=now, subject=str(row.session_id), actor=str(person_id))


def reply(
    session: Session, clinic: Clinic, person_id: UUID, place: UUID, check_in: UUID, words: str, *, now: datetime
) -> None:
    """Answer what was shared; the words may be changed until the client has seen them.

    Raises LookupError, InvalidInput for no words or too many, Conflict where the client has seen the answer.
    """
    said = words.replace("\r\n", "\n").strip()
    checks.text(said, "reply", required=True)
    if len(said) > LONGEST:
        raise InvalidInput("reply", len(said), f"at most {LONGEST} letters")
    row = _shared(session, clinic, person_id, place, check_in, now)
    if row.reply == said:
        return
    if row.reply_seen_at is not None:
        raise Conflict("reply_seen")
    action = "check_in.reply_changed" if row.reply else "check_in.replied"
    row.reply, row.replied_at, row.read_at = said, now, row.read_at or now
    session.flush()
    audit.record(session, action, now=now, subject=str(row.session_id), actor=str(person_id))


def rate(
    session: Session, clinic: Clinic, person_id: UUID, place: UUID, of: UUID, score: int, *, now: datetime
) -> None:
    """Keep how the therapist found a session, 0 to 10: once, since the client's view may be seen afterwards.

    Raises LookupError, InvalidInput; Conflict where another rating is kept already.
    """
    checks.whole(score, "score", 0, 10)
    clinics.lock(session, clinic.id)
    held = _held(session, person_id, place, of, now)
    if held.own == score:
        return
    if held.own is not None:
        raise Conflict("answered")
    session.add(OwnRatingRow(session_id=held.session_id, score=score, rated_at=now))
    session.flush()
    audit.record(session, "session.own_rating", now=now, subject=str(held.session_id), actor=str(person_id))


def settle(
    session: Session, clinic: Clinic, person_id: UUID, place: UUID, alert: UUID, outcome: str, *, now: datetime
) -> None:
    """Say what came of an alert. Raises LookupError where it is not open, or not shared; InvalidInput."""
    clinics.lock(session, clinic.id)
    found = shared_courses.of_place(session, person_id, place, now=now)
    if found.alert is None or found.alert.alert_id != alert:
        raise LookupError("there is no such alert")
    alerts.settle(session, clinic, alert, outcome, actor=str(person_id), now=now)


def plan(session: Session, clinic: Clinic, person_id: UUID, place: UUID, at: datetime, *, now: datetime) -> None:
    """Plan the next session with somebody, who is told. Raises LookupError, Conflict."""
    found = shared_courses.of_place(session, person_id, place, now=now)
    client_id, therapist_id = found.client.place.client_id, _me(session, person_id).id
    row = appointment_service.plan(session, clinic, client_id, therapist_id, at, actor=str(person_id), now=now)
    kept = appointments.place_of(session, client_id, therapist_id)
    if kept is not None and kept.first_session_at is None and not found.sessions:
        kept.first_session_at = at
    outbox.promise(session, "booked", f"{row.id}:{now.isoformat()}", intakes.email_of(session, client_id), now=now)


def call_off(
    session: Session, clinic: Clinic, person_id: UUID, place: UUID, appointment: UUID, why: str, *, now: datetime
) -> None:
    """Cancel an appointment that is to come, of which the client is told, or note that one did not take place.

    Neither the answer nor what is kept depends on what the client has said. Raises LookupError, Conflict.
    """
    if why not in WHY_NOT:
        raise InvalidInput("why", why, f"expected one of {', '.join(WHY_NOT)}")
    found = shared_courses.of_place(session, person_id, place, now=now)
    mine = appointments.of_pair(session, found.client.place.client_id, _me(session, person_id).id)
    row = next((one for one in mine if one.id == appointment), None)
    if row is None:
        raise LookupError("there is no such appointment")
    if why == appointment_service.MISSED:
        appointment_service.note_missed(session, clinic, appointment, actor=str(person_id), now=now)
        return
    if row.begins_at <= now:
        raise Conflict("hour_over", client_id=row.client_id, therapist_id=row.therapist_id)
    appointment_service.call_off(session, clinic, appointment, because=why, actor=str(person_id), now=now)
    kept = appointments.place_of(session, row.client_id, row.therapist_id)
    if kept is not None:
        if kept.first_session_at == row.begins_at:
            kept.first_session_at = None
            session.flush()
        lost_sessions.tell(session, kept, actor=str(person_id), now=now)


def acknowledged(session: Session, *, person_id: UUID | None = None, now: datetime) -> Acknowledged:
    """How much of what was shared by name a week ago or more was read within a week; of one therapist, or of all."""
    of = None if person_id is None else _me(session, person_id).id
    said = [row[0] for row in rows.named(session, of) if row[0].said_at <= now - WITHIN]
    n_clients = len({row[2] for row in rows.named(session, of)})
    n_read = sum(one.read_at is not None and one.read_at <= one.said_at + WITHIN for one in said)
    return Acknowledged(len(said), n_read if n_clients >= FEWEST and said else None)


def effect(session: Session, clinic: Clinic, calendar: Calendar) -> AcknowledgedEffect | None:
    """How much the next score, 0 to 100, differs after a check-in that was read, in the whole clinic.

    Of months that are over, and cut where five more people stand behind what is new in it; None before the first five.
    """
    steps, told = _steps(session, clinic, calendar), list[_Step]()
    for month in sorted({one.month for one in steps if one.month <= calendar.until}):
        found = _of_both_kinds([one for one in steps if one.month <= month])
        if len({one.client for one in set(found) - set(told)}) >= FEWEST:
            told = found
    return acknowledged_effect([(str(one.dyad), one.score, one.following, one.is_read) for one in told])


@dataclass(frozen=True, slots=True)
class _Step:
    """From a check-in that was ever shared by name to what was said after the next session, in the month of that."""

    client: UUID
    dyad: UUID
    number: int
    month: int
    score: float
    following: float
    is_read: bool


def _steps(session: Session, clinic: Clinic, calendar: Calendar) -> list[_Step]:
    low, width = clinic.scale.lowest, clinic.scale.top - clinic.scale.lowest
    steps = []
    for (client, dyad), said in groupby(rows.followed(session), key=lambda row: row[:2]):
        for (*_, number, score, one), (*_, following_number, following, two) in pairwise(said):
            if one is None or two is None or not one.was_named or following_number != number + 1:
                continue
            is_read, month = one.read_at is not None and one.read_at < two.said_at, calendar.month(two.said_at)
            scores = (100 * (value - low) / width for value in (score, following))
            steps.append(_Step(client, dyad, number, month, *scores, is_read))
    return steps


def _of_both_kinds(steps: Sequence[_Step]) -> list[_Step]:
    """The steps of dyads of whom some check-ins were read in time and some were not: no others are compared."""
    kinds = {(one.dyad, one.is_read) for one in steps}
    return [one for one in steps if (one.dyad, not one.is_read) in kinds]


def mirror(session: Session, person_id: UUID) -> Mirror | None:
    """A therapist's own ratings beside those that clients shared by name: nothing that they could not see anyway."""
    found = rows.named(session, _me(session, person_id).id)
    newest = {client: said for said, _own, client, _dyad in sorted(found, key=lambda row: row[0].said_at)}
    visible = {client for client in newest if _still_shares(session, person_id, client)}
    return self_view([
        (str(client), float(own.score), sum(getattr(said, name) for name in SLIDERS) / len(SLIDERS))
        for said, own, client, _dyad in found if own is not None and client in visible
    ])  # fmt: skip


def _still_shares(session: Session, person_id: UUID, client_id: UUID) -> bool:
    found = rows.sessions(session, client_id, _me(session, person_id).id)
    return shared_courses.shares([row[2] for row in found if row[2] is not None])


def _shared(
    session: Session, clinic: Clinic, person_id: UUID, place: UUID, check_in: UUID, now: datetime
) -> CheckInRow:
    """The row of a check-in that this therapist may see, read anew behind the lock."""
    clinics.lock(session, clinic.id)
    course = shared_courses.of_place(session, person_id, place, now=now)
    if check_in not in {one.shared.check_in_id for one in course.sessions if one.shared is not None}:
        raise LookupError("there is no such check-in")
    found = rows.sessions(session, course.client.place.client_id, _me(session, person_id).id)
    row: CheckInRow = next(row[2] for row in found if row[2] is not None and row[2].id == check_in)
    return row


def _held(session: Session, person_id: UUID, place: UUID, of: UUID, now: datetime) -> Held:
    course: SharedCourse = shared_courses.of_place(session, person_id, place, now=now)
    found = next((one for one in course.sessions if one.session_id == of), None)
    if found is None:
        raise LookupError("there is no such session")
    return found


def _me(session: Session, person_id: UUID) -> TherapistRow:
    found = courses.therapist_of(session, person_id)
    if found is None:
        raise LookupError("this person is no therapist")
    return found
