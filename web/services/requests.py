"""Requests: a client asks for a first and a second choice, therapists answer by a deadline, the clinic sees the rest.

While a therapist is asked, the place is kept for the client. A decline, or a deadline that passes, asks the second
choice; after that the coordinator has the next step. Whoever has declined is offered to this client no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import clinics, courses, directory, intakes, lists, requests, waiting
from web.db.tables import PlacementRow, RequestChoiceRow, RequestRow, TherapistRow
from web.db.tables.base import new_key
from web.services import appointments, cases, free_places, moves, outbox, placing
from web.services import clinics as clinic_service
from web.services import intakes as intake_service
from web.services.clinics import Clinic
from web.services.conflicts import Conflict
from web.services.intakes import BLOCKED, KeptIntake
from web.services.moves import Away, Moved
from web.services.placing import ASKED, Wanted
from web.services.shown import STORED

DECLINES = ("no_time", "not_my_field", "know_each_other", "away", "other")
MOST_CHOICES = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a request as the client sees it; ``state`` as in ``RequestChoiceRow``."""

    therapist_id: str
    therapist: str
    choice: int
    state: str
    answer_by: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """The place that a client has: with whom, since when, and when the first session is."""

    therapist_id: str
    therapist: str
    given_at: datetime
    by_request: bool
    first_session_at: datetime | None
    key: UUID


@dataclass(frozen=True, slots=True)
class Status:
    """Where a client stands: the last request with its choices, and the place they have; either may be None.

    ``ended``: a place that was given has been given back since, by the practice; ``stopped``: their request has.
    ``away``: their therapist will be; ``moved``: whom they had before they were handed on.
    """

    state: str | None
    made_at: datetime | None
    choices: tuple[Choice, ...]
    place: Place | None
    ended: bool = False
    stopped: bool = False
    away: Away | None = None
    moved: Moved | None = None


def ask(
    session: Session,
    clinic: Clinic,
    kept: KeptIntake,
    therapists: Sequence[str],
    *,
    key: UUID | None = None,
    now: datetime,
) -> None:
    """Ask for one or two therapists, by their ids, the first choice first.

    Raises Conflict where they are not on the list that the client saw, where a request or place is open already, or
    where neither has a place left; then nothing is done. Asking twice for the same is asking once. ``key`` names the
    request, where it has one before it is made.
    """
    clinics.lock(session, clinic.id)
    client_id = _client(kept)
    newest = lists.newest(session, client_id)
    shown = {row.explanation["therapist"]["id"] for row in lists.places(session, newest, STORED)} if newest else set()
    chosen = list(dict.fromkeys(therapists))[:MOST_CHOICES]
    if not chosen or not set(chosen) <= shown - _declined(session, client_id):
        raise Conflict("not_on_list", client_id=client_id)
    cases.opened(session, client_id, now=now)
    before = requests.latest(session, client_id)
    if before is not None and before.state == "open":
        if [_choice(session, row).therapist_id for row in requests.choices(session, before.id)] == chosen:
            return
        raise Conflict("has_request", client_id=client_id)
    request = RequestRow(id=key or new_key(), client_id=client_id, list_id=newest, made_at=now)
    session.add(request)
    session.flush()
    keys = {row.external_id: row.id for row in directory.some(session, chosen)}
    for k, id_ in enumerate((id_ for id_ in chosen if id_ in keys), start=1):
        session.add(RequestChoiceRow(request_id=request.id, therapist_id=keys[id_], choice=k))
    session.flush()
    if not _ask_next(session, clinic, request, now=now):
        raise Conflict("no_place", client_id=client_id, therapist_id=keys.get(chosen[0]))
    outbox.promise(session, "request_received", str(request.id), intakes.email_of(session, client_id), now=now)


def withdraw(session: Session, clinic: Clinic, kept: KeptIntake, *, now: datetime) -> None:
    """Take back the last request, and the place that it led to. Taking back twice is taking back once."""
    clinics.lock(session, clinic.id)
    client_id = _client(kept)
    cases.of(session, client_id, None)
    request = requests.latest(session, client_id)
    if request is not None and request.state in ("open", "accepted"):
        for choice in requests.choices(session, request.id):
            if choice.state in ("waiting", "asked", "accepted"):
                choice.state = "withdrawn"
        request.state, request.ended_at = "withdrawn", now
        session.flush()
    place = waiting.placements(session, [client_id]).get(client_id)
    if place is not None and place.state != placing.HELD:
        placing.give_back(session, clinic, [place], because="withdrawn", actor="client", now=now)
        reach = requests.email_of(session, requests.therapist(session, place.therapist_id))
        outbox.promise(session, "withdrawn", str(place.id), reach, now=now)


