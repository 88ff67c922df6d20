"""Counts of who asked how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from web import counts
from web.counts import SWEEP_SECONDS, Counts


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=1_000.0)
    monkeypatch.setattr(counts, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


def test_a_window_begins_with_the_first_request_and_is_not_made_longer_by_the_next(clock: SimpleNamespace) -> None:
    kept = Counts()
    assert (kept.incr("a", 60), kept.get_expiry("a")) == (1, 1_060.0)
    clock.now = 1_059.9
    assert (kept.incr("a", 60), kept.get("a"), kept.get_expiry("a")) == (2, 2, 1_060.0)
    clock.now = 1_060.0
    assert (kept.get("a"), kept.get_expiry("a")) == (0, 1_060.0)
    assert (kept.incr("a", 60), kept.get_expiry("a")) == (1, 1_120.0)


def test_keys_are_counted_apart_and_forgotten_when_asked(clock: SimpleNamespace) -> None:
    kept = Counts()
    kept.incr("a", 60)
    kept.incr("b", 60, amount=3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, 3, 0)
    kept.clear("b")
    assert (kept.get("a"), kept.get("b")) == (1, 0)
    assert (kept.reset(), kept.get("a")) == (1, 0)


def test_windows_that_are_over_take_no_memory_for_long(clock: SimpleNamespace) -> None:
    kept = Counts()
    for n in range(1_000):
        kept.incr(f"address {n}", 1)
    kept.incr("still open", 3_600)
    clock.now += SWEEP_SECONDS
    kept.incr("the next", 1)
    assert kept.reset() == 2


def test_no_request_is_lost_where_several_threads_count() -> None:
    kept = Counts()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept.incr("a", 3_600), range(2_000)))
    assert sorted(found) == list(range(1, 2_001))
