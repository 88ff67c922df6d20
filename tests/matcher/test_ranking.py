"""The list: exact sums, a stable order, each pair by itself, honest reasons."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import Directory, rank
from matcher.entities import Intake, MatchList, Reason, Style, Therapist, Weights
from matcher.errors import InvalidInput
from matcher.factors.registry import FACTORS
from matcher.scoring import best
from matcher.weights import DEFAULT, normalised
from tests.builders import INTAKES, TODAY, a_therapist, an_intake, directories, wishes
from tests.matcher.fakes import a_model

CODES = [factor.code for factor in FACTORS]
ASKING = settings(max_examples=60, deadline=None)
OPEN = INTAKES.map(
    lambda intake: Intake(
        id=intake.id,
        concerns=intake.concerns,
        style=intake.style,
        helped=intake.helped,
        urgency=intake.urgency,
        communities=intake.communities,
    )
)  # asks for nothing hard, so that whoever has a place is eligible
WEIGHTS = st.lists(st.integers(0, 20), min_size=8, max_size=8).filter(any)


def weights_of(relative: list[int]) -> Weights:
    return normalised(dict(zip(CODES, relative, strict=True)), version="drawn")


def ids(answer: MatchList) -> list[str]:
    return [match.therapist_id for match in answer.matches]


@ASKING
@given(INTAKES | OPEN, directories(), WEIGHTS, st.floats(-3, 3))
def test_contributions_add_up_to_the_last_bit(
    intake: Intake, therapists: list[Therapist], relative: list[int], standing: float
) -> None:
    model = a_model({therapist.id: standing * k for k, therapist in enumerate(therapists)})
    answer = rank(intake, Directory.of(therapists), weights=weights_of(relative), model=model, today=TODAY)
    for match in answer.matches:
        points = [part.points for part in match.contributions]
        assert [part.factor for part in match.contributions] == CODES
        assert match.score == reduce(add, points) == reduce(add, points[::-1]) == math.fsum(points)
        assert Fraction(match.score) == sum(
            (Fraction(part.weight) * Fraction(part.value) for part in match.contributions), Fraction(0)
        )
        assert 0 <= match.score <= 1


@ASKING
@given(INTAKES | OPEN, directories(), st.data())
def test_the_order_of_the_input_is_irrelevant(intake: Intake, therapists: list[Therapist], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(therapists))
    assert rank(intake, Directory.of(therapists), today=TODAY) == rank(intake, Directory.of(shuffled), today=TODAY)


@ASKING
@given(INTAKES | OPEN, directories(), WEIGHTS)
def test_falling_scores_ties_by_id_and_everyone_once(
    intake: Intake, therapists: list[Therapist], relative: list[int]
) -> None:
    answer = rank(intake, Directory.of(therapists), weights=weights_of(relative), today=TODAY)
    keys = [(-match.score, match.therapist_id) for match in answer.matches]
    assert keys == sorted(keys)
    assert [match.place for match in answer.matches] == list(range(1, len(keys) + 1))
    assert sorted(ids(answer) + [refusal.therapist_id for refusal in answer.refusals]) == sorted(
        therapist.id for therapist in therapists
    )


@ASKING
@given(OPEN, directories(3), st.integers(0, 4))
def test_one_who_leaves_changes_nobody_else(intake: Intake, therapists: list[Therapist], leaver: int) -> None:
    left = [therapist for k, therapist in enumerate(therapists) if k != leaver % len(therapists)]
    before = rank(intake, Directory.of(therapists), today=TODAY)
    after = rank(intake, Directory.of(left), today=TODAY)
    stayed = {match.therapist_id: match for match in before.matches}
    for match in after.matches:
        assert replace(match, place=0) == replace(stayed[match.therapist_id], place=0)


@ASKING
@given(OPEN, directories(2), WEIGHTS, st.integers(1, 50))
def test_weights_rescaled_give_the_same_list(
    intake: Intake, therapists: list[Therapist], relative: list[int], factor: int
) -> None:
    directory = Directory.of(therapists)
    once, scaled = weights_of(relative), weights_of([factor * weight for weight in relative])
    assert rank(intake, directory, weights=once) == rank(intake, directory, weights=scaled)


@ASKING
@given(OPEN, directories(2), st.integers(1, 6))
def test_the_first_of_all_are_the_first(intake: Intake, therapists: list[Therapist], top: int) -> None:
    directory = Directory.of(therapists)
    every, first = rank(intake, directory, today=TODAY), rank(intake, directory, today=TODAY, top=top)
    assert first.matches == every.matches[:top]
    assert first.refusals == every.refusals


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75]), min_size=1), st.integers(1, 9))
def test_best_is_a_stable_sort_cut_short(score: list[float], top: int) -> None:
    order = sorted(range(len(score)), key=lambda row: -score[row])
    assert best(np.array(score), top).tolist() == order[:top]
    assert best(np.array(score), None).tolist() == order


def test_equal_therapists_stand_in_the_order_of_their_ids() -> None:
    directory = Directory.of(a_therapist(id_) for id_ in ("b", "a10", "a9", "B", "ä"))
    assert ids(rank(an_intake(), directory)) == ["B", "a10", "a9", "b", "ä"]


def test_the_score_by_hand() -> None:
    """alliance ¾ and access ¼ of the weight; Φ(0) = ½; five weeks' wait alone counts .95^5."""
    weights = normalised({"alliance": 3, "access": 1}, version="hand")
    therapist = a_therapist(available_from=TODAY.replace(month=4, day=6))  # 35 days after 2 March
    (match,) = rank(an_intake(), Directory.of([therapist]), weights=weights, today=TODAY).matches
    assert match.score == pytest.approx(0.75 * 0.5 + 0.25 * 0.95**5, abs=2**-26)


