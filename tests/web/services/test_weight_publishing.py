"""Who lets weights serve: one or two, never both of two at once, and nothing by half."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from tests.web.conftest import NOW
from tests.web.services.leading import GONE, Leads, clinic_with_leads, copied_clinic
from tests.web.staff import hire
from web.commands import weights as commands
from web.db import engine
from web.services import audit, clinics, learned_weights, people, weight_drafts, weight_publishing, weight_troubles
from web.services.weight_drafts import begin_draft, decline, save_draft
from web.services.weight_publishing import approve, ask_for_two, call_off, propose, publish, roll_back
from web.services.weight_troubles import DraftConflict, NotAcknowledged, Overtaken, WeightsTrouble
from web.services.weights import Draft
from web.wording.events import ACTIONS
from web.wording.weights import TROUBLES, say_trouble

PROGRAM = f"program {uuid4()}"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def north(database: str) -> Leads:
    return clinic_with_leads(database)


@pytest.fixture
def leads(tmp_path: Path) -> Leads:
    return copied_clinic(tmp_path)


@pytest.fixture
def two(leads: Leads) -> Leads:
    """The same, where two persons are asked for."""
    leads.ask_for_two()
    return leads


def refused(act: Callable[[], Any], code: str) -> str:
    """What is said where two are needed; the code is as expected."""
    with pytest.raises(WeightsTrouble) as found:
        act()
    assert found.value.code == code
    return say_trouble(found.value.code, found.value.params)


def proposed(leads: Leads, *args: Any, **more: Any) -> Draft:
    """A draft of Ada's that she proposed."""
    draft = leads.draft()
    return leads.act(propose, draft.revision, *args, actor=leads.ada, at=1, **more)


def test_what_one_proposes_another_approves(north: Leads) -> None:
    north.ask_for_two()
    draft = north.draft()
    assert "propose the draft" in refused(lambda: north.act(publish, draft.revision, actor=north.ada), "two_asked")
    asked = proposed(north)
    assert (asked.proposed_by, asked.proposed_at) == ("Ada Quill", NOW + timedelta(minutes=1))
    assert asked.revision == draft.revision + 1 and asked.barred == {str(north.ada)}
    refused(lambda: north.act(approve, asked.revision, actor=north.ada, at=2), "same_person")
    made = north.act(approve, asked.revision, actor=north.ben, at=3)
    assert (made.author, made.approved_by, made.state) == ("Ada Quill", "Ben Moss", "serving")
    assert north.standing(3).serving.version == "w1" and north.standing(3).draft is None
    assert [(action, actor) for action, _, actor, _ in north.acts()] == [
        ("weights.two_asked", str(north.ada)),
        ("weights.drafted", str(north.ada)),
        ("weights.proposed", str(north.ada)),
        ("weights.approved", str(north.ben)),
        ("weights.published", str(north.ben)),
    ]


def test_what_serves_at_once_calls_off_what_was_to_begin_later(north: Leads) -> None:
    """Published or gone back to: tomorrow serves what serves today, and the log says why."""
    north.publish({"access": 1})
    for k, act in enumerate((lambda at: north.publish({"alliance": 1, "access": 3}, at=at),
                             lambda at: north.act(roll_back, "w1", actor=north.ada, at=at))):  # fmt: skip
        later = north.publish({"experience": 1 + k}, effective_at=NOW + timedelta(days=1), at=10 * k + 1)
        assert later.state == "scheduled"
        now = act(10 * k + 2)
        assert north.standing(2 * 24 * 60).serving.version == now.version
        assert north.standing(10 * k + 3).scheduled == ()
        called_off = [subject for action, subject, *_ in north.acts() if action == "weights.called_off"]
        assert called_off[-1] == later.version and len(called_off) == k + 1


def test_who_changed_the_draft_last_does_not_approve_it(two: Leads) -> None:
    """Ben changes it, Ada proposes it: neither of them is a second person, a third lead is."""
    draft = two.draft(by=two.ben)
    asked = two.act(propose, draft.revision, actor=two.ada, at=1)
    for person in (two.ada, two.ben):
        refused(lambda person=person: two.act(approve, asked.revision, actor=person, at=2), "same_person")
    third = hire(two.url, "clinic_lead", name="Cleo Park").id
    assert two.act(approve, asked.revision, actor=third, at=2).approved_by == "Cleo Park"


