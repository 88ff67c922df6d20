"""What reading changes: found where it is there, not found where it is not, whoever reads more often."""

from __future__ import annotations

import numpy as np
import pytest

from matcher import acknowledged_effect
from matcher.development import AcknowledgedEffect
from matcher.errors import InvalidInput


def simulated(seed: int, effect: float, *, n_dyads: int = 40, low_first: bool = False) -> AcknowledgedEffect:
    """Dyads that differ, are read more often the better (or lower) they are, and return to their own level."""
    rng = np.random.default_rng(seed)
    steps = []
    for d in range(n_dyads):
        level = rng.normal(7, 1.2)
        score = level + rng.normal(0, 1)
        for _ in range(8):
            lean = -(score - level) if low_first else level - 7
            read = bool(rng.random() < 1 / (1 + np.exp(-lean)))
            after = level + 0.2 * (score - level) + effect * read + rng.normal(0, 1)
            steps.append((str(d), float(score), float(after), read))
            score = after
    found = acknowledged_effect(steps)
    assert found is not None
    return found


def test_an_effect_is_found_on_average_and_held_19_times_in_20() -> None:
    found = [simulated(k, 0.4) for k in range(120)]
    assert np.mean([one.effect for one in found]) == pytest.approx(0.4, abs=0.06)
    assert 0.9 <= np.mean([one.lower <= 0.4 <= one.upper for one in found]) <= 0.99


@pytest.mark.parametrize("low_first", [False, True])
def test_none_is_found_where_there_is_none_although_reading_goes_with_the_level(low_first: bool) -> None:
    found = [simulated(k, 0.0, low_first=low_first) for k in range(120)]
    assert abs(np.mean([one.effect for one in found])) < 0.06
    assert np.mean([one.is_seen for one in found]) <= 0.1


def test_five_dyads_with_both_are_needed() -> None:
    steps = [(str(d), 5.0 + k, 6.0, k % 2 == 0) for d in range(4) for k in range(4)]
    steps += [("always", 5.0, 9.0, True), ("always", 5.0, 9.0, True), ("never", 5.0, 2.0, False)]
    assert acknowledged_effect(steps) is None
    assert acknowledged_effect([*steps, ("never", 4.0, 3.0, True)]) is not None


def test_scores_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInput):
        acknowledged_effect([("a", float("nan"), 1.0, True)])
