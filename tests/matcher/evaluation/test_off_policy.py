"""The gate refuses what cannot be known and says why; what it lets through holds the truth."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from matcher.errors import InvalidInput
from matcher.evaluation import Expectations, policy_value
from matcher.evaluation.off_policy import (
    DR,
    FEWEST_CLIENTS,
    IPS,
    LITTLE_OVERLAP,
    NO_CHANCE,
    NO_PROPENSITY,
    REASONS,
    REFUSED,
    SNIPS,
    TOO_FEW_CLIENTS,
    VERDICTS,
    WEIGHTS_OFF,
    estimates,
)

Log = dict[str, Any]


def a_log(seed: int = 0, n: int = 600, good: float = 0.6) -> Log:
    """Two therapists at a place, logged by a fair coin; the second one is ``good`` better, and judged is who prefers
    them three times in four: the lift is a quarter of ``good``."""
    rng = np.random.default_rng(seed)
    client = np.arange(n) // 2
    action = rng.integers(0, 2, n)
    reward = 3 + good * action + rng.normal(size=n // 2)[client] + 0.3 * rng.normal(size=n)
    return {"client": client, "reward": reward, "logged": np.full(n, 0.5), "wanted": np.where(action, 0.75, 0.25)}


def model(log: Log, good: float = 0.6) -> Expectations:
    action = log["wanted"] == 0.75
    return Expectations(3 + good * action, np.full(len(action), 3 + 0.75 * good), np.full(len(action), 3 + 0.5 * good))


def test_a_better_policy_is_found() -> None:
    log = a_log()
    found = policy_value(**log, expected=model(log))
    assert (found.verdict, found.by, found.reason) == ("better", DR, "answered")
    assert all(one.lift.lower < 0.15 < one.lift.upper for one in found.estimates.values())
    assert found.logged is not None and found.logged.value == pytest.approx(log["reward"].mean())


def test_a_worse_one_too() -> None:
    log = a_log(good=-0.6)
    assert policy_value(**log).verdict == "worse" and policy_value(**log).by == SNIPS


def test_weighting_alone_has_a_verdict_of_its_own() -> None:
    """An outcome model that is sure of a gain which no outcome shows."""
    log = a_log(good=0.0, n=300)
    sure = Expectations(log["reward"], np.full(300, 9.0), np.full(300, 3.0))
    found = policy_value(**log, expected=sure)
    assert (found.verdict, found.by_weights) == ("better", "no_detectable_difference")
    assert policy_value(**log).by_weights == policy_value(**log).verdict
    assert policy_value(**a_log(n=20)).by_weights == REFUSED


def test_what_was_done_is_no_better_than_itself() -> None:
    log = a_log() | {"wanted": np.full(600, 0.5)}
    same = Expectations(np.ones(600), np.full(600, 3.0), np.full(600, 3.0))
    found = policy_value(**log, expected=same)
    assert found.verdict == "no_detectable_difference"
    assert all(one.lift.value == pytest.approx(0) for one in found.estimates.values())


def test_the_order_of_the_rows_is_irrelevant() -> None:
    log, order = a_log(), np.random.default_rng(1).permutation(600)
    believed = model(log).rows(600)
    one = policy_value(**log, expected=Expectations(*believed))
    other = policy_value(
        **{name: values[order] for name, values in log.items()},
        expected=Expectations(*(values[order] for values in believed)),
    )
    for name in (IPS, SNIPS, DR):
        assert one.estimates[name].lift.value == pytest.approx(other.estimates[name].lift.value)
        assert one.estimates[name].lift.se == pytest.approx(other.estimates[name].lift.se)


def test_a_clients_decisions_are_one_piece_of_evidence() -> None:
    log = a_log(n=400) | {"client": np.arange(400)}
    often = policy_value(**{name: np.repeat(values, 5) for name, values in log.items()}, clip=math.inf)
    once = policy_value(**log, clip=math.inf)
    assert often.overlap is not None and once.overlap is not None
    assert often.overlap.ess_clients == pytest.approx(once.overlap.ess)
    assert often.estimates[SNIPS].lift.se == pytest.approx(once.estimates[SNIPS].lift.se)


def heavy(share: float) -> Log:
    """A log of which a few rows bear nearly all the weight, the mean of which is 1."""
    n, few = 2000, 20
    logged, wanted = np.full(n, 0.5), np.full(n, 0.5 * (1 - share))
    logged[:few], wanted[:few] = 0.01, 0.01 * (share * n / few + 1 - share)
    return {"client": np.arange(n), "reward": np.ones(n), "logged": logged, "wanted": wanted}


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (a_log(n=2 * (FEWEST_CLIENTS - 1)), TOO_FEW_CLIENTS),
        (a_log() | {"logged": np.r_[np.nan, np.full(599, 0.5)]}, NO_PROPENSITY),
        (a_log() | {"logged": np.r_[0.0, np.full(599, 0.5)]}, NO_PROPENSITY),
        (a_log() | {"logged": np.ones(600), "wanted": np.ones(600)}, NO_CHANCE),
        (a_log(n=180), LITTLE_OVERLAP),
        (heavy(0.9), LITTLE_OVERLAP),
        (a_log() | {"wanted": np.full(600, 0.4)}, WEIGHTS_OFF),
        (a_log() | {"wanted": np.full(600, 0.6)}, WEIGHTS_OFF),
    ],
)
def test_the_gate_says_why(log: Log, reason: str) -> None:
    found = policy_value(**log)
    assert (found.verdict, found.reason, found.estimates, found.logged) == (REFUSED, reason, {}, None)
    assert found.n_without_propensity == (reason == NO_PROPENSITY) == (found.overlap is None)


def test_the_effective_number_by_hand() -> None:
    """90 clients with two decisions each, weights ½ and 3/2: fewer than 90 in any case, and 100 is asked for."""
    found = policy_value(**a_log(n=180))
    assert found.overlap is not None and found.overlap.ess_clients < 90 and found.n_clients == 90
    # 20 of 2,000 rows weigh 90.1 each, the rest .1: (1802 + 198)²/(20 · 90.1² + 1980 · .1²)
    seen = policy_value(**heavy(0.9)).overlap
    assert seen is not None and seen.ess == pytest.approx(2000**2 / (20 * 90.1**2 + 1980 * 0.01))


@pytest.mark.parametrize(
    ("errors", "reason"), [(2.9, "answered"), (3.1, WEIGHTS_OFF), (-2.9, "answered"), (-3.1, WEIGHTS_OFF)]
)
def test_three_standard_errors_of_the_mean_weight(errors: float, reason: str) -> None:
    """Four hundred clients, half with ½ more than the mean weight and half with ½ less: its error is ½/√399."""
    weight = 1 + errors * 0.5 / math.sqrt(399) + np.repeat([0.5, -0.5], 200)
    found = policy_value(range(400), np.ones(400), np.full(400, 0.4), 0.4 * weight)
    assert found.overlap is not None and found.overlap.mean_weight_se == pytest.approx(0.5 / math.sqrt(399))
    assert found.reason == reason


def test_clipping_is_told() -> None:
    """Weights of 9.01 for 20 rows of 2,000, cut at 4: a share of .01, and .0501 of the mean weight."""
    found = policy_value(**heavy(0.08), clip=4.0)
    assert found.overlap is not None
    assert (found.overlap.share_clipped, found.overlap.weight_clipped) == pytest.approx((0.01, 0.01 * (8.92 - 4)))
    assert found.estimates[IPS].moved_by_clip == pytest.approx(-found.overlap.weight_clipped)  # rewards of 1
    assert found.estimates[SNIPS].moved_by_clip == pytest.approx(0)


def test_the_document_is_plain() -> None:
    log = a_log()
    document = json.loads(json.dumps(policy_value(**log, expected=model(log)).document(), allow_nan=False))
    assert document["verdict"] in VERDICTS and document["reason"] in REASONS
    assert set(document["estimates"]) == {IPS, SNIPS, DR}


@pytest.mark.parametrize("wrong", ["weights", "expectations"])
def test_one_half_may_be_wrong(wrong: str) -> None:
    """Propensities said to be equal, which they were not, or a model that knows nothing: the truth is 3.45."""
    rng = np.random.default_rng(3)
    action = rng.random(20_000) < 0.7
    reward = 3 + 0.6 * action + 0.2 * rng.normal(size=20_000)
    right = np.where(action, 0.7, 0.3)
    log = {"client": np.arange(20_000), "reward": reward, "wanted": np.where(action, 0.75, 0.25)}
    believed = Expectations(3 + 0.6 * action, np.full(20_000, 3.45), np.full(20_000, 3.42))
    nothing = Expectations(np.full(20_000, 2.0), np.full(20_000, 2.0), np.full(20_000, 2.0))
    if wrong == "expectations":
        found = policy_value(**log, logged=right, expected=nothing).estimates[DR].value
        assert found.lower < 3.45 < found.upper
    else:
        weight = log["wanted"] / 0.5
        made = estimates(log["client"], reward, weight, believed.rows(20_000), math.inf)
        assert made[DR].value.value == pytest.approx(3.45, abs=0.01)
        assert made[IPS].value.value > 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reward": [1.0, math.nan]}, "reward"),
        ({"reward": []}, "reward"),
        ({"client": [1]}, "client"),
        ({"logged": [0.5, 1.2]}, "logged"),
        ({"logged": [0.5, math.inf]}, "logged"),
        ({"logged": [-0.1, 0.5]}, "logged"),
        ({"wanted": [0.5, math.nan]}, "wanted"),
        ({"wanted": [0.5]}, "wanted"),
        ({"clip": 0.0}, "clip"),
        ({"clip": math.nan}, "clip"),
        ({"expected": Expectations([1.0], [1.0, 1.0], [1.0, 1.0])}, "expected.taken"),
    ],
)
def test_what_cannot_be_judged_is_refused(change: Log, field: str) -> None:
    given = {"client": [1, 2], "reward": [1.0, 2.0], "logged": [0.5, 0.5], "wanted": [0.5, 0.5]}
    with pytest.raises(InvalidInput) as refused:
        policy_value(**given | change)
    assert refused.value.field == field