def test_only_who_leads_the_clinic_at_present_approves(two: Leads) -> None:
    asked = proposed(two)
    others = [hire(two.url, role).id for role in ("administrator", "coordinator", "therapist")]
    gone = hire(two.url, "clinic_lead", status="suspended").id
    for person in (*others, gone, uuid4()):
        refused(lambda person=person: two.act(approve, asked.revision, actor=person, at=2), "no_lead")
    refused(lambda: two.act(approve, asked.revision, actor=PROGRAM, at=2), "no_person")
    assert two.standing(2).draft == asked


def test_a_lead_of_another_clinic_is_no_second_person(two: Leads) -> None:
    south = clinic_with_leads(two.url, "south")
    asked = proposed(two)
    refused(lambda: two.act(approve, asked.revision, actor=south.ada, at=2), "no_lead")


def test_a_change_withdraws_the_proposal(two: Leads) -> None:
    asked = proposed(two)
    changed = two.draft({"access": 1}, by=two.ben, at=2)
    assert changed.proposed_by is changed.proposed_at is changed.effective_at is None
    with pytest.raises(DraftConflict):
        two.act(approve, asked.revision, actor=two.ben, at=3)
    refused(lambda: two.act(approve, changed.revision, actor=two.ada, at=3), "not_proposed")


def test_a_proposal_is_declined_or_withdrawn_and_the_draft_is_kept(two: Leads) -> None:
    for person in (two.ben, two.ada):
        asked = proposed(two)
        kept = two.act(decline, asked.revision, actor=person, at=2)
        assert (kept.relative, kept.proposed_by, kept.revision) == (asked.relative, None, asked.revision + 1)
        refused(lambda kept=kept: two.act(decline, kept.revision, actor=two.ben, at=3), "not_proposed")
    assert [act[0] for act in two.acts()][-1] == "weights.declined"


def test_what_was_proposed_for_later_begins_then_or_at_once_where_that_is_past(two: Leads) -> None:
    asked = proposed(two, LATER)
    assert asked.effective_at == LATER
    made = two.act(approve, asked.revision, actor=two.ben, at=2)
    assert (made.state, made.effective_at) == ("scheduled", LATER)
    two.act(call_off, made.id, actor=two.ada, at=3)
    draft = two.draft({"access": 1}, at=3)
    asked = two.act(propose, draft.revision, LATER, actor=two.ada, at=3)
    late = two.act(approve, asked.revision, actor=two.ben, at=2 * 24 * 60)
    assert (late.state, late.effective_at) == ("serving", NOW + timedelta(days=2))


def test_a_proposal_that_was_overtaken_is_not_approved(two: Leads) -> None:
    two.act(approve, proposed(two).revision, actor=two.ben, at=2)
    draft = two.draft({"access": 1}, at=3)
    asked = two.act(propose, draft.revision, actor=two.ada, at=3)
    two.act(roll_back, None, actor=two.ben, at=4)
    with pytest.raises(Overtaken):
        two.act(approve, asked.revision, actor=two.ben, at=5)
    assert two.standing(5).draft == asked


def test_a_program_is_no_person(leads: Leads) -> None:
    assert leads.publish(by=PROGRAM).author == PROGRAM  # type: ignore[arg-type]  # alone, where one is enough
    draft = leads.draft({"access": 1}, by=PROGRAM, at=1)  # type: ignore[arg-type]
    refused(lambda: leads.act(propose, draft.revision, actor=PROGRAM, at=1), "no_person")
    leads.ask_for_two()
    for program in (PROGRAM, audit.COMMAND):
        refused(lambda who=program: leads.act(publish, draft.revision, actor=who, at=1), "two_asked")
        refused(lambda who=program: leads.act(roll_back, None, actor=who, at=1), "two_asked")


