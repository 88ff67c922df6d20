"""Spearman's correlation is scipy's, and its error is the one that leaving out rows shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from matcher.evaluation.association import spearman
from matcher.evaluation.intervals import interval
from matcher.evaluation.weighting import less

ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=3, max_size=60)


@given(ROWS)
def test_it_is_spearmans(rows: list[tuple[int, int]]) -> None:
    x, y = np.array(rows, dtype=float).T
    found, influence = spearman(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found == 0 and not influence.any()
    else:
        assert found == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)
        assert influence.sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("tied", [False, True])
def test_a_row_adds_what_leaving_it_out_takes_away(tied: bool) -> None:
    """Of the correlation, and of the difference of two that share a side: row by row, to a hundredth of the largest."""
    rng = np.random.default_rng(8)
    y = rng.normal(size=150)
    x, z = 0.6 * y + rng.normal(size=150), 0.3 * y + rng.normal(size=150)
    if tied:
        x, y = np.round(x), np.minimum(np.round(2 * y), 1)  # a third of them at the top
    one, other = spearman(x, y), spearman(z, y)
    without = np.array([(spearman(x[k], y[k])[0], spearman(z[k], y[k])[0]) for k in ~np.eye(150, dtype=bool)])
    for found, left in ((one, without[:, 0]), (less(one, other), without[:, 0] - without[:, 1])):
        jackknife = (left.mean() - left) * 149 / 150
        assert np.abs(found[1] - jackknife).max() < 0.01 * np.abs(jackknife).max()


def test_its_interval_holds_the_truth() -> None:
    """Normal with correlation .5, whose Spearman is 6/π · asin(.25): 95 % of 400 intervals, within three errors."""
    rng, truth, held = np.random.default_rng(9), 6 / np.pi * np.arcsin(0.25), 0
    for _ in range(400):
        x, noise = rng.normal(size=(2, 120))
        found = interval(*spearman(x, 0.5 * x + np.sqrt(0.75) * noise), np.arange(120))
        held += found.lower < truth < found.upper
    assert abs(held / 400 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 400)