def accept(
    session: Session, clinic: Clinic, person_id: UUID, choice_id: UUID, *, first: datetime | None, now: datetime
) -> UUID:
    """A therapist takes a client on; ``first`` is when they meet, if that is known. The key of the place.

    Raises Conflict, LookupError.
    """
    clinics.lock(session, clinic.id)
    choice, request, therapist = _asked(session, person_id, choice_id)
    wanted = Wanted(request.client_id, therapist.id, origin="request", choice_id=choice.id)
    placing.place(session, clinic, [wanted], actor=str(person_id), now=now)
    choice.state, choice.answered_at = "accepted", now
    request.state, request.ended_at = "accepted", now
    place = waiting.placements(session, [request.client_id])[request.client_id]
    place.first_session_at = first
    session.flush()
    if first is not None:
        appointments.plan(session, clinic, request.client_id, therapist.id, first, actor=str(person_id), now=now)
    outbox.promise(session, "request_accepted", str(choice.id), intakes.email_of(session, request.client_id), now=now)
    return place.id


def decline(session: Session, clinic: Clinic, person_id: UUID, choice_id: UUID, reason: str, *, now: datetime) -> None:
    """A therapist cannot take a client on; the second choice is asked. Raises Conflict, LookupError."""
    if reason not in DECLINES:
        raise ValueError(f"reason {reason!r} is none of {DECLINES}")
    clinics.lock(session, clinic.id)
    choice, request, therapist = _asked(session, person_id, choice_id)
    choice.reason = reason
    intake_service.block(session, request.client_id, therapist.external_id, now=now)
    _go_on(session, clinic, request, choice, "declined", actor=str(person_id), now=now)


def lapse(session: Session, clinic: Clinic, *, now: datetime) -> int:
    """Let requests go on whose deadline has passed without an answer; how many those were."""
    clinics.lock(session, clinic.id)
    rows = waiting.overdue(session, ASKED, now)
    for row in rows:
        waiting.locked(session, [row.client_id])
        choice = requests.choice(session, row.choice_id) if row.choice_id else None
        request = requests.by_id(session, choice.request_id) if choice else None
        if choice is not None and request is not None and choice.state == "asked":
            _go_on(session, clinic, request, choice, "lapsed", actor="clock", now=now)
    return len(rows)


def end_asked_of(session: Session, clinic: Clinic, therapist_id: UUID, *, actor: str, now: datetime) -> int:
    """Let the requests go on that wait for the answer of somebody who will be away, as if they had declined."""
    clinics.lock(session, clinic.id)
    rows = [row for row in waiting.open_with(session, therapist_id) if row.state == ASKED]
    for row in rows:
        choice = requests.choice(session, row.choice_id) if row.choice_id else None
        request = requests.by_id(session, choice.request_id) if choice else None
        if choice is not None and request is not None and choice.state == "asked":
            choice.reason = "away"
            _go_on(session, clinic, request, choice, "declined", actor=actor, now=now)
    return len(rows)


def book(session: Session, person_id: UUID, placement_id: UUID, first: datetime | None, *, now: datetime) -> None:
    """Note when a therapist and a client first meet, or that this is open again. Raises Conflict, LookupError."""
    therapist = courses.therapist_of(session, person_id)
    place = waiting.placement(session, placement_id)
    if therapist is None or place is None or place.therapist_id != therapist.id:
        raise LookupError("this place is not one of this therapist's")
    clinic = clinic_service.of_id(session, place.clinic_id)
    clinics.lock(session, clinic.id)
    cases.of(session, place.client_id, None)
    [place] = waiting.anew(session, [place.id])
    if place.state != placing.GIVEN:
        raise Conflict("not_open", client_id=place.client_id)
    if place.first_session_at != first:
        before, place.first_session_at = place.first_session_at, first
        session.flush()
        appointments.move(session, clinic, place, before, first, actor=str(person_id), now=now)
        cases.note(session, place.client_id, "booked" if first else "unbooked", now=now, actor=str(person_id))
        outbox.promise(
            session, "booked", f"{place.id}:{now.isoformat()}", intakes.email_of(session, place.client_id), now=now
        )  # fmt: skip


def answer_by(session: Session, clinic: Clinic, *, now: datetime) -> datetime:
    """Until when a therapist who is asked now shall have answered."""
    return now + timedelta(days=clinics.by_id(session, clinic.id).answer_days)


def status(session: Session, kept: KeptIntake) -> Status:
    """Where a client stands."""
    client_id = _client(kept)
    request = requests.latest(session, client_id)
    place = waiting.placements(session, [client_id]).get(client_id)
    choices = requests.choices(session, request.id) if request is not None else []
    given = place if place is not None and place.state == placing.GIVEN else None
    return Status(
        state=request and request.state,
        made_at=request and request.made_at,
        choices=tuple(_choice(session, choice) for choice in choices),
        place=given and _place(session, given),
        ended=place is None and waiting.was_taken_away(session, client_id),
        stopped=request is not None
        and request.state == "declined"
        and any(one.state == "withdrawn" for one in choices),
        away=given and moves.away(session, given),
        moved=given and moves.moved(session, given),
    )


