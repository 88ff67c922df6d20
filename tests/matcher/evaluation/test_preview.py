"""What other weights would change, worked by hand, against ``rank`` itself, and as properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import Directory, Panel, normalised, preview, rank, simulate
from matcher.entities import Intake, Therapist, Weights, Wish, Wishes
from matcher.errors import InvalidInput
from matcher.evaluation.panel import NOT_SAID
from matcher.factors.registry import FACTORS
from tests.matcher.fakes import a_model

TODAY = date(2026, 3, 2)
CODES = [factor.code for factor in FACTORS]
SIMULATED = simulate(np.random.default_rng(3), n_therapists=40, n_clients=30)
DIRECTORY = Directory.of(SIMULATED.therapists)
MODEL = a_model({therapist.id: (k % 7 - 3) / 3 for k, therapist in enumerate(SIMULATED.therapists)})
PANEL = Panel.of(SIMULATED.intakes, DIRECTORY, model=MODEL, today=TODAY)
SOME = normalised({"alliance": 4, "access": 2, "preference_fit": 1}, version="old")
OTHER = normalised({"access": 1, "experience": 3}, version="new")


def therapist(id_: str, depth: int, years: float, gender: str | None = None, **more: object) -> Therapist:
    given = {"profession": "psychologist", "licence_regions": ("DE",), "languages": ("de",), "formats": ("online",)}
    concerns = {"grief": depth} if depth else {}
    return Therapist(id=id_, name=id_, concerns=concerns, capacity=1, years=years, gender=gender, **(given | more))  # type: ignore[arg-type]


def only(code: str) -> Weights:
    return normalised({code: 1.0}, version=code)


BY_DEPTH, BY_YEARS = only("concern_expertise"), only("experience")
# depth gives the order a, b, c, d; years give d, c, b, a
FOUR = Directory.of([therapist("a", 3, 1), therapist("b", 2, 4), therapist("c", 1, 9), therapist("d", 0, 30)])


def test_places_moves_and_showings_are_those_worked_by_hand() -> None:
    """Before a, b | c, d; after d, c | b, a: everybody of the first two moves 3 and 1 places."""
    panel = Panel.of([Intake(id="c1", concerns=("grief",)), Intake(id="c2", concerns=("grief",))], FOUR)
    found = preview(panel, BY_DEPTH, BY_YEARS, top=2)
    first = found.reordered[0]
    assert [(shift.therapist_id, shift.was, shift.place) for shift in first.shifts] == [
        ("a", 1, 4), ("b", 2, 3), ("c", 3, 2), ("d", 4, 1),
    ]  # fmt: skip
    assert (first.n_changed, first.entered, first.left, first.has_other_first) == (2, ("d", "c"), ("a", "b"), True)
    assert (found.median_move, found.largest_move) == (2.0, 3)  # of 3, 1, 3, 1
    assert [(one.therapist_id, one.n_possible, one.before, one.after) for one in found.showings] == [
        ("a", 2, 2, 0), ("b", 2, 2, 0), ("c", 2, 0, 2), ("d", 2, 0, 2),
    ]  # fmt: skip
    assert (found.n_other_first, found.n_changed, found.n_lists) == (2, 2, 2)
    assert found.exposure_before.share_shown == found.exposure_after.share_shown == 0.5
    assert found.alliance is None  # nothing is said of an alliance where no model expects one


def test_moves_are_those_of_who_stood_first_not_of_who_comes_in() -> None:
    """After b, c, a: the first before falls by 2, the first after has risen by 1."""
    three = Directory.of([therapist("a", 3, 1), therapist("b", 2, 30), therapist("c", 1, 9)])
    found = preview(Panel.of([Intake(id="c1", concerns=("grief",))], three), BY_DEPTH, BY_YEARS, top=1)
    assert (found.median_move, found.largest_move, found.reordered[0].moved) == (2.0, 2, 2)


def test_who_stood_in_three_lists_and_stands_in_none_is_named_and_so_is_a_group_of_five() -> None:
    women = [therapist(f"w{k}", 3, 1, "woman") for k in range(5)]
    men = [therapist(f"m{k}", 0, 30, "man") for k in range(5)]
    intakes = [Intake(id=f"c{k}", concerns=("grief",)) for k in range(3)]
    panel = Panel.of(intakes, Directory.of([*women, *men]))
    found = preview(panel, BY_DEPTH, BY_YEARS)
    assert found.shut_out == ("w0", "w1", "w2", "w3", "w4")
    assert [(cell.kind, cell.code, cell.n_therapists) for cell in found.shut_out_groups] == [("gender", "woman", 5)]
    assert [(cell.share, cell.before, cell.after) for cell in found.therapists if cell.kind == "gender"] == [
        (0.5, 0.0, 1.0), (0.5, 1.0, 0.0),
    ]  # fmt: skip
    fewer = preview(Panel.of(intakes[:2], Directory.of([*women, *men])), BY_DEPTH, BY_YEARS)
    assert fewer.shut_out == ()  # two lists are too few to be alarmed


def test_groups_of_fewer_than_five_are_hidden_and_cannot_be_told_from_the_others() -> None:
    """Five men and four women: hiding the women alone would leave them as the rest, so the men are hidden too."""
    people = [therapist(f"t{k}", 1, k, "woman" if k < 4 else "man") for k in range(9)]
    wished = [Intake(id=f"c{k}", concerns=("grief",), gender="man" if k < 6 else None) for k in range(8)]
    model = a_model({f"t{k}": k / 10 for k in range(9)})
    found = preview(Panel.of(wished, Directory.of(people), model=model), only("alliance"), BY_YEARS)
    assert all(cell.hidden for cell in found.therapists if cell.kind == "gender")
    assert [(cell.code, cell.n_clients) for cell in found.clients if cell.kind == "gender"] == [
        ("man", None), (NOT_SAID, None),
    ]  # fmt: skip
    assert [(cell.code, cell.n_clients) for cell in found.clients if cell.kind == "faith"] == [(NOT_SAID, 8)]


def test_what_the_first_places_stand_for_is_their_mean_before_and_after() -> None:
    """One place: the alliance falls from Φ(1) = .8413 to Φ(−1) = .1587, the wait from 10 days to 0."""
    people = [
        therapist("a", 3, 1, available_from=date(2026, 3, 12)),
        therapist("b", 0, 30),
    ]
    model = a_model({"a": 1.0, "b": -1.0})
    clients = [Intake(id=f"c{k}", concerns=("grief",), gender="woman") for k in range(5)]
    found = preview(Panel.of(clients, Directory.of(people), model=model, today=TODAY), BY_DEPTH, BY_YEARS, top=1)
    assert found.alliance is not None
    assert found.wait_days is not None
    assert (round(found.alliance.before, 4), round(found.alliance.after, 4)) == (0.8413, 0.1587)
    assert (found.wait_days.before, found.wait_days.after) == (10.0, 0.0)
    [cell] = [cell for cell in found.clients if (cell.kind, cell.code) == ("gender", "woman")]
    assert cell.change == pytest.approx(0.1587 - 0.8413, abs=1e-4)


def test_the_first_places_are_those_of_rank() -> None:
    for weights, side in ((SOME, 0), (OTHER, 1)):
        found = {one.intake_id: one for one in preview(PANEL, SOME, OTHER).reordered}
        for intake in SIMULATED.intakes:
            listed = rank(intake, DIRECTORY, weights=weights, model=MODEL, today=TODAY)
            places = {match.therapist_id: match.place for match in listed.matches}
            if not places:
                assert intake.id not in found
                continue
            shifts = found[intake.id].shifts
            assert all(places[shift.therapist_id] == (shift.place if side else shift.was) for shift in shifts)
            first = {shift.therapist_id for shift in shifts if (shift.place if side else shift.was) <= 5}
            assert first == {key for key, place in places.items() if place <= 5}


def test_nothing_to_look_at_is_an_answer() -> None:
    nobody = Intake(id="c1", concerns=("grief",), wishes=Wishes(faith=Wish(("sikh",), "must")))
    for panel in (
        Panel.of([], FOUR),
        Panel.of([Intake(id="c1", concerns=("grief",))], Directory.of([])),
        Panel.of([nobody], FOUR),
    ):
        found = preview(panel, BY_DEPTH, BY_YEARS)
        assert found.too_few
        assert (found.reordered, found.showings, found.clients, found.therapists) == ((), (), (), ())
        assert (found.median_move, found.largest_move, found.alliance, found.wait_days) == (0.0, 0, None, None)
        assert found.shut_out == ()
    assert not preview(PANEL, SOME, OTHER).too_few


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=8, max_size=8).filter(any), st.sampled_from([1e-300, 0.5, 3.0, 1e300]))
def test_the_same_weights_move_nobody_and_scaled_ones_are_the_same(relative: list[int], factor: float) -> None:
    weights = normalised(dict(zip(CODES, map(float, relative), strict=True)), version="x")
    scaled = Weights("y", {code: value * factor for code, value in weights.values.items()})
    found = preview(PANEL, weights, scaled)
    assert all(one.n_changed == one.moved == 0 and not one.entered and not one.left for one in found.reordered)
    assert all(one.before == one.after for one in found.showings)
    assert found.exposure_before == found.exposure_after
    assert found.largest_move == 0
    assert found.shut_out == ()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=8, max_size=8).filter(any))
def test_there_and_back_is_the_mirror_image(relative: list[int]) -> None:
    weights = normalised(dict(zip(CODES, map(float, relative), strict=True)), version="x")
    there, back = preview(PANEL, SOME, weights), preview(PANEL, weights, SOME)
    assert [(one.before, one.after) for one in there.showings] == [(one.after, one.before) for one in back.showings]
    assert there.exposure_before == back.exposure_after
    for one, other in zip(there.reordered, back.reordered, strict=True):
        assert {*one.entered} == {*other.left}
        assert len(one.entered) == len(one.left) <= one.n_changed
    assert sum(one.before for one in there.showings) == sum(one.after for one in there.showings)


def test_who_cannot_be_offered_is_in_no_list() -> None:
    found = preview(replace(PANEL, offered=np.zeros_like(PANEL.offered)), SOME, OTHER)
    assert found.too_few


@pytest.mark.parametrize("top", [0, 101, 2.5, True])
def test_top_is_a_whole_number_in_its_range(top: int) -> None:
    with pytest.raises(InvalidInput, match="top"):
        preview(PANEL, SOME, OTHER, top=top)


def test_weights_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInput):
        preview(PANEL, SOME, Weights("zero", dict.fromkeys(CODES, 0.0)))
