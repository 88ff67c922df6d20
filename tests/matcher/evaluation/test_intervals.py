"""Intervals by hand: a client's rows are one piece of evidence, and t has the clients' degrees of freedom."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from matcher.evaluation.intervals import BETTER, NO_DIFFERENCE, WORSE, around, of_mean, told


def test_one_row_a_client_is_students_interval() -> None:
    rows = np.random.default_rng(1).normal(size=30)
    found, theirs = of_mean(rows, np.arange(30)), ttest_1samp(rows, 0).confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx((theirs.low, theirs.high))


def test_rows_of_one_client_are_one_piece() -> None:
    rows, client = np.random.default_rng(2).normal(size=30), np.arange(30)
    once, often = of_mean(rows, client), of_mean(np.repeat(rows, 9), np.repeat(client, 9))
    assert (often.value, often.se, often.upper) == pytest.approx((once.value, once.se, once.upper))


def test_by_hand() -> None:
    """Clients a, a, b with 1, 3, 4, mean 8/3: rows (−5 + 1)/9 and 4/9, √(2 · 2 · 16/81) = 8/9, t with 1 degree."""
    found = of_mean(np.array([1.0, 3.0, 4.0]), np.array([0, 0, 1]), level=0.1)
    assert (found.value, found.se) == pytest.approx((8 / 3, 8 / 9))
    assert found.lower == pytest.approx(8 / 3 - student.ppf(0.95, 1) * 8 / 9)


def test_a_single_client_says_nothing_of_others() -> None:
    found = of_mean(np.array([1.0, 3.0]), np.array([0, 0]))
    assert found.value == 2 and all(math.isnan(x) for x in (found.se, found.lower, found.upper))
    assert told(found) == NO_DIFFERENCE


@pytest.mark.parametrize(("value", "code"), [(2.5, BETTER), (1.9, NO_DIFFERENCE), (-1.9, NO_DIFFERENCE), (-2.5, WORSE)])
def test_what_a_difference_comes_to(value: float, code: str) -> None:
    """t with 39 degrees is 2.02."""
    assert told(around(value, 1.0, 40)) == code


def test_rounding_is_no_difference() -> None:
    assert told(around(3e-17, 1e-18, 30)) == NO_DIFFERENCE
    assert told(around(-3e-17, 1e-18, 30)) == NO_DIFFERENCE
    assert (told(around(3e-3, 1e-4, 30)), told(around(-3e-3, 1e-4, 30))) == (BETTER, WORSE)
