"""PHQ-9 and GAD-7 by their published rules and figures; what is missing, wrong or turned around."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import INSTRUMENTS, Instrument, band, reliable_change, score
from matcher.entities import CHECK_IN as SCALE
from matcher.errors import InvalidInput
from matcher.measures import CHECK_IN, GAD_7, PHQ_9, Answer, Band, Item, Spread, needs_a_person
from matcher.measures.phq import KROENKE_2001


def filled(instrument: Instrument, values: str) -> dict[str, float]:
    """Answers to the scored items in their order, a digit each; a dot is an item that was left out."""
    keys = [item.id for item in instrument.scored]
    return {key: float(value) for key, value in zip(keys, values, strict=True) if value != "."}


# Kroenke 2001, table 1: a patient's form may hold any of these sums; the bands are those of its figure 1
@pytest.mark.parametrize(
    ("values", "total", "code"),
    [
        ("000000000", 0, "minimal"), ("111100000", 4, "minimal"), ("111110000", 5, "mild"),
        ("333000000", 9, "mild"), ("333100000", 10, "moderate"), ("333320000", 14, "moderate"),
        ("333330000", 15, "moderately_severe"), ("333333100", 19, "moderately_severe"),
        ("333333200", 20, "severe"), ("333333333", 27, "severe"),
    ],
)  # fmt: skip
def test_phq_9_sums_to_its_published_bands(values: str, total: int, code: str) -> None:
    assert score(PHQ_9, filled(PHQ_9, values)) == total
    found = band(PHQ_9, total)
    assert found is not None and found.code == code


@pytest.mark.parametrize(
    ("values", "total", "code"),
    [
        ("1111000", 4, "minimal"), ("1111100", 5, "mild"), ("3330000", 9, "mild"), ("3331000", 10, "moderate"),
        ("3333200", 14, "moderate"), ("3333300", 15, "severe"), ("3333333", 21, "severe"),
    ],
)  # fmt: skip
def test_gad_7_sums_to_its_published_bands(values: str, total: int, code: str) -> None:
    assert score(GAD_7, filled(GAD_7, values)) == total
    found = band(GAD_7, total)
    assert found is not None and found.code == code


def test_the_forms_are_those_of_their_authors() -> None:
    assert (len(PHQ_9.scored), len(GAD_7.scored)) == (9, 7)
    for instrument in (PHQ_9, GAD_7):
        assert [answer.words for answer in instrument.items[0].answers] == [
            "Not at all", "Several days", "More than half the days", "Nearly every day",
        ]  # fmt: skip
        assert "No permission required to reproduce, translate, display or distribute." in instrument.attribution
        assert [item.id for item in instrument.items if not item.scored] == [str(len(instrument.scored) + 1)]
    assert PHQ_9.items[0].words == "Little interest or pleasure in doing things"
    assert PHQ_9.items[8].words == "Thoughts that you would be better off dead or of hurting yourself in some way"
    assert GAD_7.items[6].words == "Feeling afraid as if something awful might happen"


def test_how_hard_daily_life_is_stands_apart_from_the_score() -> None:
    answers = filled(PHQ_9, "111111111")
    assert score(PHQ_9, answers | {"10": 3}) == score(PHQ_9, answers) == 9


def test_what_was_left_out_counts_as_the_mean_of_the_rest_as_long_as_seven_stand() -> None:
    assert score(PHQ_9, filled(PHQ_9, "22222222.")) == 18
    assert score(PHQ_9, filled(PHQ_9, "2222222..")) == 18
    assert score(PHQ_9, filled(PHQ_9, "222222...")) is None
    # 9 · 10/8 = 11.25 → 11, and 9 · 4/8 = 4.5 → 5: halves go up
    assert score(PHQ_9, filled(PHQ_9, "3331.0000")) == 11
    assert score(PHQ_9, filled(PHQ_9, "31000000.")) == 5
    assert score(PHQ_9, {"1": 2, "2": None}) is None
    assert score(GAD_7, filled(GAD_7, "33333..")) == 21 and score(GAD_7, filled(GAD_7, "3333...")) is None


def test_an_item_that_is_turned_around_counts_the_other_way() -> None:
    steps = tuple(Answer(k) for k in range(1, 6))
    items = (Item("a", "I slept well", steps, reverse=True), Item("b", "I was tired", steps))
    tired = Instrument("tired", "1", "Tired", "", items, "sum", 2, 10, "lower", n_required=2)
    assert score(tired, {"a": 5, "b": 1}) == 2 and score(tired, {"a": 2, "b": 4}) == 8
    mean = replace(tired, scoring="mean", lowest=1, top=5)
    assert score(mean, {"a": 2, "b": 3}) == 3.5


def test_our_own_check_in_lies_on_the_scale_of_check_ins_and_says_that_nobody_validated_it() -> None:
    assert score(CHECK_IN, {"bond": 10, "goals": 7, "way": 8, "overall": 8}) == pytest.approx(0.825)
    assert score(CHECK_IN, {"bond": 10, "goals": 7, "way": 8}) is None
    assert (CHECK_IN.lowest, CHECK_IN.top) == (SCALE.lowest, SCALE.top)
    assert (CHECK_IN.is_validated, CHECK_IN.licence, CHECK_IN.best) == (False, "CC0-1.0", 1)
    assert PHQ_9.is_validated
    with pytest.raises(InvalidInput, match="nobody has measured its reliability"):
        reliable_change(CHECK_IN, 0.5, 0.9)


@pytest.mark.parametrize(("answers", "expected"), [({"9": 0}, False), ({"9": 1}, True), ({"9": 3}, True), ({}, False),
                                                   ({"9": None}, False), ({"1": 3}, False)])  # fmt: skip
def test_any_answer_to_item_9_above_zero_has_to_reach_a_person(answers: dict[str, float], expected: bool) -> None:
    assert needs_a_person(PHQ_9, answers) is expected
    assert not needs_a_person(GAD_7, answers)


@pytest.mark.parametrize(
    ("answers", "says"),
    [({"11": 1}, "no such item"), ({"1": 4}, "expected one of 0, 1, 2, 3"), ({"1": -1}, "expected one of"),
     ({"1": 1.5}, "expected one of"), ({"1": float("nan")}, "finite"), ({"1": "2"}, "finite"), ({"10": 9}, "one of")],
)  # fmt: skip
def test_a_wrong_answer_is_named(answers: dict[str, float], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        score(PHQ_9, answers)
    with pytest.raises(InvalidInput):
        band(PHQ_9, 28)


# sd · √(2 · (1 − r)) · 1.96 by hand: 6.1 · √.22 · 1.96 = 5.608, 4.7 · √.16 · 1.96 = 3.685. Whole scores: 6 and 4
@pytest.mark.parametrize(("instrument", "threshold", "points"), [(PHQ_9, 5.608, 6), (GAD_7, 3.685, 4)])
def test_reliable_change_begins_where_the_formula_says(instrument: Instrument, threshold: float, points: int) -> None:
    just, short = reliable_change(instrument, 15, 15 - points), reliable_change(instrument, 15, 15 - points + 1)
    assert just.threshold == pytest.approx(threshold, abs=0.001)
    assert (just.is_reliable, short.is_reliable) == (True, False)
    worse = reliable_change(instrument, 5, 5 + points)
    assert (just.direction, worse.direction, worse.is_reliable) == ("better", "worse", True)
    assert reliable_change(instrument, 5, 5).direction == "same"
    assert just.index == pytest.approx(-points / (threshold / 1.96), abs=0.001)


def test_better_is_up_where_the_scale_says_so() -> None:
    up = replace(PHQ_9, better="higher")
    assert reliable_change(up, 5, 12).direction == "better" and up.best == 27 and PHQ_9.best == 0


A_QUESTION = Item("1", "?", (Answer(0), Answer(1)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"scoring": "median"}, "expected one of sum, mean"),
        ({"better": "left"}, "expected one of higher, lower"),
        ({"items": (A_QUESTION, A_QUESTION)}, "two items"),
        ({"items": (replace(A_QUESTION, scored=False),)}, "at least one item"),
        ({"items": (replace(A_QUESTION, answers=(Answer(1),)),)}, "at least two answers"),
        ({"items": (replace(A_QUESTION, answers=(Answer(1), Answer(1))),)}, "at least two answers"),
        ({"top": 2}, "the items reach 1"),
        ({"lowest": -1}, "the items reach 0"),
        ({"unit": 0}, "above 0"),
        ({"n_required": 0}, "whole number from 1"),
        ({"n_required": 2}, "whole number from 1"),
        ({"ceiling": 2}, "from 0 to 1"),
        ({"bands": (Band("a", 1, "a"),)}, "begin at 0"),
        ({"bands": (Band("a", 0, "a"), Band("b", 0, "b"))}, "begin at 0"),
        ({"safety_items": ("9",)}, "no item has this id"),
        ({"spread": Spread(0, 0.5, KROENKE_2001)}, "above 0"),
        ({"spread": Spread(1, 1, KROENKE_2001)}, "below 1"),
    ],
)  # fmt: skip
def test_a_questionnaire_that_contradicts_itself_is_refused(changes: dict[str, object], says: str) -> None:
    whole = Instrument("q", "1", "Q", "", (A_QUESTION,), "sum", 0, 1, "lower")
    with pytest.raises(InvalidInput, match=says):
        replace(whole, **changes)


@given(st.lists(st.integers(0, 3), min_size=9, max_size=9), st.sets(st.integers(0, 8), max_size=2))
def test_a_score_lies_in_the_range_and_leaving_out_moves_it_by_no_more_than_the_gaps(
    values: list[int], gaps: set[int]
) -> None:
    """Each gap of three points is filled with something from 0 to 3, and rounding adds at most a half."""
    whole = {str(k + 1): float(value) for k, value in enumerate(values)}
    partly = {key: value for key, value in whole.items() if int(key) - 1 not in gaps}
    full, found = score(PHQ_9, whole), score(PHQ_9, partly)
    assert full == sum(values) and found is not None
    assert 0 <= found <= 27 and abs(found - full) <= 3 * len(gaps) + 0.5


def test_every_instrument_goes_by_its_code() -> None:
    assert set(INSTRUMENTS) == {"phq-9", "gad-7", "check-in"}
    assert all(instrument.code == code for code, instrument in INSTRUMENTS.items())
