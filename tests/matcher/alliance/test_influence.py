"""One pair far off everything keeps a bounded say."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.alliance import AllianceModel
from tests.matcher.alliance.dense import Dense, indicators
from tests.matcher.alliance.test_ceiling import half_at_the_top


def crossed(seed=0, *, n_clients=150, n_therapists=8, sessions=3):
    """Two dyads a client."""
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(n_clients), 2)
    therapist = np.array([rng.choice(n_therapists, 2, replace=False) for _ in range(n_clients)]).ravel()
    latent = rng.normal(size=n_clients)[client] + 0.5 * rng.normal(size=n_therapists)[therapist]
    latent = latent + 0.6 * rng.normal(size=len(client))
    row = np.repeat(np.arange(len(client)), sessions)
    table = {"client_id": [f"c{at}" for at in client[row]], "therapist_id": [f"t{at}" for at in therapist[row]]}
    return table, latent[row] + rng.normal(size=len(row))


def effects(table, score, **words):
    model = AllianceModel(**words).fit(table, score)
    newcomer = {"client_id": ["new"] * 8, "therapist_id": [f"t{at}" for at in range(8)]}
    return model, model.forecast(newcomer).contrast


@pytest.mark.parametrize("censored", [False, True])
def test_without_outliers_nothing_changes(censored):
    if censored:
        table, score, *_ = half_at_the_top(clients=2)
    else:
        table, score = crossed()
    bounded, free = (AllianceModel(influence=bound).fit(table, score) for bound in (4.0, None))
    assert bounded.report_["dyads_bounded"] == 0 and bounded.components_ == free.components_


def test_one_score_of_ten_thousand_hardly_moves_the_order():
    table, score = crossed()
    clean, before = effects(table, score)
    far = score.copy()
    far[:3] = 1e4
    model, after = effects(table, far)
    _, unbounded = effects(table, far, influence=None)
    assert model.report_["dyads_bounded"] >= 1
    assert any("The influence of" in note for note in model.report_["notes"])
    assert np.abs(after - before).max() < 0.3 * before.std()
    assert np.abs(unbounded - before).max() > 0.5 * before.std()
    for ours, theirs in zip(model.components_, clean.components_, strict=True):
        assert abs(ours.sd - theirs.sd) < 0.1, ours.name


def test_farther_off_is_a_smaller_say():
    table, score = crossed()
    found = []
    for off in (12.0, 1e3, 1e6):
        far = score.copy()
        far[:3] += off
        found.append(effects(table, far)[1])
    assert np.abs(found[2] - found[1]).max() < 0.02
    assert np.abs(found[1] - found[0]).max() < 0.1


def test_what_is_bounded_is_the_auxiliary_residual():
    """At full weight, shares below one are those of pairs whose z, from the plain dense model, is above the bound."""
    table, score = crossed(n_clients=30, n_therapists=4)
    model = AllianceModel(influence=None, only_declared=True, random=("dyad",)).fit(table, score)
    ratios = {part.name: part.variance for part in model.components_}
    sigma = ratios.pop("residual")
    dyads = [f"{c}{t}" for c, t in zip(table["client_id"], table["therapist_id"], strict=True)]
    groups = {"dyad": dyads, "client": table["client_id"], "therapist": table["therapist_id"]}
    z = {name: indicators(labels) for name, labels in groups.items()}
    dense = Dense(score, np.ones((len(score), 1)), [z[name] for name in ratios])
    inverse = np.linalg.inv(dense.covariance([value / sigma for value in ratios.values()]))
    p = inverse - inverse @ dense.x @ np.linalg.inv(dense.x.T @ inverse @ dense.x) @ dense.x.T @ inverse
    residual = z["dyad"].T @ p @ score / np.sqrt(sigma * np.diag(z["dyad"].T @ p @ z["dyad"]))
    bound = float(np.sort(np.abs(residual))[-4])
    again = AllianceModel(influence=bound - 1e-6, only_declared=True, random=("dyad",)).fit(table, score)
    assert bound > 1 and again.report_["dyads_bounded"] >= 3
    higher = float(np.abs(residual).max()) + 1e-6
    assert (
        AllianceModel(influence=higher, only_declared=True, random=("dyad",)).fit(table, score).report_["dyads_bounded"]
        == 0
    )
