"""A request from the first wish to the first session, on both engines: places are kept, given back, never doubled."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, person_of, place_of, seen, sent, the_clinic, therapist, with_places
from web.db import engine
from web.db.queries import clinics as clinic_rows
from web.db.queries import intakes as intake_rows
from web.db.queries import requests as request_rows
from web.db.queries import waiting
from web.db.tables import OutboxRow
from web.jobs.tending import tend
from web.services import answering, cases, intakes, lists, placing, requests
from web.services.conflicts import Conflict
from web.services.intakes import KeptIntake

LATER = NOW + timedelta(hours=5)


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def ask(session: Session, kept: KeptIntake, *chosen: str) -> None:
    for external_id in chosen:
        person_of(session, external_id)
    requests.ask(session, the_clinic(session), kept, chosen, now=NOW)


def choice_id(session: Session, kept: KeptIntake, choice: int) -> UUID:
    request = request_rows.latest(session, client_of(kept))
    assert request is not None
    return request_rows.choices(session, request.id)[choice - 1].id


def states(session: Session, kept: KeptIntake) -> tuple[str | None, list[str]]:
    found = requests.status(session, kept)
    return found.state, [choice.state for choice in found.choices]


def told(session: Session) -> list[tuple[str, str]]:
    return [(row.kind, row.recipient) for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]


def history(session: Session, kept: KeptIntake) -> list[str]:
    return [event.kind for event in waiting.events(session, client_of(kept))]


def test_whoever_sends_an_intake_is_on_the_waiting_list_since_then(session: Session) -> None:
    kept = sent(session)
    case = waiting.case(session, client_of(kept))
    assert case is not None and (case.state, case.waiting_since, case.priority) == ("waiting", NOW, 0)
    assert history(session, kept) == ["opened"]


def test_asking_keeps_a_place_and_accepting_gives_it(session: Session) -> None:
    kept = sent(session, name="Ada")
    first, second = seen(session, kept)[:2]
    before, version = therapist(session, first).capacity, clinic_rows.directory_version(session, the_clinic(session).id)
    ask(session, kept, first, second)
    assert states(session, kept) == ("open", ["asked", "waiting"])
    assert therapist(session, first).capacity == before - 1
    assert clinic_rows.directory_version(session, the_clinic(session).id) > version
    place = place_of(session, kept)
    assert place is not None and (place.state, place.until) == ("asked", NOW + timedelta(days=3))
    meets = NOW + timedelta(days=6)
    [asking] = answering.asked(session, person_of(session, first))
    assert (asking.choice, asking.intake_id) == (1, kept.id)
    requests.accept(session, the_clinic(session), person_of(session, first), asking.choice_id, first=meets, now=LATER)
    assert states(session, kept) == ("accepted", ["accepted", "waiting"])
    found = requests.status(session, kept).place
    assert found is not None and (found.therapist_id, found.first_session_at) == (first, meets)
    assert therapist(session, first).capacity == before - 1
    case = waiting.case(session, client_of(kept))
    assert case is not None and case.state == "placed"
    assert told(session) == [("request_made", f"{first}@here.example"), ("request_received", "ada@there.example"),
                             ("request_accepted", "ada@there.example")]  # fmt: skip
    assert [one.client_id for one in answering.in_place(session, person_of(session, first))] == [client_of(kept)]
    assert history(session, kept) == ["opened", "asked", "given"]


def test_a_decline_asks_the_second_choice_and_is_remembered(session: Session) -> None:
    kept = sent(session)
    first, second = seen(session, kept)[:2]
    before = [therapist(session, id_).capacity for id_ in (first, second)]
    ask(session, kept, first, second)
    declined = choice_id(session, kept, 1)
    requests.decline(session, the_clinic(session), person_of(session, first), declined, "no_time", now=LATER)
    assert states(session, kept) == ("open", ["declined", "asked"])
    assert [therapist(session, id_).capacity for id_ in (first, second)] == [before[0], before[1] - 1]
    lists.make(session, the_clinic(session), kept, now=LATER)
    assert first not in seen(session, kept)
    changed = intakes.save(session, kept, "expectations", {"hope": 9}, now=LATER)
    intakes.send(session, changed, consent="1", now=LATER)  # what is said anew does not undo it
    assert intake_rows.current_version(session, client_of(kept)).answers["blocked_therapist_ids"] == [first]
    requests.decline(session, the_clinic(session), person_of(session, second), choice_id(session, kept, 2), "away",
                     now=LATER)  # fmt: skip
    assert states(session, kept) == ("declined", ["declined", "declined"])
    assert place_of(session, kept) is None and history(session, kept)[-1] == "all_declined"
    assert [therapist(session, id_).capacity for id_ in (first, second)] == before


def test_a_deadline_that_passes_asks_the_next(session: Session) -> None:
    kept = sent(session)
    first, second = seen(session, kept)[:2]
    ask(session, kept, first, second)
    assert requests.lapse(session, the_clinic(session), now=NOW + timedelta(days=3, seconds=-1)) == 0
    over = NOW + timedelta(days=3)
    assert requests.lapse(session, the_clinic(session), now=over) == 1
    assert states(session, kept) == ("open", ["lapsed", "asked"])
    with pytest.raises(Conflict, match="not_open"):
        requests.accept(session, the_clinic(session), person_of(session, first), choice_id(session, kept, 1),
                        first=None, now=over)  # fmt: skip
    place = place_of(session, kept)
    assert place is not None and place.until == over + timedelta(days=3)
    assert "blocked_therapist_ids" not in intake_rows.current_version(session, client_of(kept)).answers


def test_withdrawing_gives_back_what_was_kept_and_what_was_given(session: Session) -> None:
    for accepts in (False, True):
        kept = sent(session)
        first = seen(session, kept)[0]
        before = therapist(session, first).capacity
        ask(session, kept, first)
        if accepts:
            requests.accept(session, the_clinic(session), person_of(session, first), choice_id(session, kept, 1),
                            first=None, now=NOW)  # fmt: skip
        for _ in range(2):
            requests.withdraw(session, the_clinic(session), kept, now=LATER)
        assert states(session, kept) == ("withdrawn", ["withdrawn"])
        assert place_of(session, kept) is None and therapist(session, first).capacity == before
        ask(session, kept, first)  # and may be asked again
        requests.withdraw(session, the_clinic(session), kept, now=LATER)


def test_a_full_first_choice_lets_the_second_be_asked_and_two_full_ones_do_nothing(session: Session) -> None:
    kept, other = sent(session), sent(session)
    first, second = seen(session, kept)[:2]
    with_places(session, first, 0)
    ask(session, kept, first, second)
    assert states(session, kept) == ("open", ["full", "asked"])
    with_places(session, second, 0)
    with pytest.raises(Conflict, match="no_place"):
        ask(session, other, first, second)
    session.rollback()


@pytest.mark.parametrize("chosen", [(), ("nobody",), ("t01", "nobody")])
def test_only_who_was_on_the_list_can_be_asked_for(session: Session, chosen: tuple[str, ...]) -> None:
    kept = sent(session)
    with pytest.raises(Conflict, match="not_on_list"):
        requests.ask(session, the_clinic(session), kept, chosen, now=NOW)


def test_asking_twice_is_a_conflict_and_so_is_answering_twice(session: Session) -> None:
    kept = sent(session)
    first, second = seen(session, kept)[:2]
    ask(session, kept, first)
    with pytest.raises(Conflict, match="has_request"):
        ask(session, kept, second)
    session.expire_all()
    answer = (session, the_clinic(session), person_of(session, first), choice_id(session, kept, 1))
    requests.accept(*answer, first=None, now=LATER)
    for again in (lambda: requests.accept(*answer, first=None, now=LATER),
                  lambda: requests.decline(*answer, "no_time", now=LATER)):  # fmt: skip
        with pytest.raises(Conflict, match="answered"):
            again()
    with pytest.raises(LookupError):
        requests.decline(session, the_clinic(session), person_of(session, second), choice_id(session, kept, 1),
                         "no_time", now=LATER)  # fmt: skip


def test_a_first_session_is_booked_and_moved(session: Session) -> None:
    kept = sent(session, name="Bo")
    first = seen(session, kept)[0]
    placing.place(session, the_clinic(session), [placing.Wanted(client_of(kept), therapist(session, first).id)],
                  actor="a coordinator", now=NOW)  # fmt: skip
    [one] = answering.in_place(session, person_of(session, first))
    for day in (2, 2, 3):
        when = NOW + timedelta(days=day)
        requests.book(session, person_of(session, first), one.placement_id, when, now=LATER + timedelta(minutes=day))
    place = requests.status(session, kept).place
    assert place is not None and (place.first_session_at, place.by_request) == (NOW + timedelta(days=3), False)
    assert [kind for kind, _ in told(session)] == ["place_given", "booked", "booked"]
    stranger = person_of(session, seen(session, kept)[1])
    with pytest.raises(LookupError):
        requests.book(session, stranger, one.placement_id, None, now=LATER)


def test_closing_and_priorities_leave_a_trace_and_a_changed_case_is_a_conflict(session: Session) -> None:
    kept = sent(session)
    client_id = client_of(kept)
    case = waiting.case(session, client_id)
    assert case is not None
    cases.prioritise(session, client_id, 2, revision=case.revision, actor="a", now=LATER)
    with pytest.raises(Conflict, match="case_changed"):
        cases.prioritise(session, client_id, 1, revision=1, actor="b", now=LATER)
    cases.close(session, client_id, "found_elsewhere", actor="a", now=LATER)
    wanted = placing.Wanted(client_id, therapist(session, seen(session, kept)[0]).id)
    with pytest.raises(Conflict, match="case_closed"):
        placing.place(session, the_clinic(session), [wanted], actor="a", now=NOW)
    cases.reopen(session, client_id, actor="a", now=LATER)
    again = waiting.case(session, client_id)
    assert again is not None and (again.state, again.waiting_since, again.priority) == ("waiting", NOW, 2)
    assert history(session, kept) == ["opened", "prioritised", "closed", "reopened"]


def test_the_clock_lets_requests_go_on_and_gives_holds_back(harbour: str, session: Session) -> None:
    asks, held = sent(session), sent(session)
    first, second = seen(session, asks)[:2]
    ask(session, asks, first, second)
    hold = placing.Wanted(client_of(held), therapist(session, second).id, "held", until=NOW + timedelta(hours=1))
    placing.place(session, the_clinic(session), [hold], actor="a", now=NOW)
    session.commit()
    sessions = engine.sessions(harbour)
    assert [tend(sessions, now=NOW + timedelta(days=4)) for _ in range(2)] == [2, 0]
    with sessions() as looks:
        the_clinic(looks)
        assert states(looks, asks) == ("open", ["lapsed", "asked"]) and place_of(looks, held) is None
