"""Departures: a therapist leaves, or is on leave, takes nobody new, and their caseload finds others.

What their free places were is kept with the departure, and so is every place that comes back to them meanwhile; they
have them again when it is called off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import clinics, directory, waiting
from web.db.queries import departures as rows
from web.db.queries import proposals as proposal_rows
from web.db.tables import DepartureRow, TherapistRow
from web.services import audit, imported_caseloads, lost_sessions, placing, proposal_people, proposals, requests
from web.services.clinics import Clinic
from web.services.conflicts import Conflict
from web.services.imported_caseloads import Met
from web.services.proposal_people import Person
from web.services.proposal_settings import Settings

LEAVES, LEAVE = KINDS = ("leaves", "leave")


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody leaves for good (``leaves``), or is on leave until a day that may not be known yet (``leave``)."""

    kind: str
    begins_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Therapist:
    """A therapist, their free places, for how many a place of theirs is open, and whether they leave."""

    key: UUID
    id: str
    name: str
    n_places: int
    n_clients: int
    departure: Departure | None


@dataclass(frozen=True, slots=True)
class Member:
    """A client of a caseload: their place is given, held or asked for, or ``gone`` to somebody else, who is named.

    ``written_at``: when something was written to be handed on, if so; ``agreed``: the client has agreed to that.
    """

    person: Person
    state: str
    since: datetime
    now_with: str
    written_at: datetime | None
    agreed: bool


@dataclass(frozen=True, slots=True)
class Caseload:
    """A therapist and everybody who has, or had, a place with them.

    ``met`` are those of a file of ratings who meet with them and have no place here.
    """

    therapist: Therapist
    members: tuple[Member, ...]
    met: Met

    @property
    def n_open(self) -> int:
        """For how many a place with them is still open."""
        return sum(member.state != "gone" for member in self.members)


def everybody(session: Session, *, now: datetime) -> tuple[Therapist, ...]:
    """All therapists: who leaves first, then by name."""
    leaving, held = rows.every_open(session), proposal_rows.held(session, now)
    found = [_therapist(row, leaving.get(row.id), held) for row in directory.every(session)]
    return tuple(sorted(found, key=lambda one: (one.departure is None, one.name, one.id)))


def is_known(session: Session, key: UUID) -> bool:
    """Whether the clinic has a therapist with this key."""
    return rows.therapist(session, key) is not None


def caseload(session: Session, key: UUID, *, now: datetime) -> Caseload | None:
    """A therapist's caseload; None where there is nobody with this key."""
    row = rows.therapist(session, key)
    if row is None:
        return None
    had = {place.client_id: place for place in rows.had(session, key)}
    people = proposal_people.people(session, map(str, had))
    notes = {note.client_id: note for note, author in rows.handovers(session, list(had)) if author.id == key}
    open_ = waiting.placements(session, list(had))
    names = {one: name for one, name, _n in proposal_rows.therapists(session).values()}
    members = [
        Member(
            people[str(client)], place.state if place.state != "ended" else "gone", place.made_at,
            names[open_[client].therapist_id] if place.state == "ended" and client in open_ else "",
            notes[client].written_at if client in notes else None,
            client in notes and notes[client].consented_at is not None,
        )
        for client, place in had.items()
    ]  # fmt: skip
    departure = rows.open_of(session, [key]).get(key)
    met = imported_caseloads.met(session, key, now=now)
    return Caseload(_therapist(row, departure, proposal_rows.held(session, now)), tuple(members), met)


def announce(
    session: Session, clinic: Clinic, key: UUID, said: Departure, *, zone: tzinfo = UTC, actor: str, now: datetime
) -> None:
    """Let a therapist take nobody new from now on. Announcing again changes the days, which are those of ``zone``.

    Who waits for their answer is asked for elsewhere, holds end, sessions on days on which they are away are called
    off, and who meets with them by a file of ratings is counted in.
    """
    clinics.lock(session, clinic.id)
    waiting.locked(session, [row.client_id for row in waiting.open_with(session, key)])
    therapist = _locked(session, key)
    row = rows.open_of(session, [key]).get(key)
    _require_days(said, row, now.astimezone(zone).date())
    is_new = row is None
    if row is None:
        row = DepartureRow(therapist_id=key, capacity_before=therapist.capacity, made_at=now, made_by=actor)
    row.kind, row.begins_on, row.ends_on = said.kind, said.begins_on, said.ends_on
    session.add(row)
    if is_new:
        therapist.capacity = 0
        _tell_directory(session, clinic, therapist)
    audit.record(
        session, "departure.announced", now=now, subject=therapist.external_id, actor=actor, kind=said.kind
    )  # fmt: skip
    _let_go(session, clinic, key, actor=actor, now=now)
    days = (said.begins_on, said.ends_on)
    lost_sessions.call_off_between(session, clinic, key, days, zone=zone, actor=actor, now=now)


