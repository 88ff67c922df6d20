"""``make bench ONLY=index``: the twenty best of a hundred thousand therapists, beside libraries that search vectors.

Ours is ``rank``: hard requirements, eight factors, the fitted model, order, and the reasons of the twenty. A peer takes
a product of 64 columns with each therapist, and is given who can be offered. Everything on one thread, each in its own
process, the median of repeats.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.clinics import invented
from benchmarks.peers.environment import PYTHON, missing, timed, versions
from benchmarks.report import Row, one_thread, publish, seconds, shown
from matcher import ClinicModel, Directory, rank
from matcher.eligibility import refusals
from matcher.encoding import ClientArrays
from matcher.entities import Intake
from matcher.simulation.clinic import TODAY
from matcher.simulation.therapists import draw_therapists

COMMAND = "make bench ONLY=index"
N, TOP, REPEATS = 100_000, 20, 25
SHARES = (0.03, 0.3, 1.0)
REACH = {0.03: 1 / 2, 0.3: 1 / 2, 1.0: 1.0}
PEERS = ("faiss", "implicit")
SCRIPT = Path(__file__).parent / "peers" / "vectors.py"
Flags = NDArray[np.bool_]


def main() -> bool:
    simulated = invented(60, 600)
    model = ClinicModel.fit(simulated.intakes, simulated.therapists, simulated.ratings, scale=simulated.scale)
    drawn = draw_therapists(np.random.default_rng(1), N, today=TODAY)
    directory = Directory.of(replace(therapist, capacity=max(therapist.capacity, 1)) for therapist in drawn)
    rows, figures = [], {}
    with one_thread():
        for share, (intake, offered) in zip(SHARES, chosen(simulated.intakes, directory), strict=True):
            mine = ours(intake, directory, model)
            theirs = {name: beside(name, offered) for name in PEERS}
            label = f"{offered.mean():.1%} of {N:,} can be offered: time of the first {TOP}"
            rows += [against(f"{label}, {name}", mine, found, REACH[share]) for name, found in theirs.items()]
            figures[label] = {"share": float(offered.mean()), "ours s": mine, **theirs}
    return publish("index", COMMAND, rows, NOTES, {"peers": versions(), **figures})


def chosen(people: Sequence[Intake], directory: Directory) -> list[tuple[Intake, Flags]]:
    """For each share the client to whom nearest to so many can be offered; for all of them one who asks for nothing."""
    everyone = [*people, Intake(id="open", concerns=people[0].concerns)]
    offered = [refusals(ClientArrays.of((intake,)), directory)[0] == 0 for intake in everyone]
    return [min(zip(everyone, offered, strict=True), key=lambda of: abs(of[1].mean() - share)) for share in SHARES]


def ours(intake: Intake, directory: Directory, model: ClinicModel) -> float:
    """Seconds of one list."""

    def work() -> object:
        return rank(intake, directory, model=model, today=TODAY, top=TOP)

    work()
    return statistics.median(seconds(work) for _ in range(REPEATS))


def beside(name: str, offered: Flags) -> float | str:
    """Seconds of the peer's search among those who can be offered; why there is none."""
    if why := missing(name):
        return why
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "offered.npy", Path(folder) / "found.json"
        np.save(given, offered)
        answer = timed([str(PYTHON), str(SCRIPT), name, str(given), str(TOP), str(REPEATS), str(found)])
        return answer.why or float(json.loads(found.read_text())["seconds"])


def against(label: str, mine: float, found: float | str, reach: float) -> Row:
    least = f"<= {reach:g}"
    if isinstance(found, str):
        return Row(label, shown(mine), found, None, least, None)
    return Row(label, shown(mine), shown(found), mine / found, least, mine / found <= reach)


NOTES = (
    f"medians of {REPEATS} repeats in warm processes, one thread",
    "ours: eligibility, factors, model, order, reasons, outlooks; peers: a product of 64 float32 columns, and order",
    "faiss with a bitmap of who can be offered, implicit with a list of who cannot",
)
