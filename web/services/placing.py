"""Places that are kept for clients: taken and given back, never one more than a therapist has.

A place that is open has taken one from the therapist's capacity, in the same transaction. Whoever takes or gives back
locks first the clinic, so that no two can wait for each other, then cases and therapists, and looks again; the database
keeps capacities from falling below nothing, and a client from having two open places, whatever this file may get wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import clinics, departures, directory, intakes, requests, waiting
from web.db.tables import CaseRow, PlacementRow, TherapistRow
from web.services import appointments, cases, lost_sessions, outbox
from web.services.clinics import Clinic
from web.services.conflicts import Conflict, Conflicts

HELD, ASKED, GIVEN, ENDED = "held", "asked", "given", "ended"
HOLD_OVER, DEPARTURE = "hold_over", "departure"
BY_THEMSELVES = ("withdrawn", "declined", "lapsed")  # these have told, or asked, the other side already


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place for a client with a therapist, both by their keys.

    ``until`` is when a hold ends, or an answer is due; ``reason`` the code of an override, with the ``words`` for it.
    """

    client_id: UUID
    therapist_id: UUID
    state: str = GIVEN
    origin: str = "coordinator"
    until: datetime | None = None
    choice_id: UUID | None = None
    score: float | None = None
    reason: str | None = None
    words: str = ""


def place(session: Session, clinic: Clinic, wanted: Sequence[Wanted], *, actor: str, now: datetime) -> None:
    """Take all of these places, or none: raises Conflicts with everything that stands against.

    A hold for the client with the same therapist becomes what is wanted, and so does the place that their request
    keeps; holds that are over are given back first.
    """
    clinics.lock(session, clinic.id)
    over = _over(session, wanted, now)
    known = waiting.locked(session, {one.client_id for one in (*wanted, *over)})
    therapists = waiting.therapists_locked(session, {one.therapist_id for one in (*wanted, *over)})
    give_back(session, clinic, over, because=HOLD_OVER, actor="clock", now=now)
    held = waiting.placements(session, [one.client_id for one in wanted])
    conflicts = [*_against(wanted, known, held, therapists)]
    if conflicts:
        raise Conflicts(conflicts)
    for one in wanted:
        _take(session, one, held.get(one.client_id), known[one.client_id], therapists[one.therapist_id], actor, now)
    _tell_directory(session, clinic, {therapists[one.therapist_id] for one in wanted})


def give_back(
    session: Session, clinic: Clinic, rows: Iterable[PlacementRow], *, because: str, actor: str, now: datetime
) -> None:
    """End these places: each can be given to somebody else, and the client waits again since the day they came.

    A therapist who leaves, or is on leave, takes nobody new: what comes back to them is kept with their departure.
    """
    rows = list(rows)
    if not rows:
        return
    clinics.lock(session, clinic.id)
    known = waiting.locked(session, [row.client_id for row in rows])
    therapists = waiting.therapists_locked(session, {row.therapist_id for row in rows})
    leaving = departures.open_of(session, list(therapists))
    for row in waiting.anew(session, [row.id for row in rows]):
        is_over = row.state == HELD and row.until is not None and row.until <= now
        if row.state == ENDED or (because == HOLD_OVER and not is_over):
            continue
        _tell_that_it_ended(session, row, therapists[row.therapist_id], because, actor, now)
        if row.state == GIVEN:
            appointments.end(session, row.client_id, row.therapist_id, actor=actor, now=now)
        row.state, row.ended_at, row.ended_because = ENDED, now, because
        appointments.call_off_planned(session, clinic, row.client_id, row.therapist_id, actor=actor, now=now)
        if row.therapist_id in leaving:
            leaving[row.therapist_id].capacity_before += 1
        else:
            therapists[row.therapist_id].capacity += 1
        case = known[row.client_id]
        cases.became(case, cases.CLOSED if case.state == cases.CLOSED else cases.WAITING, now=now)
        therapist = therapists[row.therapist_id].external_id
        cases.note(session, row.client_id, "given_back", now=now, actor=actor, therapist=therapist, reason=because)
    session.flush()
    _tell_directory(session, clinic, therapists.values())


def give_back_overdue(session: Session, clinic: Clinic, *, now: datetime) -> int:
    """Give back the places whose hold is over; how many those were."""
    rows = waiting.overdue(session, HELD, now)
    give_back(session, clinic, rows, because=HOLD_OVER, actor="clock", now=now)
    return len(rows)