def _let_go(session: Session, clinic: Clinic, key: UUID, *, actor: str, now: datetime) -> None:
    """Whoever has no place with them yet looks elsewhere; whoever is their client by a file alone is one here too."""
    held = [place for place in waiting.open_with(session, key) if place.state == placing.HELD]
    placing.give_back(session, clinic, held, because=placing.DEPARTURE, actor=actor, now=now)
    requests.end_asked_of(session, clinic, key, actor=actor, now=now)
    imported_caseloads.take_along(session, clinic, key, actor=actor, now=now)


def _require_days(said: Departure, before: DepartureRow | None, today: date) -> None:
    if said.kind not in KINDS:
        raise InvalidInput("kind", said.kind, f"use one of: {', '.join(KINDS)}")
    if said.ends_on is not None and (said.kind == LEAVES or said.ends_on < said.begins_on):
        raise InvalidInput("ends_on", said.ends_on.isoformat(), "expected a day on or after the first day of a leave")
    if said.begins_on < today and (before is None or before.begins_on != said.begins_on):
        raise InvalidInput("begins_on", said.begins_on.isoformat(), "choose today or a later day; this one has passed")
    if said.ends_on is not None and said.ends_on < today:
        mend = "choose today or a later day; where they are back already, say that they take clients again"
        raise InvalidInput("ends_on", said.ends_on.isoformat(), mend)


def end_leaves(session: Session, clinic: Clinic, *, zone: tzinfo = UTC, now: datetime) -> int:
    """Let those take clients again whose leave is over, by the days of ``zone``; how many they are."""
    today = now.astimezone(zone).date()
    over = [row for row in rows.every_open(session).values() if row.ends_on is not None and row.ends_on < today]
    for row in sorted(over, key=lambda row: row.therapist_id):
        call_off(session, clinic, row.therapist_id, actor="clock", now=now)
    return len(over)


def call_off(session: Session, clinic: Clinic, key: UUID, *, actor: str, now: datetime) -> None:
    """Let a therapist take clients again, with the places they had; calling off twice is calling off once."""
    clinics.lock(session, clinic.id)
    therapist = _locked(session, key)
    row = rows.open_of(session, [key]).get(key)
    if row is None:
        return
    row.called_off_at = now
    therapist.capacity += row.capacity_before
    session.flush()
    _tell_directory(session, clinic, therapist)
    audit.record(session, "departure.called_off", now=now, subject=therapist.external_id, actor=actor)


def propose(session: Session, clinic: Clinic, key: UUID, *, actor: str, now: datetime) -> UUID:
    """Ask for a proposal for everybody who still has a place with a therapist who leaves."""
    therapist = rows.therapist(session, key)
    if therapist is None or key not in rows.open_of(session, [key]):
        raise Conflict("not_open", therapist_id=key)
    imported_caseloads.take_along(session, clinic, key, actor=actor, now=now)
    return proposals.begin_once(session, Settings(leaving=therapist.external_id), actor=actor, now=now)


def _locked(session: Session, key: UUID) -> TherapistRow:
    found = waiting.therapists_locked(session, [key]).get(key)
    if found is None:
        raise Conflict("no_therapist", therapist_id=key)
    return found


def _tell_directory(session: Session, clinic: Clinic, row: TherapistRow) -> None:
    session.flush()
    directory.keep_version(session, [row], clinics.directory_changed(session, clinic.id))


def _therapist(row: TherapistRow, leaves: DepartureRow | None, held: Mapping[str, int]) -> Therapist:
    departure = None if leaves is None else Departure(leaves.kind, leaves.begins_on, leaves.ends_on)
    return Therapist(row.id, row.external_id, row.name, row.capacity, held.get(row.external_id, 0), departure)
