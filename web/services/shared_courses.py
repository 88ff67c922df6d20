"""A client's course as their therapist may see it: with the client's consent by name, and not a trace of it without.

Consent is asked of the rows each time, so that a change of it holds from the next request on. Two things are needed:
the newest check-in is shared by name, and so is the one that is shown. What a client once said in aggregate stays
hidden when they share a later one, and taking consent back hides all. What was hidden is not in the expected band
either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from matcher.development import SLIDERS
from web.db.queries import appointments, courses
from web.db.queries import shared_courses as rows
from web.db.tables import CheckInRow, TherapistRow
from web.services import caseloads, watched_courses
from web.services.caseloads import Client
from web.services.clinics import Clinic

NAMED = "named"
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Shared:
    """What a client said and shares by name; ``score`` is the mean of the four sliders, 0 to 10."""

    check_in_id: UUID
    sliders: tuple[int, ...]
    helped: tuple[str, ...]
    hindered: tuple[str, ...]
    comment: str
    said_at: datetime
    read_at: datetime | None
    reply: str
    reply_seen_at: datetime | None

    @property
    def score(self) -> float:
        """The mean of the four sliders."""
        return sum(self.sliders) / len(self.sliders)


@dataclass(frozen=True, slots=True)
class Expected:
    """Where four of five such sessions lie, and half of them, 0 to 10."""

    lower: float
    typical: float
    upper: float


@dataclass(frozen=True, slots=True)
class Held:
    """A session: ``own`` is the therapist's rating of it, ``shared`` what the client said, where that may be seen."""

    session_id: UUID
    number: int
    at: datetime | None
    own: int | None
    shared: Shared | None
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """An appointment of the past or to come."""

    appointment_id: UUID
    begins_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A course that asks for a conversation."""

    alert_id: UUID
    kind: str
    session_number: int


@dataclass(frozen=True, slots=True)
class SharedCourse:
    """A client's work with their therapist. ``shares`` is whether the client lets them see it just now."""

    client: Client
    shares: bool
    has_spoken: bool
    sessions: tuple[Held, ...]
    alert: OpenAlert | None
    appointments: tuple[Planned, ...]
    suggested: datetime | None


def everybody(session: Session, person_id: UUID, *, now: datetime) -> tuple[SharedCourse, ...]:
    """The course of everybody who has a place with this therapist, the newest place first."""
    therapist = courses.therapist_of(session, person_id)
    if therapist is None:
        return ()
    return tuple(_course(session, therapist, one, now) for one in caseloads.clients(session, person_id))


def of_place(
    session: Session, person_id: UUID, placement_id: UUID, *, now: datetime, clinic: Clinic | None = None
) -> SharedCourse:
    """The course of one, with the expected band where a ``clinic`` is given.

    Raises LookupError for somebody else's client, Conflict where the place has ended.
    """
    client = caseloads.client(session, person_id, placement_id)
    therapist = courses.therapist_of(session, person_id)
    assert therapist is not None
    found = _course(session, therapist, client, now)
    if clinic is None or not found.shares:
        return found
    return replace(found, sessions=_with_band(session, clinic, therapist, found))


def shares(said: Sequence[CheckInRow]) -> bool:
    """Whether the newest of a client's check-ins is shared by name."""
    return bool(said) and max(said, key=lambda one: one.said_at).shown_to == NAMED


def by_name(session: Session, client_id: UUID, therapist_id: UUID) -> tuple[Shared, ...]:
    """What a client shares with a therapist by name just now, the first session first; nothing where they stopped."""
    said = [row[2] for row in rows.sessions(session, client_id, therapist_id) if row[2] is not None]
    return tuple(_shared(one) for one in said if one.shown_to == NAMED) if shares(said) else ()


def _course(session: Session, therapist: TherapistRow, client: Client, now: datetime) -> SharedCourse:
    client_id = client.place.client_id
    found = rows.sessions(session, client_id, therapist.id)
    said = [row[2] for row in found if row[2] is not None]
    is_shared = shares(said)
    alert = rows.told_alert(session, client_id, therapist.id) if is_shared else None
    planned = appointments.of_pair(session, client_id, therapist.id)
    return SharedCourse(
        client=client,
        shares=is_shared,
        has_spoken=bool(said),
        sessions=tuple(_held(row, is_shared) for row in found),
        alert=OpenAlert(alert.id, alert.kind, alert.session_number) if alert is not None else None,
        appointments=tuple(Planned(row.id, row.begins_at, row.state) for row in planned),
        suggested=_suggested(client, planned, now),
    )


def _with_band(session: Session, clinic: Clinic, therapist: TherapistRow, found: SharedCourse) -> tuple[Held, ...]:
    """The sessions with what was expected of each, given what is shown of those before, and nothing else."""
    dyad = appointments.dyad(session, found.client.place.client_id, therapist.id)
    read = watched_courses.read(session, clinic, [dyad.id]) if dyad is not None else None
    if read is None:
        return found.sessions
    shown = {one.number for one in found.sessions if one.shared is not None}
    course = read.courses[0]
    seen = [score if number in shown else np.nan for number, score in enumerate(course.scores.tolist(), start=1)]
    band = replace(read, courses=(replace(course, scores=np.array(seen, dtype=float)),)).band(0)
    low, width = clinic.scale.lowest, clinic.scale.top - clinic.scale.lowest

    def expected(number: int) -> Expected | None:
        ends = band.get(number)
        if ends is None:
            return None
        typical, lower, upper = (10 * (value - low) / width for value in ends)
        return Expected(lower, typical, upper)

    return tuple(replace(one, expected=expected(one.number)) for one in found.sessions)


def _held(row: Any, is_shared: bool) -> Held:
    held, appointment, check_in, own = row
    begins = appointment.begins_at if appointment is not None else None
    shown = _shared(check_in) if is_shared and check_in is not None and check_in.shown_to == NAMED else None
    return Held(held.id, held.number, begins, own.score if own is not None else None, shown)


def _shared(row: CheckInRow) -> Shared:
    return Shared(
        row.id, tuple(getattr(row, name) for name in SLIDERS), tuple(row.helped), tuple(row.hindered), row.comment,
        row.said_at, row.read_at, row.reply, row.reply_seen_at,
    )  # fmt: skip


def _suggested(client: Client, planned: Sequence[Any], now: datetime) -> datetime | None:
    """A week after the last one that was not called off, where nothing is planned."""
    if any(row.state == "planned" and row.begins_at > now for row in planned):
        return None
    known = [row.begins_at for row in planned if row.state in ("planned", "held", "missed")]
    last = max(known, default=client.place.first_session_at)
    if last is None:
        return None
    return last + WEEK * max(1, -(-(now - last) // WEEK))
