"""What therapists may know: before they have answered what somebody brings, and all of it once they work together.

Nobody sees a request that was made to somebody else, or a client of somebody else. How a client can be reached, and
what they wrote in their own words, is told to the one who has taken them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import RankedMatch
from web.db.queries import cases, courses, directory, intakes
from web.db.queries import requests as request_rows
from web.db.queries import waiting as placements
from web.db.tables import RequestChoiceRow
from web.services import answering, lists
from web.services.answering import Asking, InPlace
from web.services.conflicts import Conflict
from web.services.intakes import BLOCKED, CONTACT

ANSWERED = ("accepted", "declined")
OWN_WORDS = ("concern_text", "goals")


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody who asks for a therapist: what they bring, and what they read about this therapist on their list."""

    asking: Asking
    document: Mapping[str, Any]
    match: RankedMatch | None
    is_risk: bool


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who has a place: how to reach them, and everything that they told us."""

    place: InPlace
    contact: Mapping[str, str]
    document: Mapping[str, Any]
    is_risk: bool


@dataclass(frozen=True, slots=True)
class Names:
    """(latitude, longitude) → place, and a therapist's id → name, to put a document into words."""

    places: Mapping[tuple[float, float], str]
    therapists: Mapping[str, str]


def waiting(session: Session, person_id: UUID) -> tuple[Request, ...]:
    """Who waits for the answer of the therapist whom a person is, the earliest deadline first."""
    return tuple(_request(session, person_id, one) for one in answering.asked(session, person_id))


def request(session: Session, person_id: UUID, choice_id: UUID) -> Request:
    """One who waits for this therapist's answer. Raises LookupError for somebody else's, Conflict where it is over."""
    choice = own(session, person_id, choice_id)
    for one in answering.asked(session, person_id):
        if one.choice_id == choice_id:
            return _request(session, person_id, one)
    raise Conflict("answered" if choice.state in ANSWERED else "not_open")


def own(session: Session, person_id: UUID, choice_id: UUID) -> RequestChoiceRow:
    """A choice that was this therapist. Raises LookupError for any other."""
    therapist, choice = courses.therapist_of(session, person_id), request_rows.choice(session, choice_id)
    if therapist is None or choice is None or choice.therapist_id != therapist.id or choice.asked_at is None:
        raise LookupError("this request was not made to this therapist")
    return choice


def clients(session: Session, person_id: UUID) -> tuple[Client, ...]:
    """Who has a place with the therapist whom a person is, the newest first."""
    return tuple(_client(session, one) for one in answering.in_place(session, person_id))


def client(session: Session, person_id: UUID, placement_id: UUID) -> Client:
    """One who has a place with this therapist. Raises LookupError for any other, Conflict where the place has ended."""
    for one in answering.in_place(session, person_id):
        if one.placement_id == placement_id:
            return _client(session, one)
    therapist, place = courses.therapist_of(session, person_id), placements.placement(session, placement_id)
    if therapist is None or place is None or place.therapist_id != therapist.id:
        raise LookupError("this place is not one of this therapist's")
    raise Conflict("not_open")


def names(session: Session) -> Names:
    """What places and therapists are called."""
    return Names(
        {(place.latitude, place.longitude): place.name for place in intakes.places(session)},
        {therapist.external_id: therapist.name for therapist in directory.every(session)},
    )


def _request(session: Session, person_id: UUID, asking: Asking) -> Request:
    answers = _answers(session, asking.client_id)
    choice = own(session, person_id, asking.choice_id)
    made, therapist = (
        request_rows.by_id(session, choice.request_id),
        request_rows.therapist(session, choice.therapist_id),
    )
    match = lists.match_of(session, made.list_id, therapist.external_id) if made and made.list_id else None
    told = {name: value for name, value in answers.items() if name not in OWN_WORDS}
    return Request(asking, told, match, _is_risk(session, answers, asking.intake_id))


def _client(session: Session, place: InPlace) -> Client:
    answers = _answers(session, place.client_id)
    intake = cases.by_id(session, place.intake_id) if place.intake_id is not None else None
    contact = intake.answers.get(CONTACT, {}) if intake is not None else {}
    return Client(place, contact, answers, _is_risk(session, answers, place.intake_id))


def _answers(session: Session, client_id: UUID) -> dict[str, Any]:
    """What a client has sent; whom they are not to be matched with concerns no other therapist."""
    sent = intakes.current_version(session, client_id).answers
    return {name: value for name, value in sent.items() if name != BLOCKED}


def _is_risk(session: Session, answers: Mapping[str, Any], intake_id: UUID | None) -> bool:
    flagged = intake_id is not None and intake_id in cases.flagged(session, [intake_id], "safety")
    return flagged or bool(answers.get("at_risk"))
