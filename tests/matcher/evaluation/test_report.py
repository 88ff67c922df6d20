"""The report: its table is the metrics', its findings say what was planted, and it is JSON without a NaN."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matcher.entities import Scale
from matcher.errors import InvalidInput
from matcher.evaluation import mae, rmse
from matcher.evaluation.findings import FINDINGS
from matcher.evaluation.predictive import Expected
from matcher.evaluation.report import HeldOut, Report, SplitReport, split_report

SCALE = Scale(0, 100, 1)
N_CLIENTS, EACH = 300, 4


def held(*, stretch: float = 1.0, spread: float = 1.0, off: float = 0.0, blind: bool = False) -> HeldOut:
    """A true model of clients with two therapists, its faults planted; beside it the mean of all."""
    rng = np.random.default_rng(8)
    client = np.repeat(np.arange(N_CLIENTS), EACH)
    therapist = np.tile([0, 0, 1, 1], N_CLIENTS) + 2 * (client % 5)
    level = rng.normal(50, 6, N_CLIENTS)[client] + rng.normal(0, 5, (N_CLIENTS, 10))[client, therapist]
    score = np.round(level + rng.normal(0, 5, len(client)))
    said = level if not blind else np.full(len(client), 50.0)
    ours = Expected(50 + stretch * (said - 50) + off, np.full(len(client), 5.0 * spread))
    plain = Expected(np.full(len(client), 50.0), np.full(len(client), 9.3))
    labels = np.where(client < 3, "few", "many")
    expected = {"overall_mean": plain, "model": ours}
    return HeldOut("time", 5000, client, therapist, score, expected, {"size": labels})


def found(**faults: Any) -> dict[str, str]:
    return {finding.aspect: finding.code for finding in split_report(held(**faults), SCALE).findings}


def test_the_table_is_the_metrics() -> None:
    given, report = held(), split_report(held(), SCALE)
    assert [row.name for row in report.rows] == ["model", "overall_mean"]
    for row in report.rows:
        mean = given.expected[row.name].mean
        assert (row.rmse, row.mae) == (rmse(given.score, mean), mae(given.score, mean))
    assert report.rows[0].log_score > report.rows[1].log_score
    assert (report.n_ratings, report.n_clients, report.n_therapists, report.n_train) == (1200, 300, 10, 5000)
    assert report.within_clients.n_clients == N_CLIENTS
    assert sum(point.n for point in report.curve) == 1200


def test_a_true_model_is_found_true() -> None:
    assert found() == {"accuracy": "better", "slope": "right", "distribution": "fits", "order": "helps"}


@pytest.mark.parametrize(
    ("faults", "aspect", "code"),
    [
        ({"stretch": 1.6}, "slope", "too_spread"),
        ({"stretch": 0.6}, "slope", "too_careful"),
        ({"spread": 0.5}, "distribution", "too_narrow"),
        ({"spread": 2.0}, "distribution", "too_wide"),
        ({"off": 4.0}, "distribution", "off_side"),
        ({"off": 30.0}, "accuracy", "worse"),
        ({"blind": True}, "accuracy", "level"),
        ({"blind": True}, "slope", "unknown"),
        ({"blind": True}, "order", "unclear"),
        ({"stretch": -1.0}, "order", "misleads"),
    ],
)
def test_a_planted_fault_is_found(faults: dict[str, Any], aspect: str, code: str) -> None:
    assert code in FINDINGS[aspect]
    assert found(**faults)[aspect] == code


def test_the_document_is_json_and_hides_few() -> None:
    document = Report((split_report(held(blind=True), SCALE),)).document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    (part,) = document["splits"]
    assert part["line"]["slope"] is None
    few, many = part["groups"]["size"]
    assert few["n_clients"] is None and many["n_clients"] is None  # three of a known total
    assert all(point["n_clients"] >= 5 for point in part["curve"])


def test_the_seed_decides_the_pit() -> None:
    def pit(seed: int) -> Any:
        return split_report(held(), SCALE, seed=seed).pit

    assert pit(1) == pit(1) != pit(2)


def some(rows: slice, **change: Any) -> HeldOut:
    given = held()
    expected = {name: Expected(one.mean[rows], one.sd[rows]) for name, one in given.expected.items()}
    parts = {"client": given.client[rows], "therapist": given.therapist[rows], "score": given.score[rows]}
    return HeldOut(**{"split": "time", "n_train": 9, "expected": expected, "groups": {}} | parts | change)


def test_the_order_of_few_clients_is_not_told() -> None:
    """Twelve clients, four of whom had a second therapist."""
    given = some(slice(0, 48))
    hidden = replace(given, therapist=np.where(given.client < 4, given.therapist, 0))
    shown = replace(given, therapist=np.where(given.client < 5, given.therapist, 0))
    assert split_report(hidden, SCALE).within_clients.n_clients == 0
    assert split_report(shown, SCALE).within_clients.n_clients == 5


def test_few_clients_have_no_order_and_fewer_no_report() -> None:
    report: SplitReport = split_report(some(slice(0, 24)), SCALE)
    assert report.n_clients == 6
    assert {f.aspect: f.code for f in report.findings} | {"accuracy": "unknown", "order": "unknown"} == {
        f.aspect: f.code for f in report.findings
    }
    with pytest.raises(InvalidInput, match="at least 5 clients"):
        split_report(some(slice(0, 16)), SCALE)
    with pytest.raises(InvalidInput, match="model"):
        split_report(some(slice(0, 24), expected={}), SCALE)
