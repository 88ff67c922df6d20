"""What a coordinator does about a case, on both engines: once, with its reason, never over another change."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, person_of, place_of, seen, sent, the_clinic, therapist, with_places
from web.db.queries import lists, waiting
from web.services import answering, bulk, casework, dossiers, intakes, placing, requests
from web.services.casework import By, Choice
from web.services.conflicts import Conflict, Conflicts
from web.services.intakes import KeptIntake

ACTOR = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def by(session: Session, kept: KeptIntake, *, behind: int = 0) -> By:
    """As somebody who sees the case as it is, or as it was some changes ago."""
    row = waiting.locked(session, [client_of(kept)])[client_of(kept)]
    return By(ACTOR, NOW, row.revision - behind)


def kinds(session: Session, kept: KeptIntake) -> list[str]:
    return sorted(event.kind for event in waiting.events(session, client_of(kept)))


def test_the_first_who_is_free_needs_no_reason_and_twice_is_once(session: Session) -> None:
    kept = sent(session)
    first, second = seen(session, kept)[:2]
    before, seen_now = therapist(session, first).capacity, by(session, kept)
    for _time in range(2):
        casework.assign(session, the_clinic(session), client_of(kept), Choice(first), seen_now)
    place = place_of(session, kept)
    assert place is not None and (place.state, place.reason) == ("given", None)
    assert therapist(session, first).capacity == before - 1
    assert kinds(session, kept) == ["given", "opened"]
    with pytest.raises(Conflict, match="case_changed"):
        casework.assign(session, the_clinic(session), client_of(kept), Choice(second, "urgent"), seen_now)


def test_whoever_stands_lower_is_assigned_with_a_reason_that_is_kept(session: Session) -> None:
    kept = sent(session)
    third = seen(session, kept)[2]
    with pytest.raises(InvalidInput, match="reason"):
        casework.assign(session, the_clinic(session), client_of(kept), Choice(third), by(session, kept))
    with pytest.raises(InvalidInput, match="words"):
        casework.assign(session, the_clinic(session), client_of(kept), Choice(third, "other"), by(session, kept))
    wanted = Choice(third, "client_wishes", "  They met at a talk.  ")
    casework.assign(session, the_clinic(session), client_of(kept), wanted, by(session, kept))
    place, event = place_of(session, kept), waiting.events(session, client_of(kept))[-1]
    assert place is not None and place.reason == "client_wishes" and place.score is not None
    assert (event.kind, event.words, event.details["reason"]) == ("given", "They met at a talk.", "client_wishes")


def test_when_the_first_is_full_the_next_is_the_first_who_is_free(session: Session) -> None:
    kept = sent(session)
    first, second = seen(session, kept)[:2]
    with_places(session, first, 0)
    assert casework.first_free(session, client_of(kept), now=NOW) == second
    with pytest.raises(Conflict, match="no_place"):
        casework.assign(session, the_clinic(session), client_of(kept), Choice(first, "urgent"), by(session, kept))
    casework.assign(session, the_clinic(session), client_of(kept), Choice(second), by(session, kept))


def test_a_hold_lasts_as_long_as_the_clinic_says_and_gives_way_to_another_choice(session: Session) -> None:
    kept = sent(session)
    first, second = seen(session, kept)[:2]
    before = therapist(session, first).capacity
    casework.hold(session, the_clinic(session), client_of(kept), Choice(first), by(session, kept))
    place = place_of(session, kept)
    assert place is not None and place.until == NOW + timedelta(hours=48)
    chosen = Choice(second, "better_times")
    casework.assign(session, the_clinic(session), client_of(kept), chosen, by(session, kept))
    place = place_of(session, kept)
    assert place is not None and place.therapist_id == therapist(session, second).id
    assert therapist(session, first).capacity == before
    assert kinds(session, kept) == ["given", "given_back", "held", "opened"]


def test_what_was_said_for_a_hold_holds_for_the_place_until_something_else_is_said(session: Session) -> None:
    kept = sent(session)
    third = seen(session, kept)[2]
    wanted = Choice(third, "expertise", "Knows of grief.")
    casework.hold(session, the_clinic(session), client_of(kept), wanted, by(session, kept))
    casework.assign(session, the_clinic(session), client_of(kept), Choice(third), by(session, kept))
    place = place_of(session, kept)
    assert place is not None and (place.state, place.reason) == ("given", "expertise")
    other = sent(session)
    third = seen(session, other)[2]  # of their own list: the first one may be full by now
    wanted = Choice(third, "expertise", "Knows of grief.")
    casework.hold(session, the_clinic(session), client_of(other), wanted, by(session, other))
    casework.assign(session, the_clinic(session), client_of(other), Choice(third, "urgent"), by(session, other))
    place = place_of(session, other)
    assert place is not None and (place.state, place.reason) == ("given", "urgent")


def test_matching_anew_keeps_the_reason_and_offers_somebody_else(session: Session) -> None:
    kept = sent(session)
    first = seen(session, kept)[0]
    before = therapist(session, first).capacity
    casework.assign(session, the_clinic(session), client_of(kept), Choice(first), by(session, kept))
    with pytest.raises(InvalidInput, match="reason"):
        casework.rematch(session, the_clinic(session), kept.id, "they quarrelled", by(session, kept))
    was, now = lists.newest(session, client_of(kept)), by(session, kept)
    for _time in range(2):
        casework.rematch(session, the_clinic(session), kept.id, "client_asked", now, words="Wants evenings.")
    assert place_of(session, kept) is None and therapist(session, first).capacity == before
    assert lists.newest(session, client_of(kept)) != was and first not in seen(session, kept)
    assert kinds(session, kept) == ["given", "given_back", "opened", "rematched"]
    found = dossiers.of_intake(session, the_clinic(session), kept.id, most=5, now=NOW)
    assert found is not None and found.state == "waiting" and found.waiting_since == NOW
    assert [event.words for event in found.events if event.kind == "rematched"] == ["Wants evenings."]


def test_matching_anew_may_offer_the_same_therapist_and_needs_a_place(session: Session) -> None:
    kept, clinic = sent(session), the_clinic(session)
    first = seen(session, kept)[0]
    with pytest.raises(Conflict, match="not_open"):
        casework.rematch(session, clinic, kept.id, "practical", by(session, kept))
    casework.assign(session, clinic, client_of(kept), Choice(first), by(session, kept))
    casework.rematch(session, clinic, kept.id, "practical", by(session, kept), again=True)
    assert place_of(session, kept) is None and first in seen(session, kept)


def test_taking_an_open_question_back_ends_the_request(session: Session) -> None:
    kept = sent(session)
    requests.ask(session, the_clinic(session), kept, seen(session, kept)[:2], now=NOW)
    place = place_of(session, kept)
    assert place is not None and place.state == "asked"
    seen_now = by(session, kept)
    for _time in range(2):
        casework.give_back(session, the_clinic(session), client_of(kept), place.id, seen_now)
    assert place_of(session, kept) is None
    status = requests.status(session, kept)
    assert status.state == "declined" and {choice.state for choice in status.choices} == {"withdrawn"}


def test_taking_a_question_back_leaves_the_answer_of_who_was_asked_before(session: Session) -> None:
    kept, clinic = sent(session), the_clinic(session)
    first, second = seen(session, kept)[:2]
    me = person_of(session, first)
    requests.ask(session, clinic, kept, [first, second], now=NOW)
    [asking] = answering.asked(session, me)
    requests.decline(session, clinic, me, asking.choice_id, "no_time", now=NOW)
    place = place_of(session, kept)
    assert place is not None and place.therapist_id == therapist(session, second).id
    casework.give_back(session, clinic, client_of(kept), place.id, by(session, kept))
    status = requests.status(session, kept)
    assert (status.state, [one.state for one in status.choices]) == ("declined", ["declined", "withdrawn"])


def test_the_dossier_tells_who_is_in_it_who_is_not_and_what_would_open_them(session: Session) -> None:
    kept = sent(session, max_fee_cents=100, wishes={})
    found = dossiers.of_intake(session, the_clinic(session), kept.id, most=5, now=NOW)
    assert found is not None and found.offers is not None
    assert found.offers.n_refused > 0 and len(found.offers.refused) <= dossiers.MOST_REFUSED
    by_fee = [one for one in found.offers.refused if one.codes == ("fee",)]
    assert by_fee and all(one.changes[0].code == "raise_fee" for one in by_fee)
    assert not {one.therapist_id for one in found.offers.refused} & {*seen(session, kept)}


def test_many_at_once_are_changed_as_a_whole_or_not_at_all(session: Session) -> None:
    one, two, three = (sent(session) for _ in range(3))
    seen_now = {kept.id: by(session, kept).revision for kept in (one, two, three)}
    casework.prioritise(session, client_of(two), 2, by(session, two))
    with pytest.raises(Conflicts) as against:
        bulk.close(session, seen_now, "no_answer", actor=ACTOR, now=NOW)
    assert [(c.code, c.client_id) for c in against.value.all] == [("case_changed", client_of(two))]
    session.rollback()


def test_whoever_closes_many_can_take_it_back(session: Session) -> None:
    some = [sent(session) for _ in range(3)]
    seen_now = {kept.id: by(session, kept).revision for kept in some}
    for _time in range(2):
        assert bulk.close(session, seen_now, "no_answer", actor=ACTOR, now=NOW) == 3
    assert [bulk.reopen(session, NOW, actor=ACTOR, now=NOW) for _time in range(2)] == [3, 0]
    assert kinds(session, some[0]) == ["closed", "opened", "reopened"]


def test_what_is_not_there_or_over_is_not_given_back(session: Session) -> None:
    kept, other, clinic = sent(session), sent(session), the_clinic(session)
    first = seen(session, kept)[0]
    casework.assign(session, clinic, client_of(kept), Choice(first), by(session, kept))
    place = place_of(session, kept)
    assert place is not None
    for client, key in ((client_of(kept), uuid4()), (client_of(other), place.id)):
        with pytest.raises(Conflict, match="not_open"):
            casework.give_back(session, clinic, client, key, by(session, kept))
    with pytest.raises(InvalidInput, match="reason"):
        casework.rematch(session, clinic, kept.id, "because", by(session, kept))
    for unknown in (uuid4(), begun(session).id):
        with pytest.raises(LookupError):
            casework.rematch(session, clinic, unknown, "practical", by(session, kept))
    placing.give_back(session, clinic, [place], because="closed", actor="a", now=NOW)
    with pytest.raises(Conflict, match="not_open"):  # ended otherwise than by giving it back
        casework.give_back(session, clinic, client_of(kept), place.id, by(session, kept))


def begun(session: Session) -> KeptIntake:
    """An intake that was not sent."""
    found = intakes.of_link(session, intakes.begin(session, now=NOW), now=NOW)
    assert found is not None
    return found


def test_a_note_is_kept_once_and_never_empty(session: Session) -> None:
    kept = sent(session)
    for _time in range(2):
        casework.say(session, client_of(kept), "Called, no answer.", actor=ACTOR, now=NOW)
    with pytest.raises(InvalidInput):
        casework.say(session, client_of(kept), "  ", actor=ACTOR, now=NOW)
    assert kinds(session, kept) == ["note", "opened"]
