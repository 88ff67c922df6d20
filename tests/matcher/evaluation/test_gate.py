"""The gate's rule by hand, its error rate, and what it does where there is nothing to judge on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student

from matcher.errors import InvalidInput
from matcher.evaluation import Verdict, judge
from matcher.evaluation.gate import (
    FEWEST_CLIENTS,
    LEAST,
    LEVEL,
    NOT_WORSE,
    REASONS,
    TOO_FEW_LATER,
    WORSE_THAN_BASELINE,
    WORSE_THAN_CHAMPION,
)


def test_the_rule_by_hand() -> None:
    """Twenty clients with one score of 0 each; the other says 1 of each (M = 1), the new one √2 of half and 1 of the
    rest: differences 1 and 0, D = ½, s = √(20/19 · 20 · (½/20)²) = ½/√19."""
    ours = np.where(np.arange(20) % 2, math.sqrt(2), 1.0)
    (found,) = judge(range(20), np.zeros(20), ours, {"overall_mean": np.ones(20)}).comparisons
    assert (found.difference, found.se) == (pytest.approx(1 / 2), pytest.approx(0.5 / math.sqrt(19)))
    assert found.lower == pytest.approx(0.5 - student.ppf(1 - LEVEL, 19) * found.se)
    assert found.least == LEAST and found.worse


def test_a_clients_ratings_are_one_piece_of_evidence() -> None:
    """Each client's ratings copied ten times: the figures stay as they are."""
    rng = np.random.default_rng(0)
    client, score, ours, theirs = np.arange(30), *rng.normal(size=(3, 30))
    (once,) = judge(client, score, ours, {"champion": theirs}).comparisons
    (often,) = judge(
        *(np.repeat(x, 10) for x in (client, score, ours)), {"champion": np.repeat(theirs, 10)}
    ).comparisons
    assert (often.difference, often.se, often.lower) == pytest.approx((once.difference, once.se, once.lower))


def test_equal_predictions_serve_whatever_the_rounding() -> None:
    rng = np.random.default_rng(1)
    score, said = rng.normal(size=(2, 500))
    found = judge(np.arange(500), score, said, {"champion": said * (1 + 1e-12), "overall_mean": said - 1e-13})
    assert found.serves and found.reason == NOT_WORSE


def test_a_difference_that_nobody_notices_does_not_decide() -> None:
    """Surely worse, by .08 % of the squared error: below a thousandth."""
    rng = np.random.default_rng(2)
    score = rng.normal(size=4000)
    found = judge(np.arange(4000), score, score * (1 - math.sqrt(1.0008)), {"overall_mean": np.zeros(4000)})
    (one,) = found.comparisons
    assert found.serves and one.lower > 0


def test_the_reason_names_the_champion_first() -> None:
    score, off = np.zeros(40), np.ones(40)
    good = np.full(40, 0.1)
    assert judge(range(40), score, off, {"client_only": good, "champion": good}).reason == WORSE_THAN_CHAMPION
    found = judge(range(40), score, off, {"client_only": good, "overall_mean": 2 * off, "champion": off})
    assert (found.serves, found.reason) == (False, WORSE_THAN_BASELINE)
    assert [one.against for one in found.comparisons if one.worse] == ["client_only"]


def test_too_few_clients_are_nothing_to_judge_on() -> None:
    n = FEWEST_CLIENTS - 1
    found = judge(np.repeat(np.arange(n), 50), np.zeros(50 * n), np.ones(50 * n), {"champion": np.zeros(50 * n)})
    assert (found.serves, found.reason, found.judged, found.n_clients) == (True, TOO_FEW_LATER, False, n)


def test_half_of_the_level_is_the_champions() -> None:
    rng = np.random.default_rng(6)
    score, ours, theirs, mean = rng.normal(size=(4, 50))
    others = {"champion": theirs, "overall_mean": mean, "client_only": mean}
    levels = {"champion": 0.025, "overall_mean": 0.0125, "client_only": 0.0125}
    for one in judge(range(50), score, ours, others).comparisons:
        assert (one.difference - one.lower) / one.se == pytest.approx(student.ppf(1 - levels[one.against], 49))
    (alone,) = judge(range(50), score, ours, {"overall_mean": mean}).comparisons
    assert (alone.difference - alone.lower) / alone.se == pytest.approx(student.ppf(0.95, 49))


@pytest.mark.parametrize("n_clients", [20, 150])
def test_an_equally_good_model_is_seldom_refused(n_clients: int) -> None:
    """Two models with errors of one size, five comparisons, clients with one to nine ratings that fall together: at
    most LEVEL of 2,000 are refused, within three standard errors."""
    rng = np.random.default_rng(3)
    n, refused = 2000, 0
    for _ in range(n):
        client = np.repeat(np.arange(n_clients), rng.integers(1, 10, n_clients))
        own = rng.normal(size=(6, n_clients))[:, client]
        score = rng.normal(size=n_clients)[client]
        refused += not judge(
            client, score, own[0], {"champion": own[1], **{str(k): own[k] for k in range(2, 6)}}
        ).serves
    assert refused / n <= LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / n)


def test_a_worse_model_is_caught() -> None:
    """Errors a fifth larger (the squares by .48), 150 clients with one rating each: hardly ever let through."""
    rng = np.random.default_rng(4)
    let_through = 0
    for _ in range(200):
        missed, noise = rng.normal(size=(2, 150))
        let_through += judge(range(150), 0 * missed, 1.2 * missed + 0.2 * noise, {"champion": missed}).serves
    assert let_through <= 10


def test_the_document_is_plain() -> None:
    found = judge(range(30), np.zeros(30), np.ones(30), {"champion": np.ones(30)}, champion="refitted")
    document = found.document()
    assert document["champion"] == "refitted" and document["reason"] in REASONS
    assert document["comparisons"][0]["against"] == "champion" and isinstance(document["comparisons"], list)
    assert isinstance(found, Verdict)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"others": {}}, "others"),
        ({"others": {"champion": [1.0]}}, "champion"),
        ({"challenger": [1.0]}, "challenger"),
        ({"client": [1]}, "client"),
        ({"score": [math.nan, 1.0]}, "score"),
    ],
)
def test_what_cannot_be_judged_is_refused(change: dict[str, Any], field: str) -> None:
    given = {"client": [1, 2], "score": [1.0, 2.0], "challenger": [1.0, 2.0], "others": {"champion": [1.0, 2.0]}}
    with pytest.raises(InvalidInput) as refused:
        judge(**given | change)
    assert refused.value.field == field
