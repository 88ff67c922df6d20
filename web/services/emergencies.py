"""A client's course opened in an emergency by somebody who is not their therapist.

It takes a reason, lasts an hour at most, and nobody does it unseen: the administrators are told at once, by a mail that
names nobody, the client reads on their own page that and when it was done, and every look is an entry of the trail.
What opens is what the client's therapist sees: nothing that the client has shown to nobody. Nothing can be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import cases as case_rows
from web.db.queries import emergencies as rows
from web.db.queries import people, waiting
from web.db.tables import EmergencyAccessRow
from web.db.tables.base import new_key
from web.services import audit, goals, handovers, measures, outbox, queue, shared_courses
from web.services.goals import Goal
from web.services.measures import Measured
from web.services.shared_courses import Shared

ROLES = ("coordinator", "clinic_lead", "administrator")
AT_MOST, LATELY = timedelta(minutes=60), timedelta(days=30)
SHORTEST, LONGEST = 20, 1_000


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening: who, in which role, of whom, why, from when, until when, and whether it is open now."""

    id: UUID
    person: str
    role: str
    client_id: UUID
    reason: str
    begun_at: datetime
    until: datetime
    ended_at: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Course:
    """What opens: how to reach the client, flags, who works with them, notes, and what they share by name."""

    opened: Opened
    name: str
    contact: Mapping[str, str]
    flags: tuple[tuple[str, datetime], ...]
    therapist: str
    notes: tuple[tuple[datetime, str], ...]
    said: tuple[Shared, ...]
    measured: tuple[Measured, ...]
    goals: tuple[Goal, ...]
    handed_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the client is told of an opening: the role, from when, until when."""

    role: str
    begun_at: datetime
    ended_at: datetime


def begin(session: Session, person_id: UUID, role: str, whom: str, reason: str, *, now: datetime) -> UUID:
    """Open the course of a client (``whom``: the key, or the clinic's own number) for an hour; what it can be seen by.

    Raises InvalidInput for no such client or a reason too short. The same person opening the same course again while
    it is open is the same opening.
    """
    words = " ".join(reason.split())
    n_letters = sum(letter.isalnum() for letter in words)  # what a reader sees nothing of is no reason
    if not SHORTEST <= len(words) <= LONGEST or n_letters < SHORTEST // 2:
        raise InvalidInput("reason", len(words), f"expected {SHORTEST} to {LONGEST} letters")
    client_id = rows.client(session, whom.strip())
    if client_id is None:
        raise InvalidInput("whom", "", "no client of this clinic has this number")
    known = rows.open_of(session, person_id, client_id, now)
    if known is not None:
        return known.id
    row = EmergencyAccessRow(
        id=new_key(), person_id=person_id, client_id=client_id, role=role, begun_at=now, until=now + AT_MOST
    )
    row.reason = words
    session.add(row)
    session.flush()
    minutes = int(AT_MOST.total_seconds() // 60)
    audit.record(session, "emergency.begun", now=now, subject=str(client_id), actor=str(person_id), role=role,
                 minutes=minutes)  # fmt: skip
    for key, email in _others(session, person_id):
        outbox.promise(session, "emergency", f"{row.id}:{key}", email, now=now)
    return row.id


def _others(session: Session, person_id: UUID) -> list[tuple[UUID, str]]:
    """Who hears of it: the administrators but oneself, where there is none the leads, and then the coordinators."""
    for role in ("administrator", "clinic_lead", "coordinator"):
        found = [one for one in people.addresses_in(session, role) if one[0] != person_id]
        if found:
            return found
    return []


def end(session: Session, key: UUID, person_id: UUID, *, now: datetime) -> None:
    """Close what one opened; nothing where it has closed. Raises LookupError for what is another's."""
    row = _own(session, key, person_id)
    if row.ended_at is None and now < row.until:
        row.ended_at = now
        session.flush()
        audit.record(session, "emergency.ended", now=now, subject=str(row.client_id), actor=str(person_id))


def look(session: Session, key: UUID, person_id: UUID, *, now: datetime) -> Course:
    """What one opened. Raises LookupError for what is another's, or over."""
    row = _own(session, key, person_id)
    if row.ended_at is not None or now >= row.until:
        raise LookupError("this is over")
    client = row.client_id
    intake_id, contact = queue.named(session, [client]).get(client, (None, {}))
    case = queue.case(session, intake_id) if intake_id is not None else None
    place = waiting.placements(session, [client]).get(client)
    return Course(
        opened=_opened(row, "", now),
        name=contact.get("name", ""),
        contact={name: words for name, words in contact.items() if name != "name"},
        flags=() if case is None else tuple((flag.kind, flag.raised_at) for flag in case.flags),
        therapist="" if place is None else rows.therapist_name(session, place.therapist_id),
        notes=tuple((event.at, event.words) for event in waiting.events(session, client) if event.words),
        said=() if place is None else shared_courses.by_name(session, client, place.therapist_id),
        measured=measures.shared(session, client),
        goals=goals.shared(session, client),
        handed_on=handovers.agreed(session, client),
    )


def own(session: Session, person_id: UUID, *, now: datetime) -> tuple[Opened, ...]:
    """What this person has open just now."""
    return tuple(_opened(row, "", now) for row in rows.open_by(session, person_id, now))


def lately(session: Session, *, now: datetime) -> tuple[Opened, ...]:
    """What was opened in the last thirty days, the newest first, with the reasons: for administrators."""
    found = rows.since(session, now - LATELY)
    names = case_rows.names(session, {row.person_id for row in found})
    return tuple(_opened(row, names.get(row.person_id, ""), now) for row in found)


def of_client(session: Session, client_id: UUID | None, *, now: datetime) -> tuple[Told, ...]:
    """What a client is told of the openings of their course, the newest first."""
    if client_id is None:
        return ()
    return tuple(Told(row.role, row.begun_at, _over(row, now)) for row in rows.of_client(session, client_id))


def _own(session: Session, key: UUID, person_id: UUID) -> EmergencyAccessRow:
    row = rows.by_id(session, key)
    if row is None or row.person_id != person_id:
        raise LookupError("nobody opened this, or somebody else")
    return row


def _over(row: EmergencyAccessRow, now: datetime) -> datetime:
    return row.ended_at or min(row.until, max(now, row.begun_at))


def _opened(row: EmergencyAccessRow, person: str, now: datetime) -> Opened:
    is_open = row.ended_at is None and now < row.until
    return Opened(
        row.id, person, row.role, row.client_id, row.reason, row.begun_at, row.until, row.ended_at, is_open
    )  # fmt: skip
