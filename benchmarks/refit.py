"""``make bench ONLY=refit``: a clinic's model after 100 new ratings, gone on from the one that serves and fitted anew.

Both are fitted to the same ratings in one process, on one thread, by the processor's clock, since the machine may be
shared. The new ratings are the latest by their moment. Estimates are compared by the largest difference of a variance
(relative), an effect (in its standard errors) and an expected alliance (in its standard deviations).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.report import Row, one_thread, publish
from matcher import ClinicModel, SimulatedClinic, simulate
from matcher.encoding import ClientArrays, Directory
from matcher.entities import Rating
from matcher.evaluation.trial import trial
from web.services.models import METHOD

COMMAND = "make bench ONLY=refit"
SEED, NEW, REPEATS = 7, 100, 3  # of the fit that goes on; the full one is taken once, which is the longer by far
REACH, CLOSE = 1 / 5, 1e-3
PEOPLE = 200  # clients whose outlooks are compared
NOTES = (
    "seconds of the processor's clock, one thread; full fit once, warm one the median of three",
    "largest difference: variances relative, effects in standard errors, expected alliances in standard deviations",
    "the gate's trial fits the past anew each time, on purpose: what is gone on from has seen what it is judged on",
)


@dataclass(frozen=True)
class Work:
    """A clinic, and how its model is fitted."""

    name: str
    n_therapists: int
    n_clients: int
    n_ratings: int
    specification: Mapping[str, Any] | None


WORKS = (
    Work("100,000 ratings of 200 therapists", 200, 16_000, 100_000, None),
    Work("10,000 ratings of 40, drift as it may be", 40, 1_600, 10_000, METHOD),
)


def main() -> bool:
    rows, kept = [], {}
    with one_thread():
        for work in WORKS:
            found = refitted(work)
            rows += told(work, found)
            kept[work.name] = found
    return publish("refit", COMMAND, rows, NOTES, kept)


def refitted(work: Work) -> dict[str, Any]:
    clinic = simulate(np.random.default_rng(SEED), n_therapists=work.n_therapists, n_clients=work.n_clients)
    latest = sorted(clinic.ratings, key=lambda rating: rating.rated_at)[: work.n_ratings]

    def fitted(ratings: list[Rating], start: ClinicModel | None = None) -> tuple[float, ClinicModel]:
        begun = time.process_time()
        model = ClinicModel.fit(
            clinic.intakes, clinic.therapists, ratings, scale=clinic.scale, specification=work.specification,
            start=start,
        )  # fmt: skip
        return time.process_time() - begun, model

    _, before = fitted(latest[:-NEW])
    full, fresh = fitted(latest)
    warm = [fitted(latest, before) for _ in range(REPEATS)]
    model = warm[0][1]
    return {
        "ratings": len(latest), "full": full, "warm": [seconds for seconds, _ in warm],
        "is_warm": model.alliance.report_["warm"], **differences(clinic, fresh, model), "trial": judged(work, clinic),
    }  # fmt: skip


def judged(work: Work, clinic: SimulatedClinic) -> float | None:
    """Seconds of the gate's trial; of the smaller clinic alone, since it takes as long as a fit."""
    if work is WORKS[0]:
        return None
    begun = time.process_time()
    trial(
        clinic.intakes, clinic.therapists, clinic.ratings[: work.n_ratings], scale=clinic.scale,
        specification=work.specification,
    )  # fmt: skip
    return time.process_time() - begun


def differences(clinic: SimulatedClinic, fresh: ClinicModel, warm: ClinicModel) -> dict[str, Any]:
    variances = {part.name: part.variance for part in fresh.alliance.components_}
    others = {part.name: part.variance for part in warm.alliance.components_}
    effects = {one.name: one for one in fresh.alliance.coefficients_}
    moved = [abs(one.estimate - effects[one.name].estimate) / one.se for one in warm.alliance.coefficients_ if one.se]
    clients, directory = (
        ClientArrays.of(clinic.intakes[:: -(-len(clinic.intakes) // PEOPLE)]),
        Directory.of(clinic.therapists),
    )
    ours, theirs = warm.outlook(clients, directory), fresh.outlook(clients, directory)
    return {
        "same_terms": variances.keys() == others.keys(),
        "variance": max(abs(others.get(name, 0.0) / value - 1) for name, value in variances.items() if value > 0),
        "zero": max((others.get(name, 0.0) for name, value in variances.items() if value == 0), default=0.0),
        "effect": max(moved, default=0.0),
        "expected": float(np.max(np.abs(ours.mean - theirs.mean) / theirs.sd)),
    }


def told(work: Work, found: dict[str, Any]) -> list[Row]:
    warm = statistics.median(found["warm"])
    ratio, most = warm / found["full"], max(found[name] for name in ("variance", "effect", "expected"))
    same = found["is_warm"] and found["same_terms"] and most <= CLOSE and found["zero"] <= CLOSE
    rows = [
        Row(f"{work.name}: time", f"{warm:.2f} s", f"full fit {found['full']:.2f} s", ratio, "<= 1/5", ratio <= REACH),
        Row(f"{work.name}: largest difference", f"{most:.1e}", "full fit", None, f"<= {CLOSE:g}", same),
    ]
    if found["trial"] is not None:
        whole = (warm + found["trial"]) / (found["full"] + found["trial"])
        at = f"{warm + found['trial']:.2f} s", f"with a full fit {found['full'] + found['trial']:.2f} s"
        rows.append(replace(rows[0], work=f"{work.name}: with the trial", ours=at[0], peer=at[1], ratio=whole,
                            reach="-", met=None))  # fmt: skip
    return rows
