"""A creep of .05 a week is told within eight weeks; a quiet year is quiet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from matcher import moved
from matcher.errors import InvalidInput

YEAR = 364.0
Trials, Tried = Callable[[int, int], int], Callable[[int], None]


def said(seed: int, slope: float, a_week: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Two years of first ratings on the check-in's scale, the second with a slope a week; cut at the top."""
    rng = np.random.default_rng((seed, a_week))
    day = np.sort(rng.uniform(0, 2 * YEAR, rng.poisson(104 * a_week)))
    score = rng.normal(0.8, 0.22, len(day)) + slope * np.maximum(day - YEAR, 0) / 7
    return day, np.clip(np.round(score * 40) / 40, 0, 1)


@pytest.mark.A7
@pytest.mark.parametrize("slope", [0.05, -0.05])
def test_a_creep_is_told_within_eight_weeks(slope: float, trials: Trials, tried: Tried) -> None:
    n = trials(20, 400)
    found = [moved(*said(seed, slope), since=YEAR) for seed in range(n)]
    in_time = [one for one in found if one is not None and one.day < YEAR + 8 * 7]
    assert len(in_time) >= 0.95 * n
    assert {one.way for one in in_time} == {"up" if slope > 0 else "down"}
    tried(n)


@pytest.mark.A7
def test_a_quiet_year_is_quiet(trials: Trials, tried: Tried) -> None:
    n = trials(60, 400)
    n_told = sum(moved(*said(seed, 0.0), since=YEAR) is not None for seed in range(n))
    assert n_told <= 0.12 * n
    tried(n)


def test_the_sum_by_hand() -> None:
    """Usual: 0 and 2 in turn, mean 1, s² = 40/39; then four a week at 3: z = 2 · 2 / s, so 3.45 and 6.90: the second
    week."""
    day = np.concatenate([np.linspace(0, 360, 40), 364 + np.arange(8) * 1.75])
    score = np.concatenate([np.tile([0.0, 2.0], 20), np.full(8, 3.0)])
    found = moved(day, score, since=364)
    assert found is not None
    assert (found.way, found.day, found.weeks, found.by) == ("up", 371.0, 2, 2.0)
    assert moved(day[:-4], score[:-4], since=364) is None


def test_too_little_and_too_equal_tell_nothing() -> None:
    day, score = said(1, 0.2)
    late = day >= YEAR
    assert moved(day[late], score[late], since=YEAR) is None
    assert moved(day, np.full(len(day), 0.5), since=YEAR) is None
    assert moved([], [], since=0) is None


@pytest.mark.parametrize("day, score", [([1.0], [0.5, 0.5]), ([np.nan], [0.5]), ([1.0], [np.inf])])
def test_days_and_scores_belong_together(day: list[float], score: list[float]) -> None:
    with pytest.raises(InvalidInput, match="one finite score"):
        moved(day, score, since=0)