def test_a_better_standing_wins_and_moves_by_the_normal_curve() -> None:
    """Φ(1) = 0.8413447 (any table of the normal distribution)."""
    directory = Directory.of([a_therapist("t1"), a_therapist("t2")])
    answer = rank(an_intake(), directory, model=a_model({"t2": 1.0}))
    assert ids(answer) == ["t2", "t1"]
    alliance = answer.matches[0].contributions[0]
    assert alliance.value == pytest.approx(0.8413447, abs=1e-7)
    assert answer.model_version == "fake-1"
    assert answer.notes == ("few_matches",)


def test_without_a_model_the_rules_rank_and_the_list_says_so() -> None:
    answer = rank(an_intake(), Directory.of(a_therapist(f"t{k}") for k in range(3)))
    assert answer.notes == ("no_model",)
    assert answer.model_version is None
    assert all(match.contributions[0].value == 0.5 and match.outlook is None for match in answer.matches)


def test_nobody_eligible_is_an_answer() -> None:
    answer = rank(an_intake(languages=("fr",)), Directory.of([a_therapist()]))
    assert answer.matches == ()
    assert [refusal.codes for refusal in answer.refusals] == [("language",)]
    assert [remedy.code for remedy in answer.remedies] == ["add_language"]
    assert answer.notes == ("no_model", "no_match")


def test_an_empty_directory_is_said_and_no_way_out_is_promised() -> None:
    answer = rank(an_intake(), Directory.of([]))
    assert (answer.matches, len(answer.refusals), answer.remedies) == ((), 0, ())
    assert answer.notes == ("no_model", "empty_directory")


def test_an_empty_directory_is_an_answer() -> None:
    answer = rank(an_intake(), Directory.of([]), model=a_model({}), today=TODAY)
    assert (answer.matches, len(answer.refusals), answer.remedies) == ((), 0, ())


def test_nobody_gives_way_where_three_can_be_offered() -> None:
    rows = [a_therapist(f"t{k}") for k in range(3)] + [a_therapist("t9", languages=("fr",))]
    assert rank(an_intake(languages=("de",)), Directory.of(rows)).remedies == ()
    assert rank(an_intake(languages=("de",)), Directory.of(rows[1:])).remedies != ()


