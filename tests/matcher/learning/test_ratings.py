"""What ratings teach: the truth where they are many, the defaults where they are few, and how sure either is."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from matcher import DEFAULT_WEIGHTS, learned_from_ratings, normalised
from matcher.learning import Learned, OutOfFold
from matcher.learning.answer import (
    ADDS,
    CODES,
    DEFAULT_RELATIVE,
    DIRECTIONS,
    LESS,
    MAY_ADD_NOTHING,
    MORE,
    NO_ALLIANCE_WEIGHT,
    NO_DIFFERENCE,
    NOT_IN_RATINGS,
    OTHERS,
    PRIOR_SD,
    SAME_FOR_ALL,
    STAYS,
    TAKES_AWAY,
    TELLS_FEW_APART,
    TOO_FEW_CLIENTS,
    VERDICTS,
    LearnedFactor,
    Posterior,
    most_probable,
)
from matcher.learning.outcomes import _nothing
from matcher.learning.ratings import dyads_of
from matcher.weights import GRID
from tests.matcher.learning.clinics import TRUTH, met


@cache
def clear() -> tuple[OutOfFold, Learned]:
    """Many clients, little noise."""
    outcomes = met(1_500, 60, noise=0.3)
    return outcomes, learned_from_ratings(outcomes, not_taught=())


def by_code(learned: Learned) -> dict[str, LearnedFactor]:
    return {one.factor: one for one in learned.factors}


def centres(learned: Learned) -> np.ndarray:
    return np.array([(one.lower95 + one.upper95) / 2 for one in learned.factors])


def test_many_ratings_teach_the_truth() -> None:
    _, learned = clear()
    truth = np.array([TRUTH[code] for code in OTHERS])
    pairwise = np.array([code != "experience" for code in OTHERS])
    assert centres(learned)[pairwise] == pytest.approx(truth[pairwise], abs=0.05)
    assert all(one.lower95 <= TRUTH[one.factor] <= one.upper95 for one in learned.factors)
    assert (learned.taught_by, learned.too_little, learned.n_clients) == ("ratings", None, 1_500)


def test_few_noisy_ratings_come_back_to_the_defaults_as_wide_as_the_prior() -> None:
    learned = learned_from_ratings(met(40, 8, noise=20.0), not_taught=())
    assert centres(learned) == pytest.approx([DEFAULT_RELATIVE[code] for code in OTHERS], abs=0.05)
    widths = [one.upper95 - one.lower95 for one in learned.factors]
    assert widths == pytest.approx([2 * 1.96 * PRIOR_SD] * len(OTHERS), rel=0.05)
    assert not learned.detectable
    assert all(one.verdict == NO_DIFFERENCE for one in learned.factors)


def test_verdicts_set_the_interval_beside_what_serves_and_beside_nothing() -> None:
    outcomes, learned = clear()
    found = by_code(learned)
    assert (found["preference_fit"].verdict, found["preference_fit"].direction) == (MORE, ADDS)
    assert (found["concern_expertise"].verdict, found["concern_expertise"].direction) == (LESS, MAY_ADD_NOTHING)
    assert learned.detectable
    serving = normalised({"alliance": 1} | {code: max(TRUTH[code], 0) for code in OTHERS}, version="true")
    again = by_code(learned_from_ratings(outcomes, serving=serving, not_taught=()))
    assert {one.verdict for code, one in again.items() if code != "experience"} == {NO_DIFFERENCE}
    assert {one.verdict for one in again.values()} <= set(VERDICTS)
    assert {one.direction for one in again.values()} <= set(DIRECTIONS)


def test_what_takes_away_weighs_nothing_and_is_told() -> None:
    outcomes = met(1_500, 60, noise=0.3, access=-0.5)
    learned = learned_from_ratings(outcomes, not_taught=())
    access = by_code(learned)["access"]
    assert access.direction == TAKES_AWAY and access.upper95 < 0
    assert access.relative == 0 == learned.weights.values["access"]


def test_the_most_probable_weights_above_zero() -> None:
    """Given w₁ = 0 rather than −1, the mean of w₂ moves by covariance / variance: 1 + .5 · 1."""
    covariance = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert most_probable(Posterior(("a", "b"), np.array([-1.0, 1.0]), covariance)) == pytest.approx([0, 1.5])
    assert most_probable(Posterior(("a", "b"), np.array([0.2, 1.0]), covariance)) == pytest.approx([0.2, 1.0])


def test_weights_are_on_the_grid_and_sum_to_one() -> None:
    _, learned = clear()
    values = learned.weights.values
    assert list(values) == list(CODES) and sum(values.values()) == 1
    assert all(weight >= 0 and (weight * GRID).is_integer() for weight in values.values())
    ratios = [values[code] / values["alliance"] for code in OTHERS]
    assert ratios == pytest.approx([by_code(learned)[code].relative for code in OTHERS], abs=1e-6)


def test_order_of_pairs_and_names_of_people_do_not_matter() -> None:
    outcomes = met(120, 12)
    rng = np.random.default_rng(3)
    order, clients, therapists = rng.permutation(240), rng.permutation(120), rng.permutation(12)
    moved = replace(
        outcomes,
        **{name: getattr(outcomes, name)[order] for name in ("n_ratings", "outcome", "expected", "typical", "years")},
        **{name: getattr(outcomes, name)[:, order] for name in ("values", "usual", "tells")},
        client=clients[outcomes.client[order]],
        therapist=therapists[outcomes.therapist[order]],
    )
    assert centres(learned_from_ratings(moved, not_taught=())) == pytest.approx(
        centres(learned_from_ratings(outcomes, not_taught=())), abs=1e-4
    )


@pytest.mark.parametrize(("factor", "shift"), [(40.0, 12.0), (0.01, -3.0)])
def test_the_scale_of_the_ratings_does_not_matter(factor: float, shift: float) -> None:
    outcomes = met(120, 12)
    moved = {name: factor * getattr(outcomes, name) + shift for name in ("outcome", "expected", "typical")}
    scaled = replace(outcomes, **moved, noise=factor**2 * outcomes.noise, unit=factor * outcomes.unit)
    assert centres(learned_from_ratings(scaled, not_taught=())) == pytest.approx(
        centres(learned_from_ratings(outcomes, not_taught=())), abs=1e-4
    )


def test_clients_whom_anybody_would_suit_are_not_taken_for_clients_who_were_suited_well() -> None:
    """Some have wishes that all therapists meet, and give high scores to all: that is no merit of wishes met."""
    outcomes = met(400, 30)
    easy = np.random.default_rng(9).normal(0, 0.3, 400)[outcomes.client]
    shift = (np.arange(len(CODES)) == CODES.index("preference_fit"))[:, None] * easy
    moved = replace(
        outcomes, values=outcomes.values + shift, usual=outcomes.usual + shift, outcome=outcomes.outcome + 0.3 * easy
    )
    one = by_code(learned_from_ratings(moved, not_taught=()))["preference_fit"]
    assert one.lower95 <= TRUTH["preference_fit"] <= one.upper95 < 1.4


def test_a_model_that_already_knows_what_a_factor_adds_leaves_it_nothing() -> None:
    """The alliance enters with its weight fixed to 1: what is in it is not counted twice."""
    outcomes = met(1_500, 60, noise=0.3)
    row = CODES.index("preference_fit")
    added = outcomes.unit * TRUTH["preference_fit"] * (outcomes.values[row] - outcomes.usual[row])
    known = learned_from_ratings(replace(outcomes, expected=outcomes.expected + added), not_taught=())
    one = by_code(known)["preference_fit"]
    assert abs((one.lower95 + one.upper95) / 2) < 0.05


def test_what_cannot_be_learned_stays_as_it_serves_with_the_reason() -> None:
    outcomes = met(120, 12)
    tells = outcomes.tells.copy()
    tells[CODES.index("continuity")] = False
    tells[CODES.index("expectancy")] = outcomes.client < 4
    serving = normalised(dict(DEFAULT_WEIGHTS.values) | {"continuity": 0.1}, version="mine")
    found = by_code(learned_from_ratings(replace(outcomes, tells=tells), serving=serving))
    expected = {"continuity": SAME_FOR_ALL, "expectancy": TELLS_FEW_APART, "access": NOT_IN_RATINGS}
    assert {code: one.stays for code, one in found.items() if one.verdict == STAYS} == expected
    assert found["continuity"].relative == found["continuity"].serves == pytest.approx(0.25)
    assert found["continuity"].lower95 is None is found["continuity"].upper95
    assert found["expectancy"].n_clients is None and found["access"].n_clients == 120


def test_a_pair_with_more_sessions_is_known_better() -> None:
    outcomes = met(50, 10)
    assert dyads_of(outcomes, outcomes.outcome).noise * outcomes.n_ratings == pytest.approx(outcomes.noise)


def test_nothing_but_the_alliance_left_to_learn() -> None:
    learned = learned_from_ratings(met(60, 10), not_taught=OTHERS)
    assert {one.verdict for one in learned.factors} == {STAYS}
    assert learned.weights.values == pytest.approx(DEFAULT_WEIGHTS.values, abs=2 / GRID)


def test_too_little_is_an_answer() -> None:
    few = learned_from_ratings(_nothing(TOO_FEW_CLIENTS))
    assert (few.too_little, few.weights, few.factors, few.detectable) == (TOO_FEW_CLIENTS, None, (), False)
    no_alliance = normalised({"access": 1}, version="x")
    assert learned_from_ratings(met(60, 10), serving=no_alliance).too_little == NO_ALLIANCE_WEIGHT


def test_the_document_is_json() -> None:
    _, learned = clear()
    found = json.loads(json.dumps(learned.document()))
    assert found["taught_by"] == "ratings" and found["detectable"] is True
    assert found["weights"]["values"] == dict(learned.weights.values)
    assert [one["factor"] for one in found["factors"]] == list(OTHERS)