def test_one_goes_back_alone_only_to_what_two_have_let_serve(leads: Leads) -> None:
    leads.publish({"access": 1})
    leads.ask_for_two()
    draft = leads.draft({"alliance": 1}, at=1)
    asked = leads.act(propose, draft.revision, actor=leads.ada, at=1)
    leads.act(approve, asked.revision, actor=leads.ben, at=2)
    refused(lambda: leads.act(roll_back, "w1", actor=leads.ada, at=3), "two_asked")
    leads.act(roll_back, None, actor=leads.ada, at=3)
    assert leads.act(roll_back, "w2", actor=leads.ada, at=4).state == "serving"


@pytest.mark.A8
def test_who_would_be_shut_out_is_said_before_and_written_down(leads: Leads) -> None:
    """With a second lead it takes both; with one alone, their word that they have read it."""
    draft = leads.draft()
    said = refused(lambda: leads.act(publish, draft.revision, None, GONE, True, actor=leads.ada), "shuts_out")
    assert "warnings: 1" in said and "propose" in said
    with pytest.raises(NotAcknowledged) as unread:
        leads.act(propose, draft.revision, None, GONE, actor=leads.ada)
    assert unread.value.shuts_out == GONE
    asked = leads.act(propose, draft.revision, None, GONE, True, actor=leads.ada, at=1)
    with pytest.raises(NotAcknowledged):
        leads.act(approve, asked.revision, GONE, actor=leads.ben, at=2)
    leads.act(approve, asked.revision, GONE, True, actor=leads.ben, at=2)
    leads.act(roll_back, None, actor=leads.ben, at=3)
    with pytest.raises(NotAcknowledged):
        leads.act(roll_back, "w1", GONE, actor=leads.ben, at=4)
    leads.act(roll_back, "w1", GONE, True, actor=leads.ben, at=4)
    told = [(action, details["shuts_out"]) for action, _, _, details in leads.acts() if "shuts_out" in details]
    assert told == [
        ("weights.proposed", 1),
        ("weights.approved", 1),
        ("weights.published", 1),
        ("weights.rolled_back", 0),
        ("weights.rolled_back", 1),
    ]


@pytest.mark.A8
def test_the_only_lead_says_that_they_have_read_who_is_shut_out(leads: Leads) -> None:
    with engine.sessions(leads.url)() as session:
        clinics.find(engine.writing(session), None)
        ben = next(member for member in people.everybody(session, now=NOW) if member.person_id == leads.ben)
        people.change(session, ben.email, "suspended", now=NOW)
        session.commit()
    draft = leads.draft()
    with pytest.raises(NotAcknowledged):
        leads.act(publish, draft.revision, None, GONE, actor=leads.ada)
    refused(lambda: leads.act(publish, draft.revision, None, GONE, True, actor=PROGRAM), "shuts_out")
    assert leads.act(publish, draft.revision, None, GONE, True, actor=leads.ada).state == "serving"


def test_only_an_administrator_ends_that_two_are_asked_for(two: Leads) -> None:
    refused(lambda: two.act(ask_for_two, False, actor=two.ada), "administrator_ends_it")
    refused(lambda: two.act(ask_for_two, False, actor=PROGRAM), "administrator_ends_it")
    two.act(ask_for_two, True, actor=two.ben)
    boss = hire(two.url, "administrator").id
    two.act(ask_for_two, False, actor=boss, at=1)
    assert not two.standing().two_person
    assert [act[:3] for act in two.acts()] == [
        ("weights.two_asked", "north", str(two.ada)),
        ("weights.one_enough", "north", str(boss)),
    ]


