"""Scores against what was expected of them: by hand, over the whole scale, and far out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from matcher import Directory, simulate
from matcher.encoding import ClientArrays
from matcher.entities import Scale
from matcher.evaluation.predictive import Expected, expected_of, observed
from matcher.outlook import ClinicModel

STARS = Scale(1, 5, 1)


def of(mean: float, sd: float, *scores: float):
    n = len(scores)
    return observed(Expected(np.full(n, mean), np.full(n, sd)), np.array(scores, dtype=float), STARS)


def test_probabilities_by_hand() -> None:
    """Mean 3, sd 1, score 4: P(< 3.5) and P(< 4.5)."""
    found = of(3, 1, 4)
    assert (found.below[0], found.upto[0]) == pytest.approx((norm.cdf(0.5), norm.cdf(1.5)))
    assert found.log_probability[0] == pytest.approx(math.log(norm.cdf(1.5) - norm.cdf(0.5)))


@pytest.mark.parametrize(("mean", "sd"), [(3, 1), (4.9, 0.6), (-2, 3), (5, 0)])
def test_the_scales_steps_share_all_probability(mean: float, sd: float) -> None:
    found = of(mean, sd, 1, 2, 3, 4, 5)
    assert found.below[0] == 0 and found.upto[-1] == 1
    assert found.upto[:-1] == pytest.approx(found.below[1:])
    assert np.exp(found.log_probability).sum() == pytest.approx(1)


def test_what_is_all_but_impossible_is_finite() -> None:
    """The top beyond 4.5, 3.5 above the mean, at the least spread √(1/12)."""
    found = of(1, 0.01, 5, 4)
    assert found.log_probability[0] == pytest.approx(norm.logsf(3.5 * math.sqrt(12)))
    mirrored = of(5, 0.01, 1, 2)
    assert found.log_probability == pytest.approx(mirrored.log_probability)


def test_a_model_expects_sessions_not_pairs() -> None:
    """At the typical session the outlook's mean; the residual variance and more; latent means go beyond the scale's."""
    clinic = simulate(np.random.default_rng(2), n_therapists=8, n_clients=120)
    model = ClinicModel.fit(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale)
    clients, directory = ClientArrays.of(clinic.intakes), Directory.of(clinic.therapists)
    c, t = np.array([3, 3, 90]), np.array([1, 1, 5])
    found = expected_of(model, clients, directory, c, t, np.array([3.0, 20.0, 3.0]))
    outlook = model.outlook(clients, directory)
    residual = model.alliance.components_[-1].variance
    assert found.mean[[0, 2]] == pytest.approx([outlook.mean[3, 1], outlook.mean[90, 5]])
    assert (found.sd**2 > residual).all() and (found.centre > found.mean).all()
    assert found.sd[2] > found.sd[0]  # of the two, only the first has been seen
    assert found.mean[0] != found.mean[1]
    assert model.alliance.typical_session == 3
