"""Releases: how they are timed, what moves, how they are rounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from matcher import strengths, told
from matcher.development import BATCHES, SLIDERS, Fresh, Voice
from matcher.errors import InvalidInput

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def clinic(n: int = 12, concern: str | None = "anxiety") -> list[Voice]:
    return [Voice("a", str(k), dict.fromkeys(SLIDERS, 4.0 + k % 5), concern=concern) for k in range(n)]


def test_forty_one_hide_one() -> None:
    """One of n in an exact mean: right with ½ + arcsin(1/√n)/π. By hand: 0.5493 at 42, 0.5499 at 41, 0.5505 at 40."""
    assert BATCHES.hidden_among == 41
    assert BATCHES.chance(5) == 6.0 and BATCHES.chance(41) == 0.0 and BATCHES.chance(90) == 0.0


def test_the_moment_is_days_after_the_batch_and_two_weeks_after_the_last() -> None:
    rng = np.random.default_rng(1)
    moments = [(BATCHES.moment(NOW, None, rng) - NOW) / timedelta(days=1) for _ in range(200)]
    assert min(moments) >= 1 and max(moments) <= 5 and np.std(moments) > 0.8
    last = NOW - timedelta(days=3)
    later = [(BATCHES.moment(NOW, last, rng) - last) / timedelta(days=1) for _ in range(50)]
    assert min(later) >= 15


def test_four_new_clients_are_never_told_of() -> None:
    for n in range(1, 5):
        with pytest.raises(InvalidInput, match="at least 5"):
            told(strengths(clinic(), "a"), Fresh(n, {}), np.random.default_rng(0))
    assert told(strengths(clinic(), "a"), Fresh(0, {}), np.random.default_rng(0))


def test_figures_stand_on_their_grid_inside_their_range() -> None:
    for seed in range(20):
        for one in told(strengths(clinic(5), "a"), Fresh(5, {"anxiety": 5}), np.random.default_rng(seed)):
            step, top = (0.25, 10) if one["kind"] in ("slider", "concern") else (0.05, 1)
            values = [one[name] for name in ("lower", "mean", "upper")]
            assert values == sorted(values) and values[0] >= 0 and values[2] <= top  # type: ignore[type-var, operator]
            assert all(abs(round(value / step) * step - value) < 1e-9 for value in values)  # type: ignore[operator]


def test_a_concern_in_which_too_few_are_new_keeps_its_figure() -> None:
    findings = strengths(clinic(), "a")
    first = told(findings, Fresh(12, {"anxiety": 12}), np.random.default_rng(0))
    moved = strengths([*clinic(), *(Voice("a", f"new{k}", dict.fromkeys(SLIDERS, 0.0)) for k in range(5))], "a")
    second = told(moved, Fresh(5, {"anxiety": 4}), np.random.default_rng(1), before=first)
    assert first[-1]["kind"] == "concern" and first[-1]["mean"] is not None
    assert second[-1] == first[-1]
    assert told(moved, Fresh(5, {"anxiety": 4}), np.random.default_rng(1))[-1]["mean"] is None


def test_the_same_check_ins_are_told_with_another_chance_each_time() -> None:
    findings = strengths(clinic(), "a")
    means = {str([one["mean"] for one in told(findings, Fresh(5, {}), np.random.default_rng(k))]) for k in range(9)}
    assert len(means) > 5
