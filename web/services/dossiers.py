"""A case as a coordinator decides on it: where it stands, what was done, whom the list offers, and who is not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Reason
from web.db import mapping
from web.db.queries import cases as case_rows
from web.db.queries import clinics, intakes, lists, requests, waiting
from web.services import intakes as intake_service
from web.services import lists as list_service
from web.services import loads, matching, queue
from web.services.clinics import Clinic
from web.services.intakes import KeptIntake
from web.services.lists import StoredList
from web.services.loads import Load
from web.services.queue import Case
from web.services.shown import STORED

MOST_REFUSED = 8
MOST_OTHERS = 300


@dataclass(frozen=True, slots=True)
class Kept:
    """The place that is open for a client; ``state`` is held, asked or given."""

    id: UUID
    therapist_id: str
    therapist: str
    state: str
    until: datetime | None
    made_at: datetime
    made_by: str
    reason: str | None
    first_session_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done about a client. ``actor`` is a person's name, or the word for what is no person."""

    at: datetime
    actor: str
    kind: str
    details: Mapping[str, str | int]
    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody who cannot be offered: why, the smallest changes of the answers that open them, and what none opens.

    The codes are those of now: without any, only the list is behind.
    """

    therapist_id: str
    codes: tuple[str, ...]
    changes: tuple[Reason, ...]
    fixed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offers:
    """The newest list, and all therapists beside it. ``first_free`` is the best of the list who has a place now.

    ``is_overtaken``: the client has said something else since. ``others`` are those who stand in no place of the list.
    """

    stored: StoredList | None
    first_free: str | None
    loads: Mapping[str, Load]
    refused: tuple[Refused, ...]
    n_refused: int
    others: tuple[str, ...]
    is_overtaken: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case with all that is needed to decide. Without a client, the intake was never sent: there is nothing to do."""

    case: Case
    client_id: UUID | None
    state: str | None
    revision: int
    priority: int
    waiting_since: datetime | None
    closed_because: str | None
    place: Kept | None
    events: tuple[Event, ...]
    offers: Offers | None
    target_days: int
    hold_hours: int


def of_intake(session: Session, clinic: Clinic, intake_id: UUID, *, most: int, now: datetime) -> Dossier | None:
    """The case of an intake, with the first ``most`` places of its list; None where the clinic has no such intake."""
    shown, kept = queue.case(session, intake_id), intake_service.of_id(session, intake_id)
    if shown is None or kept is None:
        return None
    row = waiting.case(session, kept.client_id) if kept.client_id is not None else None
    settings = clinics.by_id(session, clinic.id)
    return Dossier(
        case=shown,
        client_id=kept.client_id,
        state=row and row.state,
        revision=row.revision if row else 0,
        priority=row.priority if row else 0,
        waiting_since=row and row.waiting_since,
        closed_because=row and row.closed_reason,
        place=_place(session, row.client_id) if row else None,
        events=_events(session, row.client_id) if row else (),
        offers=_offers(session, clinic, kept, most, now) if row else None,
        target_days=settings.wait_target_days,
        hold_hours=settings.hold_hours,
    )


def bring_up_to_date(session: Session, clinic: Clinic, intake_id: UUID, *, actor: str, now: datetime) -> None:
    """Make the list of an intake that was sent anew, from what is so now. Raises LookupError for another one."""
    kept = intake_service.of_id(session, intake_id)
    if kept is None or kept.client_id is None:
        raise LookupError("an intake that was not sent has no list")
    list_service.make(session, clinic, kept, now=now, actor=actor)


def client_of(session: Session, intake_id: UUID) -> UUID | None:
    """Whose intake it is; None where it was never sent, or is not there."""
    row = case_rows.by_id(session, intake_id)
    return row and row.client_id


def _place(session: Session, client_id: UUID) -> Kept | None:
    row = waiting.placements(session, [client_id]).get(client_id)
    if row is None:
        return None
    with_whom = requests.therapist(session, row.therapist_id)
    return Kept(
        row.id, with_whom.external_id, with_whom.name, row.state, row.until, row.made_at, row.made_by, row.reason,
        row.first_session_at,
    )  # fmt: skip


def _events(session: Session, client_id: UUID) -> tuple[Event, ...]:
    """What was done, the newest first."""
    rows = waiting.events(session, client_id)
    people = {key for row in rows if (key := _person(row.actor)) is not None}
    names = case_rows.names(session, people)
    return tuple(
        Event(row.at, _named(row.actor, names), row.kind, row.details, row.words) for row in reversed(list(rows))
    )


def _named(actor: str, names: Mapping[UUID, str]) -> str:
    person = _person(actor)
    return actor if person is None else names.get(person, "nobody")


def _person(actor: str) -> UUID | None:
    try:
        return UUID(actor)
    except ValueError:
        return None


def _offers(session: Session, clinic: Clinic, kept: KeptIntake, most: int, now: datetime) -> Offers:
    assert kept.client_id is not None
    stored = list_service.latest(session, clinic, kept, most=most)
    everybody = loads.every(session, now=now)
    ranked = _ranked(session, kept.client_id)
    refused = {one.therapist_id: one.codes for one in stored.matches.refusals} if stored else {}
    refused = {key: codes for key, codes in refused.items() if key in everybody}
    nearest = sorted(refused, key=lambda key: (len(refused[key]), everybody[key].left < 1, key))[:MOST_REFUSED]
    head = lists.latest(session, kept.client_id)
    version = intakes.current_version(session, kept.client_id)
    intake = mapping.intake_of(str(kept.id), version.answers)
    ways = matching.ways_to(session, clinic.id, intake, nearest, now=now)
    others = [key for key, load in everybody.items() if key not in ranked and load.left]
    return Offers(
        stored=stored,
        first_free=next((key for key in ranked if key in everybody and everybody[key].left > 0), None),
        loads=everybody,
        refused=tuple(
            Refused(key, ways[key].refusals, ways[key].changes, ways[key].fixed) for key in nearest if key in ways
        ),
        n_refused=len(refused),
        others=tuple(others[:MOST_OTHERS]),
        is_overtaken=head is not None and head.intake_version_id != version.id,
    )


def _ranked(session: Session, client_id: UUID) -> list[str]:
    newest = lists.newest(session, client_id)
    rows: Sequence[Any] = lists.places(session, newest, STORED) if newest is not None else ()
    return [row.explanation["therapist"]["id"] for row in rows]
