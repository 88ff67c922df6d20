"""The three estimates by hand, and what they are known for: unbiased, free of shifts, right where either half is."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.evaluation.intervals import interval
from matcher.evaluation.weighting import doubly_robust, effective, ips, less, mean, overlap, snips

WEIGHTS = st.lists(st.floats(0.01, 50), min_size=2, max_size=40)
# Two kinds of client, three therapists at a place: chances under both policies, and the outcome of each
LOGGED = ((Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)), (Fraction(1, 8), Fraction(3, 4), Fraction(1, 8)))
JUDGED = ((Fraction(1, 2), Fraction(1, 2), Fraction(0)), (Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)))
OUTCOME = ((3, 1, 2), (0, 4, 1))


def test_the_three_by_hand() -> None:
    """Weights 2, ½, ½ on rewards 3, 1, 1: IPS 7/3, SNIPS 7/3; on 4, 2, 2 (one more): 10/3 and 10/3, as Σw = 3.
    Weights 2, 1, 1 on 3, 1, 1: IPS 8/3, SNIPS 2. DR with taken 2, 2, 2 and averages 3, 2, 1: (3+2) + (2−1) + (1−1) = 6
    by 3."""
    weight, reward = np.array([2.0, 1.0, 1.0]), np.array([3.0, 1.0, 1.0])
    assert ips(weight, reward)[0] == pytest.approx(8 / 3)
    assert snips(weight, reward)[0] == 2.0
    assert doubly_robust(weight, reward, np.full(3, 2.0), np.array([3.0, 2.0, 1.0]))[0] == pytest.approx(2.0)
    assert effective(weight) == pytest.approx(16 / 6)


def test_ips_and_the_doubly_robust_are_unbiased() -> None:
    """Every log of two decisions, each with its chance: the mean of the estimates is the judged policy's value, in
    fractions, for the doubly robust one with expectations that are wrong as well."""
    value = sum(Fraction(1, 2) * JUDGED[x][a] * OUTCOME[x][a] for x, a in product(range(2), range(3)))
    wrong = np.array([[2.0, 0.0, 5.0], [1.0, 1.0, -3.0]])
    average = np.array([sum(float(JUDGED[x][a]) * wrong[x, a] for a in range(3)) for x in range(2)])
    by_ips = by_dr = Fraction(0)
    for log in product(product(range(2), range(3)), repeat=2):
        chance = np.prod([Fraction(1, 2) * LOGGED[x][a] for x, a in log])
        weight = np.array([float(JUDGED[x][a] / LOGGED[x][a]) for x, a in log])
        reward = np.array([float(OUTCOME[x][a]) for x, a in log])
        kinds, actions = ([row[k] for row in log] for k in (0, 1))
        found = doubly_robust(weight, reward, wrong[kinds, actions], average[kinds])
        by_ips += chance * Fraction(ips(weight, reward)[0]).limit_denominator(10**6)
        by_dr += chance * Fraction(found[0]).limit_denominator(10**6)
    assert by_ips == by_dr == value == Fraction(7, 4)


@given(WEIGHTS, st.integers(0, 99))
def test_the_doubly_robust_is_the_model_where_the_model_is_right(weights: list[float], seed: int) -> None:
    reward, average = np.random.default_rng(seed).normal(size=(2, len(weights)))
    assert doubly_robust(np.array(weights), reward, reward, average)[0] == average.mean()


@given(WEIGHTS, st.integers(0, 99), st.floats(-30, 30))
def test_a_shift_of_the_scale_shifts_the_self_normalised(weights: list[float], seed: int, shift: float) -> None:
    reward, weight = np.random.default_rng(seed).normal(size=len(weights)), np.array(weights)
    assert snips(weight, reward + shift)[0] == pytest.approx(snips(weight, reward)[0] + shift, abs=1e-9)
    assert snips(3 * weight, reward)[0] == pytest.approx(snips(weight, reward)[0])  # and so does a wrong constant


@given(WEIGHTS)
def test_so_many_equal_weights(weights: list[float]) -> None:
    """Between 1 and n, n for equal ones; of clients at most as many as of decisions."""
    weight = np.array(weights)
    assert 1 - 1e-9 <= effective(weight) <= len(weight) + 1e-9
    assert effective(np.full(7, 0.3)) == pytest.approx(7)
    found = overlap(weight, np.arange(len(weight)) // 2, np.inf)
    assert found.ess_clients <= found.ess + 1e-9


def test_the_figures_of_an_overlap_by_hand() -> None:
    """Clients a, a, b with weights 1, 3, 4, cut at 3: decisions 64/26, clients (4, 4) 2, mean 8/3, cut (1/3, 1/3)."""
    found = overlap(np.array([1.0, 3.0, 4.0]), np.array([0, 0, 1]), 3.0)
    assert (found.n_decisions, found.n_clients, found.largest_weight) == (3, 2, 4.0)
    assert (found.ess, found.ess_clients, found.mean_weight) == pytest.approx((64 / 26, 2.0, 8 / 3))
    assert (found.share_clipped, found.weight_clipped) == pytest.approx((1 / 3, 1 / 3))
    # a's rows are (1 − 8/3 + 3 − 8/3)/3 = −4/9, b's 4/9: √(2/1 · 2 · 16/81)
    assert found.mean_weight_se == pytest.approx(8 / 9)


def test_influence_is_what_a_row_adds() -> None:
    """Each row's weight of one more in a thousand moves the estimate by its influence, to the first order."""
    rng = np.random.default_rng(5)
    weight, reward, step = rng.gamma(2.0, size=30), rng.normal(size=30), 1e-6
    value, influence = snips(weight, reward)
    for at in range(30):
        moved = weight.copy()
        moved[at] *= 1 + step
        assert (snips(moved, reward)[0] - value) / step == pytest.approx(influence[at], abs=1e-5)


def test_a_paired_difference_knows_that_the_rows_are_the_same() -> None:
    rng = np.random.default_rng(6)
    reward, client = rng.normal(size=200), np.arange(200)
    same = interval(*less(snips(np.ones(200), reward), mean(reward)), client)
    assert (same.value, same.se) == pytest.approx((0, 0), abs=1e-12)


def test_no_weight_at_all() -> None:
    value, influence = snips(np.zeros(3), np.ones(3))
    assert value == 0 and not influence.any() and effective(np.zeros(3)) == 0
