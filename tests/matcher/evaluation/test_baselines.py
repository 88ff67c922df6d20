"""Baselines by hand, for newcomers, and in a simulation whose best shrinkage is known."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.evaluation import BASELINES, client_only, overall_mean, rmse, shrunken_therapist_mean, therapist_mean

NEW = 99


def test_overall_mean_by_hand() -> None:
    """Scores 1, 2, 6: mean 3, variance (4 + 1 + 9) / 2 = 7."""
    found = overall_mean([0, 1, 2], [0, 1, 0], [1.0, 2.0, 6.0]).predict([0, NEW], [1, NEW])
    assert found.mean.tolist() == [3, 3] and found.sd**2 == pytest.approx([7, 7])


def test_client_only_by_hand() -> None:
    """Two forms each: a 0, 2; b 6, 8. σ² = (2 + 2)/2 = 2; Σ n (ȳ_g − 4)² = 2·9 + 2·9 = 36; τ² = (36 − 2)/(4 − 8/4)
    = 17; kept 17·2/(17·2 + 2) = 17/18; means 4 ∓ 3·17/18; variances 2 + 17/18 for the known, 2 + 17 for a new one."""
    found = client_only([0, 0, 1, 1], [0, 1, 0, 1], [0.0, 2.0, 6.0, 8.0]).predict([0, 1, NEW, -1], [5, 5, 5, 5])
    assert found.mean == pytest.approx([4 - 51 / 18, 4 + 51 / 18, 4, 4])
    assert found.sd**2 == pytest.approx([2 + 17 / 18, 2 + 17 / 18, 19, 19])


def test_therapist_mean_by_hand() -> None:
    """Of s 1, 3, of t 6: within variance 2, one score of s around its mean 2 · (1 + ½)."""
    found = therapist_mean([0, 1, 2], [0, 0, 1], [1.0, 3.0, 6.0]).predict([0, 0, 0], [0, 1, NEW])
    assert found.mean == pytest.approx([2, 6, 10 / 3])
    assert found.sd[:2] ** 2 == pytest.approx([3, 4])


def test_one_clients_many_forms_are_one_opinion() -> None:
    """Therapist 0 has one client with fifty forms; therapists 1 and 2 many clients. Fifty clients would convince."""
    rng = np.random.default_rng(0)
    client = np.concatenate([np.zeros(50, dtype=int), 1 + np.arange(200)])
    therapist = np.concatenate([np.zeros(50, dtype=int), 1 + np.arange(200) % 8])
    level = np.append(0.0, rng.normal(0, 0.3, 8))
    score = level[therapist] + rng.normal(0, 1, 250) + np.where(therapist == 0, 2.0, 0.0)
    one = shrunken_therapist_mean(client, therapist, score).predict([NEW], [0]).mean[0]
    many = shrunken_therapist_mean(np.arange(250), therapist, score).predict([NEW], [0]).mean[0]
    assert score.mean() < one < score.mean() + 0.6 * (many - score.mean())


def test_shrunken_means_are_better_than_raw_ones() -> None:
    """Sixty therapists of spread .3 with four clients each, noise 1: the best factor is .36/1.36 … ≈ .26."""
    rng = np.random.default_rng(1)
    level, therapist = rng.normal(0, 0.3, 60), np.repeat(np.arange(60), 4)
    score, client = level[therapist] + rng.normal(0, 1, 240), np.arange(240)
    raw, shrunken = (
        rmse(level, fit(client, therapist, score).predict(np.full(60, NEW), np.arange(60)).mean)
        for fit in (therapist_mean, shrunken_therapist_mean)
    )
    assert shrunken < 0.32 < raw


def test_a_code_that_nobody_has_is_a_newcomer() -> None:
    """Clients 0 and 2 who never waver: nothing is drawn in, and client 1 is nobody yet."""
    assert client_only([0, 0, 2, 2], [0, 0, 0, 0], [1.0, 1.0, 3.0, 3.0]).predict([0, 1, 2], [0] * 3).mean == (
        pytest.approx([1, 2, 3])
    )


@pytest.mark.parametrize("fit", BASELINES)
def test_faults_have_answers(fit) -> None:
    """One rating; all equal; one client; one rating a therapist: finite means on the scale and spreads from 0."""
    for client, therapist, score in (
        ([0], [0], [4.0]),
        ([0, 0, 1], [0, 1, 1], [4.0, 4.0, 4.0]),
        ([0, 0, 0], [0, 1, 2], [1.0, 2.0, 5.0]),
        ([0, 1, 2], [0, 1, 2], [1.0, 2.0, 5.0]),
        ([0, 3, 3], [5, 5, 1], [1.0, 2.0, 5.0]),  # codes with gaps
    ):
        found = fit(client, therapist, score).predict([0, 1, NEW, -1], [0, 1, NEW, -1])
        assert ((found.mean >= min(score)) & (found.mean <= max(score))).all()
        assert np.isfinite(found.sd).all() and (found.sd >= 0).all()
    assert fit([0], [0], [1.0]).name in ("overall_mean", "client_only", "therapist_mean", "shrunken_therapist_mean")
