"""Courses with a known drop, and strangers whose prior is the truth."""

from __future__ import annotations

import numpy as np
import pytest

from matcher import simulate
from matcher.simulation.courses import LONGEST, follow
from matcher.simulation.strangers import strangers


def test_a_drop_lies_at_a_session_after_the_first_and_is_as_deep_as_asked() -> None:
    clinic = simulate(np.random.default_rng(1), n_therapists=4, n_clients=40)
    client = np.tile(np.arange(40), 20)
    therapist = np.tile(np.arange(4), 200)
    steady, never = follow(np.random.default_rng(2), clinic.truth, client, therapist)
    falling, falls = follow(np.random.default_rng(2), clinic.truth, client, therapist, falls_by=0.5)
    assert (never == LONGEST + 1).all()
    assert falls.min() == 2
    lower = steady.alliance - falling.alliance  # the same draws up to the drop's own
    number = np.arange(1, LONGEST + 1)
    assert lower == pytest.approx(0.5 * (number >= falls[:, None]))
    assert falling.n_held.sum() < steady.n_held.sum()  # whoever falls leaves sooner


def test_strangers_are_spread_as_their_prior_says() -> None:
    found = strangers(np.random.default_rng(3), 2000, 0.15)
    assert found.level.std() == pytest.approx(found.prior.sd[0], rel=0.05)
    at_top = found.scores[~np.isnan(found.scores)] >= found.prior.scale.top
    assert at_top.mean() == pytest.approx(0.54, abs=0.02)
    assert np.isnan(found.scores[~found.held]).all()
