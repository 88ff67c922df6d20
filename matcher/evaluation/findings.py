"""What the figures come to, in codes: an aspect and what is found of it. The words belong to whoever shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matcher.evaluation.calibration import Deciles, Line
from matcher.evaluation.checked import Floats, Rows
from matcher.evaluation.gate import CHAMPION, FEWEST_CLIENTS, compare
from matcher.evaluation.metrics import WithinClients

MODEL = "model"
CLEAR = 2.0  # standard errors
SLOPE_OFF = 0.1  # a slope this far from 1 is worth a word
PIT_OFF = 0.03  # a tenth with so much more or less than a tenth, too
FINDINGS: Mapping[str, tuple[str, ...]] = {
    "accuracy": ("better", "level", "worse", "unknown"),  # than the best baseline
    "slope": ("right", "too_spread", "too_careful", "unknown"),
    "distribution": ("fits", "too_narrow", "too_wide", "off_side"),
    "order": ("helps", "unclear", "misleads", "unknown"),  # of therapists, for clients who had several
}


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is one of ``FINDINGS[aspect]``; ``against`` names the best baseline, for accuracy."""

    aspect: str
    code: str
    against: str = ""


def findings(
    client: Rows, score: Floats, means: Mapping[str, Floats], line: Line, pit: Deciles, within: WithinClients
) -> tuple[Finding, ...]:
    """One finding an aspect, in the order of ``FINDINGS``. ``means`` are the expected scores by name, (n,) each."""
    n_clients = len(np.unique(client))
    return (
        _accuracy(client, score, means, n_clients),
        Finding("slope", _slope(line)),
        Finding("distribution", _distribution(pit, n_clients)),
        Finding("order", _order(within)),
    )


def _accuracy(client: Rows, score: Floats, means: Mapping[str, Floats], n_clients: int) -> Finding:
    missed = {name: (mean - score) ** 2 for name, mean in means.items()}
    baselines = [name for name in missed if name not in (MODEL, CHAMPION)]
    if not baselines or n_clients < FEWEST_CLIENTS:
        return Finding("accuracy", "unknown")
    best = min(baselines, key=lambda name: float(missed[name].mean()))
    if compare(best, missed[MODEL], missed[best], client).worse:
        return Finding("accuracy", "worse", best)
    return Finding("accuracy", "better" if compare(MODEL, missed[best], missed[MODEL], client).worse else "level", best)


def _slope(line: Line) -> str:
    if not math.isfinite(line.slope):
        return "unknown"
    off = line.slope - 1
    if abs(off) <= SLOPE_OFF or not abs(off) > CLEAR * line.slope_se:
        return "right"
    return "too_careful" if off > 0 else "too_spread"


def _distribution(pit: Deciles, n_clients: int) -> str:
    """A share of .1 spreads by √(.09/n) by chance; n is taken as the clients, whose ratings fall together."""
    least = max(PIT_OFF, 3 * math.sqrt(0.09 / n_clients))
    if pit.largest_deviation <= least:
        return "fits"
    first, last = pit.shares[0] - 0.1, pit.shares[-1] - 0.1
    if first > 0 and last > 0:
        return "too_narrow"
    return "too_wide" if first < 0 and last < 0 else "off_side"


def _order(within: WithinClients) -> str:
    if within.n_clients < FEWEST_CLIENTS or not math.isfinite(within.se):
        return "unknown"
    if abs(within.mean) <= CLEAR * within.se:
        return "unclear"
    return "helps" if within.mean > 0 else "misleads"
