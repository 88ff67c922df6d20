"""``make bench ONLY=alliance``: the variances that lme4 finds on InstEval, and the time it takes to find them.

InstEval is 73,421 ratings of 1,128 lecturers by 2,972 students. It comes with lme4 under the GPL, so the repository
does not hold it: R writes it into ``build/`` each time.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.report import Row, one_thread, publish, seconds, shown
from matcher import AllianceModel

COMMAND = "make bench ONLY=alliance"
PEER = Path(__file__).parent / "peers" / "insteval.R"
FOLDER = Path("build/bench")
RATINGS = FOLDER / "insteval.csv"
REPEATS = 3
REACH, TOLERANCE = "4 digits", 1e-4
WORSE = 1e-6  # of minus twice the log likelihood
FASTER = 1 / 8
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
THEIR_NAMES = {"client": "s", "therapist": "d", "dept": "dept", "residual": "Residual"}
NOT_RUN = "R with lme4 is not here: apt-get install r-cran-lme4 libopenblas0-pthread"


@dataclass(frozen=True)
class Work:
    """One published model: its name in the R file, its terms in ours, and the variances that were published."""

    name: str
    formula: str
    fixed: tuple[str, ...]
    random: tuple[str, ...]
    published: dict[str, float]


MODELS = (
    Work(
        "m1",
        "y ~ service + (1|s) + (1|d) + (1|dept)",
        ("service",),
        ("dept",),
        {"client": 0.1059978, "therapist": 0.2652195, "dept": 0.0069117, "residual": 1.3865005},
    ),
    Work("m2", "y ~ service * dept + (1|s) + (1|d)", ("service", "dept", "service:dept"), (), {}),
)


def main() -> bool:
    if not lme4_is_here():
        rows = [Row(f"{work.name}: {work.formula}", "not run", "not run", None, REACH, None) for work in MODELS]
        return publish("alliance", COMMAND, rows, (NOT_RUN,))
    FOLDER.mkdir(parents=True, exist_ok=True)
    peer("export", str(RATINGS))
    rows, found = [], {}
    for work in MODELS:
        theirs = json.loads(peer("fit", work.name, str(REPEATS)))
        ours = fitted(work)
        times = fit_seconds(work)
        found[work.name] = {"formula": work.formula, "ours": {**ours, "seconds": times}, "lme4": theirs}
        rows += [*agreement(work, ours, theirs), *effects(work, theirs), speed(work, times, theirs["seconds"])]
    return publish("alliance", COMMAND, rows, notes_on(found), found)


def lme4_is_here() -> bool:
    if not shutil.which("Rscript"):
        return False
    return subprocess.run(["Rscript", "-e", "library(lme4)"], capture_output=True).returncode == 0


def peer(*words: str) -> str:
    """What the R file prints, on one thread as ours."""
    return run(["Rscript", str(PEER), *words])


def run(words: list[str]) -> str:
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_THREAD})
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}")
    return done.stdout


def fitted(work: Work) -> dict[str, object]:
    """Variances and coefficients by name, and the criterion, from the command that anybody would type."""
    rapport, model = str(Path(sys.executable).parent / "rapport"), str(FOLDER / f"{work.name}.npz")
    declared = [word for name in work.fixed for word in ("--fixed", name)]
    declared += [word for name in work.random for word in ("--random", name)]
    words = ["--ratings", str(RATINGS), "--gaussian", "--only-declared", *declared, "--model", model]
    run([rapport, "alliance", "fit", *words])
    found = json.loads(run([rapport, "alliance", "report", "--model", model, "--json"]))
    return {
        "variances": {part["name"]: part["variance"] for part in found["components"]},
        "coefficients": {part["name"]: part["estimate"] for part in found["coefficients"]},
        "criterion": found["evidence"]["criterion"],
    }


def fit_seconds(work: Work) -> list[float]:
    """Seconds of each fit, the ratings already in memory, as they are for lme4."""
    table, scores = read()
    with one_thread():
        fit(work, table, scores)
        return [seconds(lambda: fit(work, table, scores)) for _ in range(REPEATS)]


def fit(work: Work, table: dict[str, np.ndarray], scores: np.ndarray) -> AllianceModel:
    terms = {"fixed": work.fixed, "random": work.random, "only_declared": True}
    return AllianceModel(**terms, ceiling="gaussian").fit(table, scores)


def read() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The ratings' columns as text, and the scores."""
    with RATINGS.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    table = {name: np.array(column, dtype=object) for name, column in zip(header, zip(*rows, strict=True), strict=True)}
    return table, table.pop("score").astype(float)


def agreement(work: Work, ours: dict, theirs: dict) -> list[Row]:
    """Each variance beside what was published and beside what lme4 found just now; an effect; the criterion."""
    rows = []
    for name, variance in ours["variances"].items():
        printed = theirs["variances"][THEIR_NAMES[name]]
        references = {"published": work.published.get(name), "lme4 in this run": printed}
        for kind, value in references.items():
            if value is not None:
                rows.append(beside(f"{work.name}: variance of {name}, {kind}", variance, value))
    if work.name == "m1":  # in m2 the two take other levels as reference, so that only variances can be compared
        effect, printed = ours["coefficients"]["service=S1"], theirs["fixed"]["service1"]
        rows.append(beside("m1: effect of service, lme4 in this run", effect, printed))
    return [*rows, optimum(work, ours["criterion"], theirs["criterion"])]


def optimum(work: Work, ours: float, theirs: float) -> Row:
    """Minus twice the restricted log likelihood, which both minimise: ours may not end above."""
    label = f"{work.name}: REML criterion, lme4 in this run"
    return Row(label, f"{ours:.4f}", f"{theirs:.4f}", ours / theirs, "<= +1e-6", ours - theirs <= WORSE)


def beside(label: str, ours: float, theirs: float) -> Row:
    ratio = ours / theirs
    return Row(label, f"{ours:.7g}", f"{theirs:.7g}", ratio, REACH, abs(ratio - 1) < TOLERANCE)


def speed(work: Work, ours: list[float], theirs: list[float]) -> Row:
    """A ratio of medians."""
    mine, peers = statistics.median(ours), statistics.median(theirs)
    label = f"{work.name}: time of a fit, one thread, median of {REPEATS}"
    return Row(label, shown(mine), f"lme4 {shown(peers)}", mine / peers, "<= 1/8", mine / peers <= FASTER)


def effects(work: Work, theirs: dict) -> list[Row]:
    """The predicted effects of the first lecturers, to four digits."""
    model = fit(work, *read())
    places = model.metadata()["structure"]["therapists"]
    ours = model.to_arrays()["coefficients"][: len(places)]
    rows = []
    for lecturer, value in theirs["effects"].items():
        found = float(ours[places.index(lecturer)])
        label = f"{work.name}: predicted effect of lecturer {lecturer}"
        rows.append(Row(label, f"{found:.5f}", f"{value:.5f}", found / value, "4 digits", abs(found - value) < 5e-5))
    return rows


def notes_on(found: dict[str, dict]) -> tuple[str, ...]:
    theirs = found["m1"]["lme4"]
    apart = max(
        abs(ours / run_of["lme4"]["variances"][THEIR_NAMES[name]] - 1)
        for run_of in found.values()
        for name, ours in run_of["ours"]["variances"].items()
    )
    return (
        f"lme4 {theirs['lme4']} on R {theirs['R']} with {theirs['blas']}",
        *(f"{name}: {run_of['formula']}" for name, run_of in found.items()),
        f"largest relative difference from lme4 in this run {apart:.1e}",
        "s is client, d is therapist; a fit is timed with the ratings in memory, for both",
    )
