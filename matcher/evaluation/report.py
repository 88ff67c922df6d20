"""How good a model is on ratings that it has not seen, beside the baselines: the figures of a model card, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from matcher.entities import Scale
from matcher.errors import InvalidInput
from matcher.evaluation.calibration import (
    BINS,
    Deciles,
    Line,
    Point,
    calibration_curve,
    calibration_line,
    pit_deciles,
    randomised_pit,
)
from matcher.evaluation.checked import Floats, Rows, codes
from matcher.evaluation.fairness import Cell, by_group
from matcher.evaluation.findings import MODEL, Finding, findings
from matcher.evaluation.metrics import WithinClients, log_score, mae, rank_correlation_within, rmse
from matcher.evaluation.predictive import Expected, Observed, observed
from matcher.suppression import FEWEST

CLIENTS_A_BIN = 10  # on average, so that a bin seldom has fewer than five and is hidden


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Ratings that were held out, (n,) each, and what was expected of them by name; "model" is the one reported on.

    ``groups`` are labels by the name of a grouping, such as "age_band". ``n_train`` ratings were learned from.
    """

    split: str
    n_train: int
    client: Rows
    therapist: Rows
    score: Floats
    expected: Mapping[str, Expected]
    groups: Mapping[str, ArrayLike]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: root mean squared and mean absolute error, and mean log probability of what was observed."""

    name: str
    rmse: float
    mae: float
    log_score: float


@dataclass(frozen=True, slots=True)
class SplitReport:
    """One split's figures: the table with the model first, then its calibration, distribution, order, and groups.

    ``curve`` has no point with fewer than five clients; ``within_clients`` is over clients with several therapists
    among the held-out ratings; ``findings`` say in codes what the figures come to.
    """

    split: str
    n_train: int
    n_ratings: int
    n_clients: int
    n_therapists: int
    rows: tuple[Row, ...]
    line: Line
    curve: tuple[Point, ...]
    pit: Deciles
    within_clients: WithinClients
    groups: Mapping[str, tuple[Cell, ...]]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The evaluation of a model: one part a split."""

    splits: tuple[SplitReport, ...]

    def document(self) -> dict[str, Any]:
        """The report as JSON values; what there is no number for is None."""
        return {"splits": [_plain(asdict(part)) for part in self.splits]}


def split_report(held: HeldOut, scale: Scale, *, seed: int = 0) -> SplitReport:
    """The figures of "model" on held-out ratings, and a row for everything else that is expected of them.

    ``seed`` draws the PIT values. InvalidInput for ratings of fewer than five clients: their figures would be figures
    of single people.
    """
    n_clients = len(np.unique(held.client))
    if n_clients < FEWEST:
        raise InvalidInput("client", n_clients, f"expected held-out ratings of at least {FEWEST} clients")
    if MODEL not in held.expected:
        raise InvalidInput("expected", sorted(held.expected), f"expected one that is named {MODEL!r}")
    ours = held.expected[MODEL].mean
    seen = {name: observed(expected, held.score, scale) for name, expected in held.expected.items()}
    line = calibration_line(held.score, ours, held.client)
    pit = pit_deciles(randomised_pit(seen[MODEL].below, seen[MODEL].upto, seed=seed))
    within = _within(held, ours)
    return SplitReport(
        split=held.split,
        n_train=held.n_train,
        n_ratings=len(held.score),
        n_clients=n_clients,
        n_therapists=len(np.unique(held.therapist)),
        rows=tuple(_row(name, held, seen[name]) for name in (MODEL, *(n for n in held.expected if n != MODEL))),
        line=line,
        curve=_curve(held, ours, n_clients),
        pit=pit,
        within_clients=within,
        groups={name: by_group(labels, held.client, held.score, ours) for name, labels in held.groups.items()},
        findings=findings(held.client, held.score, {n: e.mean for n, e in held.expected.items()}, line, pit, within),
    )


def _row(name: str, held: HeldOut, seen: Observed) -> Row:
    mean = held.expected[name].mean
    return Row(name, rmse(held.score, mean), mae(held.score, mean), log_score(seen.log_probability))


def _curve(held: HeldOut, ours: Floats, n_clients: int) -> tuple[Point, ...]:
    bins = min(max(n_clients // CLIENTS_A_BIN, 1), BINS)
    points = calibration_curve(held.score, ours, held.client, bins=bins)
    return tuple(point for point in points if point.n_clients >= FEWEST)


def _within(held: HeldOut, ours: Floats) -> WithinClients:
    """Over dyads: a client's mean score with each therapist against the mean of what was expected of those sessions."""
    pairs = np.stack([codes("client", held.client), codes("therapist", held.therapist)])
    (client, _), dyad = np.unique(pairs, axis=1, return_inverse=True)
    dyad = dyad.ravel()
    truth, predicted = (np.bincount(dyad, values) / np.bincount(dyad) for values in (held.score, ours))
    found = rank_correlation_within(client, truth, predicted)
    return found if found.n_clients >= FEWEST else WithinClients(math.nan, math.nan, 0)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