@pytest.mark.parametrize("top", [0, -1])
def test_at_least_one_match_must_be_asked_for(top: int) -> None:
    with pytest.raises(InvalidInput, match="top: "):
        rank(an_intake(), Directory.of([a_therapist()]), top=top)


def test_weights_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInput, match="weights"):
        rank(an_intake(), Directory.of([a_therapist()]), weights=Weights("none", {"alliance": 0.0}))


# What is said about a pair ------------------------------------------------------------------------------------------


def said(client: dict[str, Any], therapist: dict[str, Any], standing: float | None = None, **counts: Any) -> Any:
    model = None if standing is None else a_model({"t1": standing}, **counts)
    answer = rank(an_intake(**client), Directory.of([a_therapist(**therapist)]), model=model, today=TODAY)
    return answer.matches[0]


def test_the_three_reasons_that_carry_most_come_largest_first() -> None:
    """Points above neutral: gender .2 · 2/3 · ½ = .0667, main field .1 · ½ = .05, style .2 · 1/3 · ½ = .0333,
    and the last, accredited training .08 · ½ · .3 = .012, is the fourth."""
    match = said(
        {"style": Style(time=3), "wishes": wishes(gender=("woman", "matters"))},
        {"concerns": {"grief": 3}, "gender": "woman", "style": Style(time=3), "trainings": ("accredited",)},
    )
    assert match.reasons == (
        Reason("wish_met", {"trait": "gender", "option": "woman"}),
        Reason("concern_main_field", {"concern": "grief"}),
        Reason("style_match", {"scale": "time", "end": "right"}),
    )
    assert match.caution is None


def test_no_more_than_two_reasons_of_one_kind() -> None:
    style = Style(3, 3, 3, 3)
    match = said({"style": style}, {"concerns": {"grief": 2}, "style": style, "trainings": ("masters",)})
    assert [reason.code for reason in match.reasons].count("style_match") == 2
    assert len(match.reasons) == 3


def test_the_caution_is_what_costs_most() -> None:
    """Costs below the best: concern not listed .1; style gap .2 · 6/6 = .2."""
    match = said({"style": Style(lead=3)}, {"concerns": {}, "style": Style(lead=-3)})
    assert match.caution == Reason("style_gap", {"scale": "lead", "end": "right"})
    match = said({"style": Style(lead=3)}, {"concerns": {}, "style": Style(lead=3)})
    assert match.caution == Reason("concern_not_listed", {"concern": "grief"})


def test_good_for_you_and_good_on_average_are_told_apart() -> None:
    assert said({}, {}, 1.0, personal=0.9).reasons[0].code == "alliance_for_you"
    assert said({}, {}, 1.0, personal=0.1).reasons[0].code == "alliance_on_average"
    assert said({}, {}, -1.0).caution == Reason("alliance_below_typical")


def test_an_unsure_difference_is_no_reason() -> None:
    codes = {reason.code for reason in said({}, {}, 0.3).reasons}
    assert not codes & {"alliance_for_you", "alliance_on_average"}


@pytest.mark.parametrize(
    ("n_clients", "n_similar", "code"),
    [(5, 5, "seen_similar"), (5, 4, "seen_clients"), (4, 4, None), (0, 0, None)],
)
def test_fewer_than_five_clients_are_never_counted_aloud(n_clients: int, n_similar: int, code: str | None) -> None:
    match = said({}, {}, 0.0, n_clients=n_clients, n_similar=n_similar)
    counted = [reason.code for reason in match.reasons if "n_clients" in reason.params]
    assert counted == ([] if code is None else [code])
    assert (match.caution is not None and match.caution.code == "new_here") == (code is None)


def test_a_factor_without_weight_says_nothing() -> None:
    weights = normalised({"continuity": 1}, version="one")
    directory = Directory.of([a_therapist(concerns={}, years=30.0)])
    (match,) = rank(an_intake(), directory, weights=weights).matches
    assert match.reasons == ()
    assert match.caution is None
    assert DEFAULT.values["experience"] == 0
