"""Figures of merit by hand, at their edges, and beside scikit-learn and scipy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import ndcg_score

from matcher.errors import InvalidInput
from matcher.evaluation import first_choice_gain, ndcg, rank_correlation, rmse

RNG = np.random.default_rng(7)
TRUTH, PREDICTED = RNG.random((30, 12)), RNG.random((30, 12)).round(1)


def test_rmse_by_hand() -> None:
    assert rmse([1, 2, 3], [1, 2, 6]) == math.sqrt(9 / 3)


def test_rank_correlation_by_hand() -> None:
    """ρ = 1 − 6 Σd² / (n(n² − 1)): for 1 2 3 against 1 3 2 it is 1 − 6·2/24 = ½."""
    assert rank_correlation([[1, 2, 3]], [[1, 3, 2]]) == pytest.approx(1 / 2)
    assert rank_correlation([[1, 2, 3], [1, 2, 3]], [[1, 3, 2], [7, 7, 7]]) == pytest.approx(1 / 4)


def test_rank_correlation_is_scipys_mean() -> None:
    expected = np.mean([spearmanr(t, p).statistic for t, p in zip(TRUTH, PREDICTED, strict=True)])
    assert rank_correlation(TRUTH, PREDICTED) == pytest.approx(expected)


def test_first_choice_by_hand() -> None:
    """Means 2 and 4; the best win 1 and 2; the choices win 1 and −1 … (3−2 + 3−4) / (1 + 2) = 0; tied: their mean."""
    truth = [[1, 2, 3], [3, 3, 6]]
    assert first_choice_gain(truth, [[0, 0, 1], [1, 0, 0]]) == pytest.approx(0)
    assert first_choice_gain(truth, [[0, 0, 1], [0, 0, 1]]) == 1
    assert first_choice_gain(truth, [[0, 0, 0], [0, 0, 0]]) == pytest.approx(0)
    assert first_choice_gain([[1, 1], [2, 2]], [[0, 1], [1, 0]]) == 0


def test_ndcg_by_hand() -> None:
    """Gains 3, 1 in places 2 and 1: (1 + 3/log2 3) / (3 + 1/log2 3)."""
    expected = (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))
    assert ndcg([[3, 1, 0]], [[1, 2, 0]], top=2) == pytest.approx(expected)
    assert ndcg([[0, 0], [1, 0]], [[1, 2], [2, 1]]) == 1


@pytest.mark.parametrize("top", [1, 5, 12, 99])
def test_ndcg_is_scikit_learns(top: int) -> None:
    predicted = RNG.permuted(np.tile(np.arange(12.0), (30, 1)), axis=1)
    assert ndcg(TRUTH, predicted, top=top) == pytest.approx(ndcg_score(TRUTH, predicted, k=top))


@pytest.mark.parametrize("metric", [rmse, rank_correlation, first_choice_gain, ndcg])
@pytest.mark.parametrize(
    ("truth", "predicted", "field"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0, 3.0]], "predicted"),
        ([[1.0, math.nan]], [[1.0, 2.0]], "truth"),
        ([[1.0, 2.0]], [[math.inf, 2.0]], "predicted"),
        (np.zeros((0, 3)), np.zeros((0, 3)), "truth"),
    ],
)
def test_what_cannot_be_judged_is_refused(metric: Callable[..., float], truth: Any, predicted: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        metric(truth, predicted)
    assert refused.value.field == field


@pytest.mark.parametrize("metric", [rank_correlation, first_choice_gain, ndcg])
def test_one_therapist_is_no_ranking(metric: Callable[..., float]) -> None:
    with pytest.raises(InvalidInput, match="at least 2 therapists"):
        metric([[1.0]], [[1.0]])


def test_ndcg_asks_for_places_and_gains() -> None:
    with pytest.raises(InvalidInput, match="top"):
        ndcg([[1, 2]], [[1, 2]], top=0)
    with pytest.raises(InvalidInput, match="gains"):
        ndcg([[1, -2]], [[1, 2]])