def choices_of(session: Session, request_id: UUID) -> tuple[Choice, ...]:
    """How the choices of a request stand, the first one first."""
    return tuple(_choice(session, row) for row in requests.choices(session, request_id))


def standing(session: Session, kept: KeptIntake) -> str | None:
    """``placed`` or ``open``, for a client who has a place or has asked for one; None for one who may ask."""
    if kept.client_id is None:
        return None
    place, request = requests.standing(session, kept.client_id)
    if place is not None:
        return "placed"
    return "open" if request == "open" else None


def with_places(session: Session, kept: KeptIntake, *, now: datetime) -> tuple[str, ...]:
    """Those on the client's newest list who have a place at this moment, by their ids, the best first."""
    newest = lists.newest(session, _client(kept))
    shown = [row.explanation["therapist"]["id"] for row in lists.places(session, newest, STORED)] if newest else []
    left, declined = free_places.of(session, shown, now=now), _declined(session, _client(kept))
    return tuple(id_ for id_ in shown if left.get(id_, 0) > 0 and id_ not in declined)


def _go_on(
    session: Session,
    clinic: Clinic,
    request: RequestRow,
    choice: RequestChoiceRow,
    because: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    """One choice has come to nothing: give its place back, ask the next one, or let the clinic find the next step."""
    choice.state, choice.answered_at = because, now
    session.flush()
    place = waiting.placements(session, [request.client_id]).get(request.client_id)
    if place is not None and place.choice_id == choice.id:
        placing.give_back(session, clinic, [place], because=because, actor=actor, now=now)
    if not _ask_next(session, clinic, request, now=now):
        request.state, request.ended_at = "declined", now
        session.flush()
        cases.note(session, request.client_id, "all_declined", now=now, actor=actor)
    outbox.promise(session, "request_goes_on", str(choice.id), intakes.email_of(session, request.client_id), now=now)


def _ask_next(session: Session, clinic: Clinic, request: RequestRow, *, now: datetime) -> bool:
    """Ask the first choice that waits and has a place; whether there is one."""
    until = answer_by(session, clinic, now=now)
    for choice in requests.choices(session, request.id):
        if choice.state != "waiting":
            continue
        wanted = Wanted(request.client_id, choice.therapist_id, ASKED, "request", until, choice.id)
        try:
            placing.place(session, clinic, [wanted], actor="client", now=now)
        except Conflict as against:
            if against.code not in ("no_place", "no_therapist"):
                raise
            choice.state = "full"
            session.flush()
            continue
        choice.state, choice.asked_at, choice.answer_by = "asked", now, until
        session.flush()
        therapist = requests.therapist(session, choice.therapist_id)
        reach = requests.email_of(session, therapist)
        outbox.promise(session, "request_made", str(choice.id), reach, now=now, answer_by=until.isoformat())
        return True
    return False


def _asked(session: Session, person_id: UUID, choice_id: UUID) -> tuple[RequestChoiceRow, RequestRow, TherapistRow]:
    """A choice that waits for this therapist's answer, its case locked."""
    therapist = courses.therapist_of(session, person_id)
    choice = requests.choice(session, choice_id)
    if therapist is None or choice is None or choice.therapist_id != therapist.id:
        raise LookupError("this request was not made to this therapist")
    request = requests.by_id(session, choice.request_id)
    assert request is not None
    cases.of(session, request.client_id, None)
    choice, request = requests.choice(session, choice_id), requests.by_id(session, choice.request_id)
    assert choice is not None and request is not None
    if choice.state != "asked":
        code = "answered" if choice.state in ("accepted", "declined") else "not_open"
        raise Conflict(code, client_id=request.client_id, therapist_id=therapist.id)
    return choice, request, therapist


def _choice(session: Session, row: RequestChoiceRow) -> Choice:
    therapist = requests.therapist(session, row.therapist_id)
    return Choice(therapist.external_id, therapist.name, row.choice, row.state, row.answer_by, row.answered_at)


def _place(session: Session, row: PlacementRow) -> Place:
    therapist = requests.therapist(session, row.therapist_id)
    by_request = row.origin == "request"
    return Place(therapist.external_id, therapist.name, row.made_at, by_request, row.first_session_at, row.id)


def _client(kept: KeptIntake) -> UUID:
    if kept.client_id is None:
        raise LookupError("an intake that was not sent has no request")
    return kept.client_id


def _declined(session: Session, client_id: UUID) -> set[str]:
    """Whom a client is not to be matched with, by their ids: a list that was made before may still show them."""
    return set(intakes.current_version(session, client_id).answers.get(BLOCKED, ()))
