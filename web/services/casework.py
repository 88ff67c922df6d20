"""What a coordinator does about one case: assign, hold, give back, match anew, and what is noted of it.

Whoever does something says which revision of the case they saw. What is as it was wanted already is not done again, so
that a form that is sent twice does its work once; what was changed meanwhile is a Conflict, and nothing is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import clinics, directory, lists, requests, waiting
from web.db.tables import PlacementRow, TherapistRow
from web.services import cases, free_places, intakes, placing
from web.services import lists as list_service
from web.services.clinics import Clinic
from web.services.conflicts import Conflict
from web.services.placing import ASKED, GIVEN, HELD, Wanted
from web.services.shown import STORED

# Why somebody gets another place than the first of their list that is free
OVERRIDES = ("client_wishes", "better_times", "continuity", "expertise", "requirement_eased", "urgent", "other")
# Why a place is given back, so that somebody is matched anew: none of them blames anybody
REMATCHES = ("client_asked", "therapist_asked", "practical", "not_begun", "other")
RELEASED, TAKEN_BACK, UNDONE = "released", "taken_back", "undone"
LONGEST_WORDS = cases.LONGEST_WORDS
TWICE = timedelta(minutes=2)  # the same words again within so long are one note, sent twice


@dataclass(frozen=True, slots=True)
class By:
    """Who does it and when, and which revision of the case they saw."""

    actor: str
    now: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a client is to see, by the therapist's id; ``reason`` (of OVERRIDES), ``words`` where others come first."""

    therapist_id: str
    reason: str = ""
    words: str = ""


def assign(session: Session, clinic: Clinic, client_id: UUID, choice: Choice, by: By) -> None:
    """Give a client a place. Raises Conflict, and InvalidInput where a reason is needed and none is given."""
    _keep(session, clinic, client_id, choice, by, state=GIVEN)


def hold(session: Session, clinic: Clinic, client_id: UUID, choice: Choice, by: By) -> None:
    """Keep a place for a client for as long as the clinic holds places. Raises as ``assign``."""
    hours = clinics.by_id(session, clinic.id).hold_hours
    _keep(session, clinic, client_id, choice, by, state=HELD, until=by.now + timedelta(hours=hours))


def give_back(session: Session, clinic: Clinic, client_id: UUID, placement_id: UUID, by: By) -> None:
    """End the place that is open for a client: a hold, an answer that is waited for, or a place given by mistake."""
    clinics.lock(session, clinic.id)
    cases.of(session, client_id, None)
    place = waiting.placement(session, placement_id)
    if place is None or place.client_id != client_id:
        raise Conflict("not_open", client_id=client_id)
    if place.state == placing.ENDED:
        if place.ended_because in (RELEASED, TAKEN_BACK, UNDONE):
            return
        raise Conflict("not_open", client_id=client_id)
    cases.of(session, client_id, by.revision)
    because = {HELD: RELEASED, ASKED: TAKEN_BACK}.get(place.state, UNDONE)
    placing.give_back(session, clinic, [place], because=because, actor=by.actor, now=by.now)
    _end_request(session, client_id, by.now)


def rematch(
    session: Session, clinic: Clinic, intake_id: UUID, reason: str, by: By, *, words: str = "", again: bool = False
) -> None:
    """Give back the place that a client has, and make a new list; ``again``: the same therapist may stand in it.

    The history keeps the reason and the words; neither client nor therapist is told them.
    """
    if reason not in REMATCHES:
        raise InvalidInput("reason", reason, "say why the place is given back")
    kept = intakes.of_id(session, intake_id)
    if kept is None or kept.client_id is None:
        raise LookupError("an intake that was not sent has no place")
    clinics.lock(session, clinic.id)
    cases.of(session, kept.client_id, None)
    place = waiting.placements(session, [kept.client_id]).get(kept.client_id)
    if place is None and _was(session, kept.client_id, "rematched", reason=reason):
        return
    cases.of(session, kept.client_id, by.revision)
    if place is None or place.state != GIVEN:
        raise Conflict("not_open", client_id=kept.client_id)
    therapist = requests.therapist(session, place.therapist_id).external_id
    placing.give_back(session, clinic, [place], because=reason, actor=by.actor, now=by.now)
    _end_request(session, kept.client_id, by.now)
    if not again:
        intakes.block(session, kept.client_id, therapist, now=by.now)
    said = _said(words)
    cases.note(session, kept.client_id, "rematched", now=by.now, actor=by.actor, words=said, reason=reason)
    list_service.make(session, clinic, kept, now=by.now, actor=by.actor)


def prioritise(session: Session, client_id: UUID, priority: int, by: By) -> None:
    """Say how urgent a case is."""
    if cases.of(session, client_id, None).priority != priority:
        cases.prioritise(session, client_id, priority, revision=by.revision, actor=by.actor, now=by.now)


def close(session: Session, client_id: UUID, reason: str, by: By) -> None:
    """Take somebody off the waiting list."""
    row = cases.of(session, client_id, None)
    if row.state != cases.CLOSED or row.closed_reason != reason:
        cases.close(session, client_id, reason, revision=by.revision, actor=by.actor, now=by.now)


