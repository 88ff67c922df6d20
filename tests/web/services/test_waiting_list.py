"""The waiting list on both engines: every filter and order finds whom it should, and every change is noticed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, seen, sent, the_clinic, with_places
from web.db.queries import waiting
from web.db.tables import CaseRow
from web.services import at_risk, cases, casework, intakes, openings, requests, waiting_list
from web.services.casework import By, Choice
from web.services.intakes import KeptIntake
from web.services.waiting_list import ORDERS, Filters

FOR_NOBODY = {
    "faith": {"options": ["sikh"], "strength": "must"},
    "age_band": {"options": ["from_65"], "strength": "must"},
}


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def names(session: Session, **asked: object) -> list[str]:
    found = waiting_list.page(session, the_clinic(session), Filters(**asked), now=NOW)  # type: ignore[arg-type]
    assert found.n == len(found.lines)
    return [line.contact["name"] for line in found.lines]


def by(session: Session, kept: KeptIntake) -> By:
    return By("a", NOW, waiting.locked(session, [client_of(kept)])[client_of(kept)].revision)


def test_whom_each_filter_and_order_finds(session: Session) -> None:
    ada = sent(session, name="Ada", now=NOW - timedelta(days=20))
    bea = sent(session, name="Bea", now=NOW - timedelta(days=3), concerns=["grief"], wishes=FOR_NOBODY)
    cem = sent(session, name="Çem", now=NOW - timedelta(days=1))
    dov = sent(session, name="Dov_%", now=NOW - timedelta(days=2))
    intakes.raise_flag(session, cem, "safety", now=NOW)
    intakes.raise_flag(session, dov, "choose_for_me", now=NOW)
    cases.prioritise(session, client_of(dov), 1, actor="a", now=NOW)
    assert names(session) == ["Çem", "Dov_%", "Ada", "Bea"]
    assert names(session, order="waiting") == ["Ada", "Bea", "Dov_%", "Çem"]
    assert names(session, order="name")[:3] == ["Ada", "Bea", "Dov_%"]
    assert {frozenset(names(session, order=order)) for order in ORDERS} == {frozenset({"Ada", "Bea", "Çem", "Dov_%"})}
    assert names(session, over=True) == ["Ada"] and names(session, concern="grief") == ["Bea"]
    assert names(session, flag="safety") == ["Çem"] and names(session, flag="choose_for_me") == ["Dov_%"]
    assert names(session, flag="nobody") == ["Bea"] and names(session, priority=1) == ["Dov_%"]
    assert names(session, words="çE") == ["Çem"] and names(session, words="_%") == ["Dov_%"]
    casework.hold(session, the_clinic(session), client_of(ada), Choice(seen(session, ada)[0]), by(session, ada))
    cases.close(session, client_of(bea), "no_answer", actor="a", now=NOW)
    requests.ask(session, the_clinic(session), cem, seen(session, cem)[:1], now=NOW)
    found = waiting_list.page(session, the_clinic(session), Filters(), now=NOW)
    assert dict(found.by_state) == {
        "open": 3, "waiting": 1, "held": 1, "asked": 1, "placed": 0, "closed": 1, "all": 4,
    }  # fmt: skip
    assert found.by_filter == {
        "safety": 1, "nobody": 0, "choose_for_me": 1, "p0": 2, "p1": 1, "p2": 0, "over": 1,
    }  # fmt: skip
    assert names(session, state="held") == ["Ada"] and names(session, state="closed") == ["Bea"]
    assert names(session, state="asked") == ["Çem"] and names(session, state="placed") == []


def test_the_requirement_that_leaves_nobody() -> None:
    assert waiting_list.binding({}) is None
    assert waiting_list.binding({"a": ["fee"], "b": ["times", "fee"], "c": ["times", "fee"], "d": ["times"]}) == "fee"
    assert waiting_list.binding({"a": ["fee"], "b": ["language"], "c": ["language"]}) == "language"
    assert waiting_list.binding({"a": ["fee", "times"], "b": ["times", "language"]}) == "times"


def test_every_change_makes_another_stamp_and_is_counted(session: Session) -> None:
    one, two = sent(session, name="Ada"), sent(session, name="Bea")
    later = NOW + timedelta(minutes=1)
    before = waiting_list.stamp(session, now=NOW)
    assert waiting_list.changes(session, before, now=later) == 0
    cases.prioritise(session, client_of(one), 1, actor="a", now=later)
    assert waiting_list.changes(session, before, now=later) == 1
    intakes.raise_flag(session, two, "safety", now=later)
    assert waiting_list.changes(session, before, now=later) == 2
    late = waiting_list.stamp(session, now=later)
    cases.prioritise(session, client_of(one), 2, actor="a", now=NOW)  # began before the stamp, and ended after it
    assert waiting_list.changes(session, late, now=later) == 1
    for nonsense in ("", "1-2-3", "x-y-z-u-v", "1-1-1-1-99999999999999999999"):
        assert waiting_list.changes(session, nonsense, now=later) == 0


def test_a_place_goes_first_to_whom_it_is_nearest_to_their_own_best_then_by_urgency_and_days() -> None:
    def case(priority: int, days: int) -> CaseRow:
        return CaseRow(client_id=uuid4(), priority=priority, waiting_since=NOW - timedelta(days=days))

    # 0.6 of 0.6 is nearer than 0.8 of 0.9, whatever the fit; 0.6 of 0.601 is as near as that in hundredths
    spoilt, modest, urgent, long = case(2, 90), case(0, 1), case(1, 2), case(0, 30)
    said = {id(spoilt): (0.8, 0.9), id(modest): (0.6, 0.6), id(urgent): (0.6, 0.601), id(long): (0.5, None)}
    ordered = sorted((spoilt, modest, urgent, long), key=lambda one: openings._place("near", *said[id(one)], one))
    assert ordered == [urgent, long, modest, spoilt]
    by_fit = sorted((spoilt, modest, urgent, long), key=lambda one: openings._place("fit", *said[id(one)], one))
    assert by_fit == [spoilt, urgent, modest, long]


def test_whom_a_place_suits_and_what_it_is_beside_their_own_list(session: Session) -> None:
    ada = sent(session, name="Ada", now=NOW - timedelta(days=20))
    first, second = seen(session, ada)[:2]
    sent(session, name="Bea", wishes=FOR_NOBODY)
    with_places(session, second, 0)
    found = openings.of_therapist(session, the_clinic(session), first, "fit", now=NOW)
    assert found is not None and (found.n_fitting, found.n_waiting) == (1, 2)
    (candidate,) = found.candidates
    assert candidate.best == candidate.score and candidate.is_over and not candidate.needs_reason
    found = openings.of_therapist(session, the_clinic(session), second, "waiting", now=NOW)
    assert found is not None and found.load.left == 0  # a full therapist's place can be looked at before it opens
    assert found.candidates[0].needs_reason and found.candidates[0].score <= (found.candidates[0].best or 0)
    assert openings.of_therapist(session, the_clinic(session), "nobody", "fit", now=NOW) is None


def test_a_request_that_came_to_nothing_is_a_signal(session: Session) -> None:
    ada = sent(session, name="Ada")
    requests.ask(session, the_clinic(session), ada, seen(session, ada)[:1], now=NOW)
    requests.lapse(session, the_clinic(session), now=NOW + timedelta(days=4))
    found = at_risk.signals(session, the_clinic(session), now=NOW + timedelta(days=30)).by_signal
    assert {signal: len(people) for signal, people in found.items()} == {
        "declined": 1, "hold_over": 0, "please_contact": 0, "not_settled": 0, "not_read": 0, "contradicted": 0,
        "silent": 0, "too_long": 0,
    }  # fmt: skip