def _tell_that_it_ended(
    session: Session, row: PlacementRow, therapist: TherapistRow, because: str, actor: str, now: datetime
) -> None:
    """Whoever did not end a place that was given, or asked for, themselves is told that it has ended."""
    if row.state not in (ASKED, GIVEN) or because in BY_THEMSELVES:
        return
    outbox.promise(session, "withdrawn", str(row.id), requests.email_of(session, therapist), now=now)
    if row.state == GIVEN and because != DEPARTURE:  # who moves on with a whole caseload hears of the new place
        outbox.promise(session, "place_ended", str(row.id), intakes.email_of(session, row.client_id), now=now)
    if row.state == GIVEN and because == DEPARTURE and lost_sessions.is_planned(session, row, now):
        lost_sessions.tell(session, row, actor=actor, now=now)


def _over(session: Session, wanted: Sequence[Wanted], now: datetime) -> list[PlacementRow]:
    """Holds that are over and stand in the way: those of these clients and with these therapists."""
    clients, therapists = {one.client_id for one in wanted}, {one.therapist_id for one in wanted}
    return [
        row for row in waiting.overdue(session, HELD, now) if row.client_id in clients or row.therapist_id in therapists
    ]


def _against(
    wanted: Sequence[Wanted],
    known: dict[UUID, CaseRow],
    held: dict[UUID, PlacementRow],
    therapists: dict[UUID, TherapistRow],
) -> Iterable[Conflict]:
    """Everything that stands against, client by client; who comes later finds the place taken by who came before."""
    left = {key: row.capacity for key, row in therapists.items()}
    seen: set[UUID] = set()
    for one in wanted:
        again = one.client_id in seen
        code = "has_place" if again else _code(one, known.get(one.client_id), held.get(one.client_id), left)
        seen.add(one.client_id)
        if code is not None:
            yield Conflict(code, client_id=one.client_id, therapist_id=one.therapist_id)
        elif one.client_id not in held:
            left[one.therapist_id] -= 1


def _code(one: Wanted, case: CaseRow | None, held: PlacementRow | None, left: dict[UUID, int]) -> str | None:
    if case is None:
        return "no_case"
    if case.state == cases.CLOSED:
        return "case_closed"
    if one.therapist_id not in left:
        return "no_therapist"
    if held is not None:
        return None if _becomes(held, one) else "has_place"
    return None if left[one.therapist_id] >= 1 else "no_place"


def _becomes(held: PlacementRow, one: Wanted) -> bool:
    """Whether a place that is open is the one that is wanted: a hold is used, or a request answered."""
    answered = held.state == ASKED and held.choice_id is not None and held.choice_id == one.choice_id
    return held.therapist_id == one.therapist_id and (held.state == HELD or answered)


def _take(
    session: Session,
    one: Wanted,
    held: PlacementRow | None,
    case: CaseRow,
    therapist: TherapistRow,
    actor: str,
    now: datetime,
) -> None:
    row = held
    if row is None:
        therapist.capacity -= 1
        row = PlacementRow(client_id=one.client_id, therapist_id=one.therapist_id, made_at=now, made_by=actor)
        session.add(row)
    row.state, row.origin, row.until, row.choice_id = one.state, one.origin, one.until, one.choice_id
    row.score, row.reason = one.score, one.reason
    if one.state == GIVEN:
        appointments.go_on(session, one.client_id, one.therapist_id)
    cases.became(case, cases.PLACED if one.state == GIVEN else cases.WAITING, now=now)
    session.flush()
    details = {"therapist": therapist.external_id, "origin": one.origin}
    if one.reason is not None:
        details["reason"] = one.reason
    cases.note(session, one.client_id, one.state, now=now, actor=actor, words=one.words, **details)
    if one.state == GIVEN and one.origin != "request":
        outbox.promise(session, "place_given", str(row.id), intakes.email_of(session, one.client_id), now=now)
        outbox.promise(session, "new_client", str(row.id), requests.email_of(session, therapist), now=now)


def _tell_directory(session: Session, clinic: Clinic, rows: Iterable[TherapistRow]) -> None:
    directory.keep_version(session, rows, clinics.directory_changed(session, clinic.id))