def reopen(session: Session, client_id: UUID, by: By) -> None:
    """Put somebody back on the waiting list."""
    if cases.of(session, client_id, None).state == cases.CLOSED:
        cases.reopen(session, client_id, revision=by.revision, actor=by.actor, now=by.now)


def say(session: Session, client_id: UUID, words: str, *, actor: str, now: datetime) -> None:
    """Keep a note, once. Raises InvalidInput for an empty one."""
    said = _said(words)
    if not said:
        raise InvalidInput("note", words, "write what shall be remembered")
    cases.of(session, client_id, None)
    last = [event for event in waiting.events(session, client_id) if event.kind == "note"][-1:]
    if not any(event.words == said and event.actor == actor and now - event.at < TWICE for event in last):
        cases.say(session, client_id, said, actor=actor, now=now)


def first_free(session: Session, client_id: UUID, *, now: datetime) -> str | None:
    """The therapist, by id, who stands first in the client's newest list among those with a place; None for nobody."""
    ranked = _ranked(session, client_id)
    left = free_places.of(session, [*ranked], now=now)
    return next((id_ for id_ in ranked if left.get(id_, 0) > 0), None)


def _keep(
    session: Session,
    clinic: Clinic,
    client_id: UUID,
    choice: Choice,
    by: By,
    *,
    state: str,
    until: datetime | None = None,
) -> None:
    clinics.lock(session, clinic.id)
    cases.of(session, client_id, None)
    therapist = next(iter(directory.some(session, [choice.therapist_id])), None)
    if therapist is None:
        raise Conflict("no_therapist", client_id=client_id)
    place = waiting.placements(session, [client_id]).get(client_id)
    if place is not None and _is_kept(place, therapist, state, by.now):
        return
    cases.of(session, client_id, by.revision)
    left = free_places.of(session, [choice.therapist_id], now=by.now)[choice.therapist_id]
    if left < 1 and (place is None or place.therapist_id != therapist.id):
        raise Conflict("no_place", client_id=client_id, therapist_id=therapist.id)
    reason = _reason(session, client_id, choice, place, therapist, by.now)
    if place is not None and place.state == HELD and place.therapist_id != therapist.id:
        waiting.therapists_locked(session, {place.therapist_id, therapist.id})  # both at once, in the order of all
        placing.give_back(session, clinic, [place], because=RELEASED, actor=by.actor, now=by.now)
    score = _ranked(session, client_id).get(choice.therapist_id)
    wanted = Wanted(client_id, therapist.id, state, until=until, score=score, reason=reason, words=_said(choice.words))
    placing.place(session, clinic, [wanted], actor=by.actor, now=by.now)


def _is_kept(place: PlacementRow, therapist: TherapistRow, state: str, now: datetime) -> bool:
    """Whether this is the place that is wanted: the form was sent twice."""
    is_over = place.until is not None and place.until <= now
    return place.therapist_id == therapist.id and place.state == state and not is_over


def _reason(
    session: Session,
    client_id: UUID,
    choice: Choice,
    place: PlacementRow | None,
    therapist: TherapistRow,
    now: datetime,
) -> str | None:
    """Why it is not the first who is free, where that is so; what was said for a hold holds for the place."""
    if place is not None and place.therapist_id == therapist.id:
        return choice.reason or place.reason
    if choice.therapist_id == first_free(session, client_id, now=now):
        return None
    if choice.reason not in OVERRIDES:
        raise InvalidInput("reason", choice.reason, "say why it is somebody else than the first who is free")
    is_offered = choice.therapist_id in _ranked(session, client_id)
    if not _said(choice.words) and (choice.reason == "other" or not is_offered):
        raise InvalidInput("words", choice.words, "say in a few words why, for those who look back")
    return choice.reason


def _ranked(session: Session, client_id: UUID) -> dict[str, float]:
    """Therapist → score of the client's newest list, best first; empty where there is none."""
    newest = lists.newest(session, client_id)
    rows = lists.places(session, newest, STORED) if newest is not None else ()
    return {row.explanation["therapist"]["id"]: row.score for row in rows}


def _end_request(session: Session, client_id: UUID, now: datetime) -> None:
    """A question that was taken back ends its request: the clinic has the next step. An answer stays as it was."""
    request = requests.latest(session, client_id)
    if request is None or request.state != "open":
        return
    for row in requests.choices(session, request.id):
        if row.state in ("waiting", "asked"):
            row.state = "withdrawn"
    request.state, request.ended_at = "declined", now
    session.flush()


def _was(session: Session, client_id: UUID, kind: str, **details: str) -> bool:
    """Whether this was done about a client at the last moment at which anything was."""
    events = waiting.events(session, client_id)
    return any(one.kind == kind and one.details == details and one.at == events[-1].at for one in events)


def _said(words: str) -> str:
    return words.strip()[:LONGEST_WORDS]
