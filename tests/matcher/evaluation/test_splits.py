"""Splits leak nothing, whatever the ratings look like, and say so where there is nothing to split."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.evaluation import Split, at_random, by_client, by_therapist, by_time

IDS = st.lists(st.integers(0, 12), min_size=13, max_size=60).filter(lambda ids: len(set(ids)) >= 5)
MOMENTS = st.lists(st.integers(0, 30) | st.just(np.nan), min_size=12, max_size=60)


def is_sound(split: Split, n: int) -> None:
    """Both sides have rows, in order, and no row is on both."""
    assert len(split.train) and len(split.test)
    both = np.concatenate([split.train, split.test])
    assert len(set(both.tolist())) == len(both) and both.min() >= 0 and both.max() < n
    assert (np.diff(split.train) > 0).all() and (np.diff(split.test) > 0).all()


@given(IDS, st.integers(1, 5), st.integers(0, 3))
def test_a_client_is_on_one_side(ids: list[int], folds: int, seed: int) -> None:
    splits = by_client(ids, folds=folds, seed=seed)
    held = []
    for split in splits:
        is_sound(split, len(ids))
        assert len(split.train) + len(split.test) == len(ids)
        assert not {ids[row] for row in split.train.tolist()} & {ids[row] for row in split.test.tolist()}
        held += split.test.tolist()
    assert len(splits) == folds
    if folds > 1:
        assert sorted(held) == list(range(len(ids)))  # each rating is tested once


@given(IDS, st.integers(1, 5), st.integers(0, 3))
def test_the_order_of_the_ratings_is_irrelevant(ids: list[int], folds: int, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(ids))
    shuffled = np.array(ids)[order]
    for one, other in zip(by_client(ids, folds=folds), by_client(shuffled, folds=folds), strict=True):
        assert {ids[row] for row in one.test.tolist()} == set(shuffled[other.test].tolist())


def test_therapists_are_split_like_clients() -> None:
    ids = ["t1", "t2", "t2", "t3", "t1"]
    for one, other in zip(by_client(ids, folds=3), by_therapist(ids, folds=3), strict=True):
        assert one.test.tolist() == other.test.tolist()
    assert (one.name, other.name) == ("client", "therapist")


@given(MOMENTS, st.integers(1, 3), st.sampled_from([0.1, 0.2, 0.5]))
def test_every_test_rating_is_later(moments: list[float], folds: int, share: float) -> None:
    when = np.array(moments, dtype=float)
    try:
        splits = by_time(when, folds=folds, share=share)
    except InvalidInput:
        assert len(np.unique(when[np.isfinite(when)])) <= max(1, folds) or folds > 1
        return
    later: list[int] = []
    for split in splits:
        is_sound(split, len(when))
        assert when[split.train].max() < when[split.test].min()
        assert np.isfinite(when[split.train]).all() and np.isfinite(when[split.test]).all()
        assert not set(later) & set(split.test.tolist())
        later += split.test.tolist()
    assert set(splits[0].train.tolist()) | set(later) == set(np.flatnonzero(np.isfinite(when)).tolist())


def test_a_fifth_is_later() -> None:
    (split,) = by_time(np.arange(100)[::-1])
    assert split.test.tolist() == list(range(20))


def test_what_was_rated_at_one_moment_stays_together() -> None:
    (split,) = by_time([0, 1, 1, 1, 1, 1, 1, 1, 1, 2])
    assert split.test.tolist() == [9]
    (split,) = by_time([0, 1, 1, 1, 1])  # the cut would fall among the last: they are the later ones then
    assert split.train.tolist() == [0]


def test_stretches_of_time_follow_each_other() -> None:
    early, late = by_time(np.arange(10), folds=2, share=0.4)
    assert (early.train.tolist(), early.test.tolist()) == (list(range(6)), [6, 7])
    assert (late.train.tolist(), late.test.tolist()) == (list(range(8)), [8, 9])


def test_the_seed_makes_the_deal() -> None:
    assert [s.test.tolist() for s in at_random(50, seed=1)] == [s.test.tolist() for s in at_random(50, seed=1)]
    assert at_random(50, seed=1)[0].test.tolist() != at_random(50, seed=2)[0].test.tolist()
    assert len(at_random(50, share=0.3)[0].test) == 15


@pytest.mark.parametrize(
    ("split", "field"),
    [
        (lambda: by_client(["one", "one"]), "client"),
        (lambda: by_client([]), "client"),
        (lambda: by_therapist([1, 2], folds=3), "therapist"),
        (lambda: at_random(1), "rating"),
        (lambda: by_time([3.0, 3.0]), "moment"),
        (lambda: by_time([np.nan, 1.0]), "moment"),
        (lambda: by_time([]), "moment"),
        (lambda: by_time([1, 2, 3], folds=3), "moment"),
        (lambda: by_time([[1, 2]]), "moment"),
        (lambda: by_time([1, 2], share=1.0), "share"),
        (lambda: by_client([1, 2], share=0.0), "share"),
        (lambda: by_client([1, 2], folds=0), "folds"),
    ],
)
def test_what_cannot_be_split_is_refused(split: Callable[[], Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        split()
    assert refused.value.field == field
