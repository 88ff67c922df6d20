"""A clinic's weights: a draft that nobody overwrites, versions that never change, and what serves when."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import CLIENT_BOUNDS, DEFAULT_WEIGHTS, PRESETS, normalised
from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.services.leading import SAID, Leads, clinic_with_leads, copied_clinic
from web.services import matching, weight_checks, weights
from web.services.weight_drafts import begin_draft, discard, rebase, save_draft
from web.services.weight_publishing import call_off, publish, roll_back
from web.services.weight_troubles import DraftConflict, Overtaken, WeightsTrouble
from web.services.weights import compare
from web.wording.weights import say_trouble

CODES = list(DEFAULT_WEIGHTS.values)


@pytest.fixture
def north(database: str) -> Leads:
    return clinic_with_leads(database)


@pytest.fixture
def leads(tmp_path: Any) -> Leads:
    return copied_clinic(tmp_path)


def test_a_clinic_begins_with_the_weights_of_the_release(leads: Leads) -> None:
    found = leads.standing()
    assert (found.serving.version, found.draft, found.history, found.scheduled) == (None, None, (), ())
    assert found.serving.weights == DEFAULT_WEIGHTS.values and not found.two_person
    assert found.serving.bounds == dict.fromkeys(CODES, CLIENT_BOUNDS)


def test_from_a_draft_to_what_serves_and_back(north: Leads) -> None:
    draft = north.act(begin_draft, actor=north.ada)
    assert draft.weights == DEFAULT_WEIGHTS.values and draft.based_on is None and draft.revision == 1
    assert draft.relative["alliance"] == 40.0, "as it would be typed, not as it lies on the grid"
    saved = north.act(save_draft, SAID, {"access": (1, 2)}, " Sooner. ", 1, actor=north.ben, at=1)
    assert (saved.relative["alliance"], saved.weights["alliance"]) == (3.0, 0.75)
    assert (saved.note, saved.edited_by, saved.revision, saved.bounds["access"]) == ("Sooner.", "Ben Moss", 2, (1, 2))
    made = north.act(publish, 2, actor=north.ada, at=2)
    found = north.standing(2)
    assert found.draft is None and found.history == (made,) and made.state == "serving"
    assert (made.version, made.author, made.approved_by) == ("w1", "Ada Quill", None)
    version = found.serving
    assert (version.version, version.note, version.author, version.based_on) == ("w1", "Sooner.", "Ben Moss", None)
    assert version.weights == {**dict.fromkeys(CODES, 0.0), "alliance": 0.75, "access": 0.25}
    assert version.bounds["access"] == (1, 2) and version.bounds["alliance"] == CLIENT_BOUNDS
    back = north.act(roll_back, None, actor=north.ada, at=3)
    found = north.standing(3)
    assert (found.serving.version, back.kind, back.state) == (None, "rolled_back", "serving")
    assert [one.state for one in found.history] == ["serving", "past"]
    assert north.standing(2.5).serving.version == "w1"
    assert north.publish({"alliance": 1}, at=4).version == "w2"
    assert north.act(roll_back, "w1", actor=north.ben, at=5).version == "w1"
    assert [one.version for one in north.standing(5).history] == ["w1", "w2", None, "w1"]


def test_what_serves_is_what_lists_are_made_with(leads: Leads) -> None:
    leads.publish(at=1)
    served = leads.read(lambda session: matching.serving_weights(session, now=NOW + timedelta(minutes=1)))
    assert (served[0].version, served[0].values["access"]) == ("w1", 0.25)
    before = leads.read(lambda session: matching.serving_weights(session, now=NOW))
    assert before[0] == DEFAULT_WEIGHTS


def test_what_was_done_is_written_down_in_ids_and_counts(leads: Leads) -> None:
    leads.publish({"access": 1}, at=1)
    draft = leads.draft({"alliance": 5}, by=leads.ben, at=2)
    leads.act(discard, draft.revision, actor=leads.ada, at=3)
    leads.act(roll_back, None, actor=leads.ben, at=4)
    ada, ben = str(leads.ada), str(leads.ben)
    assert leads.acts() == [
        ("weights.drafted", "draft", ada, {"revision": 1}),
        ("weights.published", "w1", ada, {"shuts_out": 0}),
        ("weights.drafted", "draft", ben, {"revision": 3}),
        ("weights.discarded", "draft", ada, {"revision": 3}),
        ("weights.rolled_back", "release", ben, {"shuts_out": 0}),
    ]


def test_a_schedule_begins_by_itself_and_can_be_called_off_before(north: Leads) -> None:
    monday = NOW + timedelta(days=3)
    made = north.publish(effective_at=monday)
    assert (made.state, made.effective_at) == ("scheduled", monday)
    assert north.standing().scheduled == (made,) and north.standing().serving.version is None
    assert north.standing(3 * 24 * 60).serving.version == "w1"
    off = north.act(call_off, made.id, actor=north.ben, at=5)
    assert off.state == "called_off" and off.called_off_at == NOW + timedelta(minutes=5)
    assert north.standing(3 * 24 * 60).serving.version is None
    with pytest.raises(WeightsTrouble, match="called_off_already"):
        north.act(call_off, made.id, actor=north.ben, at=6)
    with pytest.raises(InvalidInput, match="has never served"):
        north.act(roll_back, "w1", actor=north.ben, at=7)
    assert [act[:2] for act in north.acts()][-2:] == [("weights.scheduled", "w1"), ("weights.called_off", "w1")]


def test_what_has_begun_or_is_not_there_cannot_be_called_off(leads: Leads) -> None:
    made = leads.publish()
    with pytest.raises(WeightsTrouble, match="begun"):
        leads.act(call_off, made.id, actor=leads.ada, at=1)
    with pytest.raises(WeightsTrouble, match="no_activation"):
        leads.act(call_off, leads.ada, actor=leads.ada, at=1)


def test_a_draft_may_begin_with_a_preset_or_an_earlier_version(leads: Leads) -> None:
    leads.publish({"access": 1})
    draft = leads.act(begin_draft, "soonest", actor=leads.ada, at=1)
    assert draft.weights == PRESETS["soonest"].values and draft.based_on == "w1"
    with pytest.raises(DraftConflict):
        leads.act(begin_draft, "w1", actor=leads.ada, at=2)
    again = leads.act(begin_draft, "w1", actor=leads.ada, at=2, revision=draft.revision)
    assert again.weights["access"] == 1 and again.revision == draft.revision + 1
    with pytest.raises(InvalidInput, match="did you mean 'balanced'"):
        leads.act(begin_draft, "balancd", actor=leads.ada, at=3, revision=again.revision)


def test_who_has_seen_an_older_draft_is_shown_the_newest_and_overwrites_nothing(north: Leads) -> None:
    seen = north.draft({"access": 1}, by=north.ada)
    theirs = north.draft({"alliance": 1}, by=north.ben, at=1)
    for act in (
        lambda: north.act(save_draft, SAID, {}, "x", seen.revision, actor=north.ada, at=2),
        lambda: north.act(save_draft, SAID, {}, "x", None, actor=north.ada, at=2),
        lambda: north.act(publish, seen.revision, actor=north.ada, at=2),
        lambda: north.act(discard, seen.revision, actor=north.ada, at=2),
        lambda: north.act(rebase, seen.revision, None, actor=north.ada, at=2),
        lambda: north.act(begin_draft, actor=north.ada, at=2),
    ):
        with pytest.raises(DraftConflict) as refused:
            act()
        assert refused.value.draft == theirs == north.standing(2).draft
        assert "Ben Moss has changed the draft" in say_trouble(refused.value.code, refused.value.params)
    assert north.rows()["weights_versions"] == 0


def test_saying_the_same_again_changes_nothing(leads: Leads) -> None:
    first = leads.act(save_draft, SAID, {}, "x", None, actor=leads.ada)
    again = leads.act(save_draft, {**SAID, "experience": 0}, {}, "x ", None, actor=leads.ben, at=1)
    assert again == first and len(leads.acts()) == 1


def test_a_page_left_open_does_not_take_a_new_draft_for_its_own(leads: Leads) -> None:
    """Set aside and begun again, a draft has a revision that no draft had before."""
    seen = leads.draft({"access": 1})
    leads.act(discard, seen.revision, actor=leads.ben, at=1)
    with pytest.raises(DraftConflict) as refused:
        leads.act(publish, seen.revision, actor=leads.ada, at=2)
    assert refused.value.draft is None and refused.value.code == "no_draft"
    assert leads.act(begin_draft, actor=leads.ben, at=3).revision > seen.revision


def test_a_draft_that_was_overtaken_is_not_published_until_somebody_has_compared(north: Leads) -> None:
    mine = north.draft({"access": 1})
    north.act(begin_draft, "soonest", actor=north.ben, at=1, revision=mine.revision)
    draft = north.standing(1).draft
    assert draft is not None
    saved = north.act(save_draft, draft.relative, {}, "Sooner.", draft.revision, actor=north.ben, at=1)
    north.act(publish, saved.revision, actor=north.ben, at=2)
    late = north.draft({"access": 1}, at=3)
    north.act(roll_back, None, actor=north.ben, at=4)
    with pytest.raises(Overtaken) as refused:
        north.act(publish, late.revision, actor=north.ada, at=5)
    assert (refused.value.drafted_from, refused.value.serving) == ("w1", None)
    said = say_trouble(refused.value.code, refused.value.params)
    assert "the weights w1" in said and "the release’s own weights" in said
    assert north.standing(5).draft == late
    kept = north.act(rebase, late.revision, None, actor=north.ada, at=6)
    assert (kept.relative, kept.based_on) == (late.relative, None)
    assert north.act(publish, kept.revision, actor=north.ada, at=7).version == "w2"
    assert north.standing(7).serving.based_on is None


def test_what_is_scheduled_before_overtakes_what_is_scheduled_after(leads: Leads) -> None:
    leads.publish(effective_at=NOW + timedelta(days=1))
    draft = leads.draft({"access": 1}, at=1)
    with pytest.raises(Overtaken) as refused:
        leads.act(publish, draft.revision, NOW + timedelta(days=2), actor=leads.ada, at=2)
    assert (refused.value.drafted_from, refused.value.serving) == (None, "w1")
    assert leads.act(publish, draft.revision, actor=leads.ada, at=3).state == "serving"


BAD_WEIGHTS: list[tuple[Any, str, str]] = [
    ({}, "weights", "at least one factor"),
    (dict.fromkeys(CODES, 0), "weights", "at least one factor"),
    ({"alliance": -1}, "weights.alliance", "0 or more"),
    ({"alliance": math.nan}, "weights.alliance", "finite"),
    ({"alliance": math.inf}, "weights.alliance", "finite"),
    ({"alliance": 10**400}, "weights.alliance", "finite"),
    ({"alliance": "3"}, "weights.alliance", "finite"),
    ({"alliance": None}, "weights.alliance", "finite"),
    ({"aliance": 1}, "weights", "did you mean 'alliance'"),
    ({"luck": 1}, "weights", "use one of"),
]
BAD_BOUNDS: list[tuple[Any, str, str]] = [
    ({"access": (0.5, 0.9)}, "bounds.access", "most from 1 to 10"),
    ({"access": (1.5, 2)}, "bounds.access", "least from 0 to 1"),
    ({"access": (-0.1, 2)}, "bounds.access", "least from 0 to 1"),
    ({"access": (0, 10.5)}, "bounds.access", "most from 1 to 10"),
    ({"access": (math.nan, 2)}, "bounds.access", "two numbers"),
    ({"access": (0, math.inf)}, "bounds.access", "two numbers"),
    ({"access": (0, 10**400)}, "bounds.access", "two numbers"),
    ({"access": (0,)}, "bounds.access", "two numbers"),
    ({"access": "01"}, "bounds.access", "two numbers"),
    ({"access": (False, True)}, "bounds.access", "two numbers"),
    ({"acces": (0, 2)}, "bounds", "did you mean 'access'"),
    ({"alliance": (0, 2), "access": (0, 2)}, "bounds", "wish every weight away"),
]
BAD_NOTES: list[tuple[Any, str, str]] = [
    ("x" * 1_001, "note", "at most 1000"),
    ("a\x00b", "note", "U+0000"),
    ("a\ud800b", "note", "U+D800"),
    (None, "note", "text"),
]


@pytest.mark.parametrize(
    ("place", "bad", "field", "mend"),
    [("relative", *case) for case in BAD_WEIGHTS]
    + [("bounds", *case) for case in BAD_BOUNDS]
    + [("note", *case) for case in BAD_NOTES],
)
def test_bad_input_names_field_and_mend_and_the_draft_is_kept(
    place: str, bad: Any, field: str, mend: str, kept: Leads
) -> None:
    before = kept.standing()
    assert before.draft is not None
    said = {"relative": SAID, "bounds": {}, "note": "x", "revision": before.draft.revision} | {place: bad}
    with pytest.raises(InvalidInput) as refused:
        kept.act(save_draft, **said, actor=kept.ada)
    assert refused.value.field == field and mend in refused.value.mend
    assert kept.standing() == before


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Leads:
    made = copied_clinic(tmp_path_factory.mktemp("kept"))
    made.draft()
    return made


def test_numbers_near_the_end_of_a_double_are_weights(leads: Leads) -> None:
    assert leads.draft({"alliance": 1e308, "access": 1e308}).weights["access"] == 0.5


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        (lambda leads: leads.draft(note="  "), "what changes and why"),
        (lambda leads: leads.act(begin_draft, actor=leads.ada), "what changes and why"),
        (lambda leads: leads.draft(DEFAULT_WEIGHTS.values), "serve already"),
    ],
)
def test_nothing_is_published_without_a_note_or_without_a_change(
    leads: Leads, change: Callable[[Leads], Any], mend: str
) -> None:
    draft = change(leads)
    with pytest.raises(InvalidInput, match=mend):
        leads.act(publish, draft.revision, actor=leads.ada, at=1)
    assert leads.standing().draft == draft and leads.rows()["weights_versions"] == 0


@pytest.mark.parametrize(
    "moment",
    [NOW, NOW - timedelta(days=1), NOW + timedelta(days=367), datetime.max.replace(tzinfo=UTC), datetime(2026, 3, 3)],
)
def test_a_moment_that_cannot_be_is_refused(leads: Leads, moment: datetime) -> None:
    draft = leads.draft()
    with pytest.raises(InvalidInput) as refused:
        leads.act(publish, draft.revision, moment, actor=leads.ada)
    assert refused.value.field == "effective_at" and leads.standing().draft == draft


def test_there_is_no_way_back_to_what_was_never_there(north: Leads) -> None:
    north.publish()
    for version in ("w2", "W1", "", "soonest", "w1 ", "w\x00", "\ud800", "w1\n", "w" * 10_000, "w\u0661"):
        with pytest.raises(InvalidInput, match="expected one of w1"):
            north.act(roll_back, version, actor=north.ada, at=1)
        with pytest.raises(InvalidInput, match="no such version"):
            north.act(begin_draft, version if version != "soonest" else "soon", actor=north.ada, at=1)


def test_there_is_no_way_back_to_what_serves(leads: Leads) -> None:
    with pytest.raises(WeightsTrouble, match="serves_already"):
        leads.act(roll_back, None, actor=leads.ada)
    leads.publish()
    with pytest.raises(WeightsTrouble) as refused:
        leads.act(roll_back, "w1", actor=leads.ada, at=1)
    assert say_trouble(refused.value.code, refused.value.params).startswith("The weights w1 serve already")


def test_a_clock_that_is_behind_does_not_let_the_older_win(leads: Leads) -> None:
    leads.publish({"access": 1}, at=1)
    draft = leads.draft({"alliance": 1}, at=2)
    late = leads.act(publish, draft.revision, actor=leads.ada, at=0.5)
    assert late.version == "w2" and late.made_at > NOW + timedelta(minutes=1)
    assert leads.standing(2).serving.version == "w2"


def test_two_versions_side_by_side(leads: Leads) -> None:
    leads.publish({"alliance": 3, "access": 1})
    serving, draft = leads.standing().serving, leads.draft(at=1, bounds={"access": (1, 1)})
    changes = {change.factor: change for change in compare(weights.release(), serving)}
    assert list(changes) == CODES and changes["alliance"].after == 0.75
    assert sum(change.difference for change in changes.values()) == 0
    assert not changes["experience"].is_one and changes["alliance"].is_one
    changed = [change for change in compare(serving, draft) if change.is_one]
    assert [(c.factor, c.difference, c.bounds_before, c.bounds_after) for c in changed] == [
        ("access", 0, CLIENT_BOUNDS, (1, 1))
    ]


def test_another_clinic_sees_and_changes_nothing(north: Leads) -> None:
    south = clinic_with_leads(north.url, "south")
    made = north.publish(effective_at=NOW + timedelta(days=1))
    draft = north.draft({"access": 1}, at=1)
    assert south.standing().draft is None and south.standing().history == ()
    with pytest.raises(DraftConflict) as refused:
        south.act(publish, draft.revision, actor=south.ada)
    assert refused.value.draft is None
    with pytest.raises(WeightsTrouble, match="no_activation"):
        south.act(call_off, made.id, actor=south.ada)
    with pytest.raises(InvalidInput, match="no version has served here"):
        south.act(roll_back, "w1", actor=south.ada)
    assert south.publish().version == "w1" and north.standing().scheduled == (made,)


@given(st.dictionaries(st.sampled_from(CODES), st.floats(0, 1e6), min_size=1).filter(lambda w: max(w.values()) > 0))
def test_shares_as_they_would_be_typed_come_to_the_same_weights(values: dict[str, float]) -> None:
    shares = normalised(values, version="x").values
    typed = weight_checks.as_typed(shares)
    assert normalised(typed, version="x").values == shares
    assert abs(math.fsum(typed.values()) - 100) <= 0.04, "eight numbers of at least two decimals"
