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
from matcher.evaluation import (
    first_choice_gain,
    log_score,
    mae,
    ndcg,
    rank_correlation,
    rank_correlation_within,
    rmse,
)

RNG = np.random.default_rng(7)
TRUTH, PREDICTED = RNG.random((30, 12)), RNG.random((30, 12)).round(1)


def test_rmse_by_hand() -> None:
    assert rmse([1, 2, 3], [1, 2, 6]) == math.sqrt(9 / 3)


def test_mae_by_hand() -> None:
    assert mae([1, 2, 3], [1, 0, 6]) == 5 / 3


def test_log_score_is_proper() -> None:
    """Events of chance .3: nobody does better than by saying .3."""
    said = np.linspace(0.05, 0.95, 19)
    scores = [log_score(np.log(np.where(np.arange(10) < 3, chance, 1 - chance))) for chance in said]
    assert said[int(np.argmax(scores))] == pytest.approx(0.3)
    with pytest.raises(InvalidInput, match="log_probability"):
        log_score([0.0, -math.inf])


def test_rank_correlation_within_clients_by_hand() -> None:
    """a: 1 2 3 against 1 3 2, ½; b: one pair, not counted; c: all predicted alike, 0. Mean ¼, se ½/√2/√2 = ¼."""
    client, truth = ["a", "b", "a", "a", "c", "c"], [1, 9, 2, 3, 1, 2]
    found = rank_correlation_within(client, truth, [1, 0, 3, 2, 5, 5])
    assert (found.mean, found.se, found.n_clients) == (pytest.approx(1 / 4), pytest.approx(1 / 4), 2)


def test_rank_correlation_within_is_that_of_a_full_table() -> None:
    n, m = TRUTH.shape
    found = rank_correlation_within(np.repeat(np.arange(n), m), TRUTH.ravel(), PREDICTED.ravel())
    assert found.mean == pytest.approx(rank_correlation(TRUTH, PREDICTED)) and found.n_clients == n


def test_without_a_second_therapist_there_is_no_order() -> None:
    found = rank_correlation_within(["a", "b"], [1, 2], [1, 2])
    assert math.isnan(found.mean) and math.isnan(found.se) and found.n_clients == 0
    assert math.isnan(rank_correlation_within(["a", "a"], [1, 2], [1, 2]).se)


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


@pytest.mark.parametrize("metric", [rmse, mae, rank_correlation, first_choice_gain, ndcg])
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
