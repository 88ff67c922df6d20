"""Lists, places and exposure of a replay are those of the slow way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.evaluation import exposure
from matcher.evaluation.replay import contrast, first_places, mean_shown, place_of, spread_without_each
from matcher.scoring import best

SEEDS = st.integers(0, 10_000)


def some(seed: int, n: int = 7, m: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores with many ties, whoever is eligible, and whom they attended, or nobody."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, (n, m)) / 4, rng.random((n, m)) < 0.6, rng.integers(-1, m, n)


@given(SEEDS, st.integers(1, 8))
def test_the_first_places_are_those_of_the_ranking(seed: int, top: int) -> None:
    score, eligible, _ = some(seed)
    for shown, row, may in zip(first_places(score, eligible, top), score, eligible, strict=True):
        order = np.flatnonzero(may)[best(row[may], top)].tolist()
        assert shown.tolist() == order + [-1] * (top - len(order))


@given(SEEDS)
def test_the_place_of_whom_they_attended(seed: int) -> None:
    score, eligible, attended = some(seed)
    lists = first_places(score, eligible, score.shape[1])
    for found, whole, whom in zip(place_of(score, eligible, attended), lists.tolist(), attended.tolist(), strict=True):
        if whom >= 0 and whom in whole:
            assert found == whole.index(whom) + 1
        else:
            assert np.isnan(found)


def test_a_contrast_by_hand() -> None:
    """Scores 1, 2, 6, the second not eligible: the mean is 3.5."""
    score, eligible = np.array([[1.0, 2.0, 6.0]]), np.array([[True, False, True]])
    found = [contrast(score, eligible, np.array([whom]))[0] for whom in (0, 1, 2, -1)]
    assert found == pytest.approx([-2.5, np.nan, 2.5, np.nan], nan_ok=True)


def test_a_mean_over_what_is_known_of_a_list() -> None:
    values = np.array([[1.0, np.nan, 4.0], [1.0, 2.0, np.nan], [1.0, 2.0, 3.0]])
    shown = np.array([[2, 1, 0], [2, -1, -1], [-1, -1, -1]])
    assert mean_shown(values, shown).tolist() == pytest.approx([2.5, np.nan, np.nan], nan_ok=True)


@given(SEEDS)
def test_exposure_without_each_client(seed: int) -> None:
    """Three hundred intakes of more people than one block holds, against one exposure at a time."""
    rng = np.random.default_rng(seed)
    client = np.unique(rng.integers(0, 270, 300), return_inverse=True)[1]
    shown, openings = rng.integers(-1, 5, (300, 3)), np.array([1.0, 0.0, 3.0, 1.0, 2.0])
    found = spread_without_each(shown, client, openings)

    def slow(rows: np.ndarray) -> tuple[float, float]:
        told = exposure(np.bincount(rows[rows >= 0], minlength=5), openings)
        return told.share_shown, told.gini

    assert (found.share, found.gini) == pytest.approx(slow(shown))
    for one in {0, 255, 256, int(client.max())} & set(client.tolist()):
        without = found.share_without[one], found.gini_without[one]
        assert without == pytest.approx(slow(shown[client != one]))
    assert len(found.gini_without) == client.max() + 1