@pytest.mark.F1
@pytest.mark.parametrize("act", ["publish", "approve", "roll_back", "save"])
def test_a_failure_at_any_statement_leaves_nothing_by_half(
    north: Leads, act: str, tried: Callable[[int], None]
) -> None:
    """At each statement in turn, until there is none left to fail: then it is done, and once."""
    north.publish({"access": 1})
    draft = north.draft(at=1)
    asked = north.act(propose, draft.revision, actor=north.ada, at=2)
    acts: dict[str, Callable[[], Any]] = {
        "publish": lambda: north.act(publish, asked.revision, actor=north.ada, at=3),
        "approve": lambda: north.act(approve, asked.revision, actor=north.ben, at=3),
        "roll_back": lambda: north.act(roll_back, None, actor=north.ada, at=3),
        "save": lambda: north.act(save_draft, {"access": 2}, {}, "x", asked.revision, actor=north.ben, at=3),
    }
    before, rows = north.standing(3), north.rows()
    fail_at = 1
    while _fails(north.url, acts[act], fail_at):
        assert north.standing(3) == before and north.rows() == rows, fail_at
        fail_at += 1
    assert fail_at > 4
    assert north.standing(3) != before
    tried(fail_at)


def _fails(url: str, act: Callable[[], Any], fail_at: int) -> bool:
    with _broken_at(url, fail_at):
        try:
            act()
        except OSError:
            return True
    return False


@contextmanager
def _broken_at(url: str, fail_at: int) -> Iterator[None]:
    """A disk that is full at the n-th statement."""
    n = 0

    def count(*_: Any) -> None:
        nonlocal n
        n += 1
        if n == fail_at:
            raise OSError("disk full")

    found = engine.engine(url)
    event.listen(found, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(found, "before_cursor_execute", count)


@pytest.mark.F3
def test_of_two_who_act_at_once_one_wins_and_the_other_is_told(north: Leads, tried: Callable[[int], None]) -> None:
    """Two publish the same draft, or one publishes what the other changes: every time exactly one of them does."""
    rounds = 5
    for k in range(rounds):
        at = 10.0 * (k + 1)
        draft = north.draft({"access": k + 1, "alliance": 1}, at=at)
        done = _at_once(
            lambda draft=draft, at=at: north.act(publish, draft.revision, actor=north.ada, at=at + 1),
            lambda draft=draft, at=at: north.act(publish, draft.revision, actor=north.ben, at=at + 1),
        )
        assert sorted(done) == ["Activation", "DraftConflict"]
        assert north.rows()["weights_versions"] == north.rows()["weights_activations"] == k + 1
        assert north.standing(at + 2).serving.version == f"w{k + 1}"
    draft = north.draft({"experience": 1}, at=100)
    done = _at_once(
        lambda: north.act(publish, draft.revision, actor=north.ada, at=101),
        lambda: north.act(save_draft, {"access": 9}, {}, "x", draft.revision, actor=north.ben, at=101),
    )
    assert sorted(done) in (["Activation", "DraftConflict"], ["Draft", "DraftConflict"])
    assert (north.standing(102).draft is None) == ("Activation" in done)
    tried(rounds + 1)


@pytest.mark.F3
def test_of_two_first_drafts_at_once_one_is_begun(north: Leads) -> None:
    done = _at_once(*(lambda who=who: north.act(begin_draft, actor=who) for who in (north.ada, north.ben)))
    assert sorted(done) == ["Draft", "DraftConflict"] and north.rows()["weights_drafts"] == 1


def _at_once(*acts: Callable[[], Any]) -> list[str]:
    """What came of each, by the name of its kind."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        ready.wait()
        try:
            return type(act()).__name__
        except WeightsTrouble as trouble:
            return type(trouble).__name__

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_every_trouble_and_every_act_has_words() -> None:
    """Read from the code that raises and records: no code without words, no words without a code."""
    modules = (weight_drafts, weight_publishing, weight_troubles, learned_weights, commands)
    nodes = [node for module in modules for node in ast.walk(ast.parse(inspect.getsource(module)))]
    told = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {word for word in told if word.startswith("weights.") and " " not in word} <= set(ACTIONS)
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    codes = {
        part.value
        for call in calls
        if getattr(call.func, "id", None) in {"WeightsTrouble", "SecondPersonNeeded"}
        or getattr(call.func, "attr", None) == "__init__"
        for argument in call.args
        for part in ast.walk(argument)
        if isinstance(part, ast.Constant)
    }
    assert codes == set(TROUBLES)
