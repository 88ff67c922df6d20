"""Calibration by hand, beside a regression that is known, and on predictions that are true by construction."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, linregress

from matcher.errors import InvalidInput
from matcher.evaluation import calibration_curve, calibration_line, coverage, pit_deciles, randomised_pit

RNG = np.random.default_rng(5)


def test_the_line_is_the_regression() -> None:
    predicted = RNG.normal(2, 1, size=200)
    truth = 0.3 + 0.6 * predicted + RNG.normal(size=200)
    found, expected = calibration_line(truth, predicted), linregress(predicted, truth)
    assert (found.slope, found.intercept) == pytest.approx((expected.slope, expected.intercept))
    assert (found.slope_se, found.intercept_se) == pytest.approx((expected.stderr, expected.intercept_stderr), rel=0.2)


def test_the_lines_errors_by_hand() -> None:
    """Predictions ±1, observed (−1, 0, 0, 1): slope ½, residuals (−½, ½, −½, ½) as (x = −1, −1, 1, 1), Σx² = 4.
    Influence on the slope: x·r/4 = (⅛, −⅛, −⅛, ⅛). Alone: √(4/3 · 4/64) = √(1/12); as two clients (first and last,
    middle two): sums ¼ and −¼, √(2/1 · 2/16) = ½."""
    truth, predicted = [-1.0, 0.0, 0.0, 1.0], [-1.0, -1.0, 1.0, 1.0]
    assert calibration_line(truth, predicted).slope_se == pytest.approx(math.sqrt(1 / 12))
    clustered = calibration_line(truth, predicted, ["a", "b", "b", "a"])
    assert (clustered.slope, clustered.intercept) == (0.5, 0.0)
    assert clustered.slope_se == pytest.approx(1 / 2)


@pytest.mark.parametrize("n_clients", [40, 200])
def test_the_lines_errors_are_those_of_the_sandwich(n_clients: int) -> None:
    """(X'X)⁻¹ Σ_c (X_c'r_c)(X_c'r_c)' (X'X)⁻¹ C/(C−1): forty clients of unequal number, or each rating its own. Far
    from a prediction of zero, the intercept's error is mostly the slope's."""
    rng = np.random.default_rng(11)
    client = np.arange(200) if n_clients == 200 else rng.integers(0, n_clients, 200)
    predicted = rng.normal(5, 1, size=200)
    truth = 1 + 0.8 * predicted + rng.normal(size=200)[client] + predicted * rng.normal(size=200)
    x = np.column_stack([np.ones(200), predicted])
    left = truth - x @ np.linalg.lstsq(x, truth, rcond=None)[0]
    by_client = np.array([left[client == one] @ x[client == one] for one in np.unique(client)])
    bread, few = np.linalg.inv(x.T @ x), len(by_client) / (len(by_client) - 1)
    errors = np.sqrt(few * np.diag(bread @ by_client.T @ by_client @ bread))
    found = calibration_line(truth, predicted, client.astype(str))
    assert [found.intercept_se, found.slope_se] == pytest.approx(errors, rel=1e-9)


def test_equal_predictions_have_no_line() -> None:
    assert all(math.isnan(value) for value in vars_of(calibration_line([1, 2, 3], [0.7, 0.7, 0.7])))


def vars_of(line: Any) -> list[float]:
    return [line.slope, line.intercept, line.slope_se, line.intercept_se]


def test_the_curve_by_hand() -> None:
    """Two bins of two: means 1 and 5, observed means 2 and 6; se √(2 · (½² + ½²)) = 1; one client: none."""
    low, high = calibration_curve([1, 3, 5, 7], [0, 2, 4, 6], bins=2)
    assert (low.predicted, low.observed, low.n) == (1, 2, 2) and (high.predicted, high.observed) == (5, 6)
    assert low.se == pytest.approx(1)
    low, high = calibration_curve([1, 3, 5, 7], [0, 2, 4, 6], ["a", "a", "b", "c"], bins=2)
    assert math.isnan(low.se) and (low.n_clients, high.n_clients) == (1, 2)


def test_equal_predictions_share_a_bin() -> None:
    points = calibration_curve(np.arange(10.0), [1] * 9 + [2], bins=10)
    assert [point.n for point in points] == [9, 1]


def test_every_rating_is_in_one_bin() -> None:
    points = calibration_curve(RNG.random(501), RNG.random(501).round(2))
    assert sum(point.n for point in points) == 501 and len(points) == 10
    assert [point.predicted for point in points] == sorted(point.predicted for point in points)


def test_coverage_holds_ends() -> None:
    assert coverage([[0.0, 1.0]], [[0.0, 0.0]], [[0.5, 0.5]]) == 0.5


def test_pit_of_the_true_distribution_is_uniform() -> None:
    """Binomial scores in six steps, their distribution known: each tenth holds a tenth, within 4 √(.09/20000)."""
    n = 20_000
    chance = RNG.random(n)
    score = RNG.binomial(5, chance)
    below, upto = binom.cdf(score - 1, 5, chance), binom.cdf(score, 5, chance)
    assert pit_deciles(randomised_pit(below, upto, seed=2)).largest_deviation < 4 * math.sqrt(0.09 / n)
    wrong = binom.cdf(score - 1, 5, 0.5), binom.cdf(score, 5, 0.5)
    assert pit_deciles(randomised_pit(*wrong)).largest_deviation > 0.1


def test_pit_lies_between_and_follows_its_seed() -> None:
    below, upto = np.sort(RNG.random((2, 50)), axis=0)
    found = randomised_pit(below, upto, seed=3)
    assert ((below <= found) & (found <= upto)).all()
    assert found.tolist() == randomised_pit(below, upto, seed=3).tolist() != randomised_pit(below, upto).tolist()


def test_deciles_by_hand() -> None:
    """Half below .1, half at 1: shares .5, 0 …, .5, furthest .4 away."""
    found = pit_deciles([0.05, 0.0, 1.0, 1.0])
    assert found.shares == (0.5, *[0.0] * 8, 0.5) and found.largest_deviation == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("figure", "field"),
    [
        (lambda: calibration_line([1.0], [1.0, 2.0]), "predicted"),
        (lambda: calibration_line([1.0, 2.0], [1.0, 2.0], ["a"]), "cluster"),
        (lambda: calibration_line([], []), "truth"),
        (lambda: calibration_line([math.nan], [1.0]), "truth"),
        (lambda: calibration_curve([1.0], [1.0], bins=0), "bins"),
        (lambda: coverage([1.0], [2.0], [1.0]), "lower"),
        (lambda: coverage([1.0], [0.0], [math.inf]), "predicted"),
        (lambda: randomised_pit([0.5], [0.4]), "below"),
        (lambda: randomised_pit([-0.1], [0.4]), "below"),
        (lambda: pit_deciles([1.1]), "values"),
    ],
)
def test_what_cannot_be_judged_is_refused(figure: Callable[[], Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        figure()
    assert refused.value.field == field
