"""The band of a session's score, against what a normal prior and normal sessions give by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from matcher import CoursePrior, expected_course
from matcher.entities import Scale
from matcher.errors import InvalidInput
from matcher.trajectory.levels import AT, chances, unmoved

SCALE = Scale(0, 10, 1)
NAN = np.nan


def prior(
    mean: float = 6.0,
    sd: float = 1.0,
    trend: float = 0.0,
    session_sd: float = 1.0,
    *,
    n: int = 1,
    censored: bool = True,
) -> CoursePrior:
    return CoursePrior(np.full(n, mean), np.full(n, sd), np.full(n, trend), session_sd, SCALE, censored)


def spread_of_level(said: CoursePrior, scores: list[float]) -> float:
    level = unmoved(1)
    for number, score in enumerate(scores, start=1):
        (chance,) = chances(said, number, np.array([score]), level)
        level = level * chance / (level * chance).sum()
    values = level[0]
    middle = float(values @ AT)
    return float(values @ (AT - middle) ** 2)


def test_before_anything_is_said_the_band_is_that_of_the_prior() -> None:
    # y ~ N(6, 1 + 1): 6 ± 1.2816 · 1.4142
    found = expected_course(prior(), np.array([[NAN]]))
    assert found.typical[0, 0] == pytest.approx(6.0, abs=1e-6)
    assert found.lower80[0, 0] == pytest.approx(4.18761, abs=1e-5)
    assert found.upper80[0, 0] == pytest.approx(7.81239, abs=1e-5)


def test_a_score_draws_what_is_expected_halfway_where_both_spreads_are_one() -> None:
    # after 4: level N(5, 1/2), next score N(5, 3/2); after 4 and 5: precision 3, mean (6 + 4 + 5) / 3 = 5, 1/3 + 1
    found = expected_course(prior(), np.array([[4.0, 5.0, NAN]]))
    assert found.typical[0] == pytest.approx([6.0, 5.0, 5.0], abs=1e-6)
    half = (found.upper80 - found.lower80)[0] / 2
    assert half == pytest.approx(1.2815516 * np.sqrt([2, 1.5, 4 / 3]), abs=1e-6)


def test_the_trend_is_that_of_the_logarithm_of_the_session() -> None:
    found = expected_course(prior(5.0, trend=0.5), np.full((1, 8), NAN))
    assert found.typical[0, [0, 1, 7]] == pytest.approx([5.0, 5.0 + 0.5 * np.log(2), 5.0 + 0.5 * np.log(8)], abs=1e-6)


def test_a_missing_score_changes_nothing() -> None:
    with_gap = expected_course(prior(), np.array([[4.0, NAN, 5.0, NAN]]))
    without = expected_course(prior(), np.array([[4.0, 5.0, NAN]]))
    assert with_gap.typical[0, 3] == pytest.approx(without.typical[0, 2])
    assert with_gap.typical[0, 1] == with_gap.typical[0, 2]


def test_a_top_score_says_at_least_this_good() -> None:
    # One top score at mean 9.5 = κ: the level given y* > κ has the mean sd² / √(sd² + σ²) · φ(0) / Φ(0) = 0.5642
    level = unmoved(1) * chances(prior(9.5), 1, np.array([10.0]), unmoved(1))[0]
    assert float(level[0] @ AT / level.sum()) == pytest.approx(1 / np.sqrt(2) * 2 * norm.pdf(0), abs=1e-6)


def test_the_band_ends_where_the_scale_ends() -> None:
    found = expected_course(prior(9.4, sd=3.0), np.array([[10.0, 10.0, NAN]]))
    assert (found.upper80 == 10).all()
    assert (found.typical[0, 1:] == 10).all()
    assert (expected_course(prior(0.5), np.array([[NAN]])).lower80 == 0).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.floats(8, 12), st.floats(0.3, 2), st.floats(0.5, 2))
def test_top_scores_never_narrow_more_than_observed_ones(n: int, mean: float, sd: float, session_sd: float) -> None:
    censored = spread_of_level(prior(mean, sd, session_sd=session_sd), [10.0] * n)
    observed = spread_of_level(prior(mean, sd, session_sd=session_sd, censored=False), [10.0] * n)
    assert censored >= observed - 1e-6


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 10).map(float), st.just(NAN)), min_size=1, max_size=12), st.floats(2, 11))
def test_the_typical_score_lies_in_its_band_and_on_the_scale(said: list[float], mean: float) -> None:
    found = expected_course(prior(mean), np.array([said]))
    assert (found.lower80 >= 0).all()
    assert (found.lower80 <= found.typical).all()
    assert (found.typical <= found.upper80).all()
    assert (found.upper80 <= 10).all()


def test_four_of_five_scores_lie_in_the_band() -> None:
    rng = np.random.default_rng(3)
    n = 4000
    latent = 5 + rng.normal(0, 1, n)[:, None] + rng.normal(0, 1, (n, 6))
    found = expected_course(prior(5.0, n=n, censored=False), np.clip(latent, 0, 10))
    inside = (found.lower80 <= latent) & (latent <= found.upper80)
    assert inside.mean(axis=0) == pytest.approx(np.full(6, 0.8), abs=0.025)


@pytest.mark.parametrize(
    ("scores", "field"), [([[11.0]], "scores"), ([[-1.0]], "scores"), ([[5.0], [5.0]], "scores"), ([5.0], "scores")]
)
def test_scores_that_cannot_be_are_refused(scores: list[list[float]], field: str) -> None:
    with pytest.raises(InvalidInput) as told:
        expected_course(prior(), np.array(scores))
    assert told.value.field == field


@pytest.mark.parametrize(("name", "value"), [("mean", NAN), ("sd", 0.0), ("session_sd", 0.0), ("trend", np.inf)])
def test_a_prior_that_cannot_be_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidInput) as told:
        prior(**{name: value})
    assert told.value.field == f"prior.{name}"
