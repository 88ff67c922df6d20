"""``make bench ONLY=scale``: large simulated problems, beside gpboost and lme4 on one thread; time and peak memory.

Each program runs in a process of its own with the ratings in memory; only its fit is timed, by the processor's clock,
since the machine may be shared: one thread's seconds there are what a free machine would take. Peak memory is the
process's, the ratings included. A peer that takes more than ten minutes of the processor is cut and shown as ">".
"""

from __future__ import annotations

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.crossed import COVARIATES, Size, read, written
from benchmarks.report import Row, publish, shown
from matcher import AllianceModel

COMMAND = "make bench ONLY=scale"
FOLDER = Path("build/bench/scale")
PEERS = Path(__file__).parent / "peers"
GPBOOST = Path(".bench-env/bin/python")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
CUT = 600  # seconds
REPEATS = {"1e5": 3, "1e6": 3, "1e7": 1}
# Ten ratings a client, as in the published sets of alliance ratings; therapists grow slower than clients, since a
# larger service gives each of them more clients: 50, 125 and 500 a therapist and more.
MIDDLE = Size("1e5", 100_000, 10_000, 500, 5)
LARGE = Size("1e6", 1_000_000, 100_000, 2_000, 0)
LARGEST = Size("1e7", 10_000_000, 1_000_000, 5_000, 0)
CLOSE = 0.1  # of a standard error
EXACT = 1e-12  # of -2 log L: where the optimum is taken to be
NO_GPBOOST = "gpboost is not here: make .bench-env with uv venv and install gpboost into it"


@dataclass(frozen=True)
class Run:
    """What one process found: seconds of each fit, peak memory, variances in the order of the model's terms."""

    seconds: list[float]
    peak: int
    variances: list[float]
    more: dict

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def main() -> bool:
    for size in (MIDDLE, LARGE, LARGEST):
        written(size, FOLDER)
    middle, large, largest = (ours(size, REPEATS[size.name]) for size in (MIDDLE, LARGE, LARGEST))
    rows = [*accuracy(MIDDLE, middle), *beside_gpboost(MIDDLE, middle, 1 / 5, None)]
    rows += [beside_lme4(MIDDLE, middle, 1 / 50)]
    rows += [*accuracy(LARGE, large), *beside_gpboost(LARGE, large, 1 / 15, 1 / 2)]
    rows += own(LARGEST, largest, large)
    notes = (
        "seconds of the processor's clock, one thread; ours the median of three fits (1e7: one), peers one fit",
        "variances: largest distance from our own fit with a promise below 1e-12, in standard errors",
    )
    figures = {run.more["name"]: run.__dict__ for run in (middle, large, largest)}
    return publish("scale", COMMAND, rows, notes, figures)


def ours(size: Size, repeats: int) -> Run:
    found = answer([sys.executable, "-m", "benchmarks.scale", "fit", size.name, str(size.slopes), str(repeats)])
    if found is None:
        raise SystemExit(f"our own fit of {size.name} ratings took longer than {CUT:g} s")
    return Run(found["seconds"], found["peak"], found["variances"], {"name": size.name, **found})


def answer(words: list[str], limit: int = CUT) -> dict | None:
    """The JSON that a process prints last; None where it was cut."""

    def cut() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))

    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_THREAD}, preexec_fn=cut)
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return None
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def accuracy(size: Size, run: Run) -> list[Row]:
    """The variances beside the exact optimum, in standard errors."""
    place = FOLDER / size.name / "optimum.json"
    if not place.exists():
        words = [sys.executable, "-m", "benchmarks.scale", "fit", size.name, str(size.slopes), "1", str(EXACT)]
        place.write_text(json.dumps(answer(words, 10 * CUT)))
    best = json.loads(place.read_text())
    far = distance(run.variances, best)
    label = f"{size.name}: variances from the exact optimum"
    return [Row(label, f"{far:.2g} se", "", None, "<= 0.1 se", far <= CLOSE)]


def distance(variances: list[float], best: dict) -> float:
    return float(np.max(np.abs(np.array(variances) - best["variances"]) / best["errors"]))


def beside_gpboost(size: Size, run: Run, faster: float, smaller: float | None) -> list[Row]:
    label, reach = f"{size.name}: time, gpboost", f"<= 1/{1 / faster:g}"
    if not GPBOOST.exists():
        return [Row(label, shown(run.median), NO_GPBOOST, None, reach, None)]
    peer = PEERS / "crossed_gpboost.py"
    found = answer([str(GPBOOST), str(peer), str(FOLDER / size.name), str(size.slopes), "default"])
    rows = [against(label, run, found, faster)]
    if found is not None:
        best = json.loads((FOLDER / size.name / "optimum.json").read_text())
        residual, *others = found["variances"]
        far = distance([*others, residual], best)
        rows.append(Row(f"{size.name}: gpboost's variances from the same", "", f"{far:.2g} se", None, "", None))
    if found is not None and smaller is not None:
        ratio = run.peak / found["peak"]
        mine, theirs = (f"{peak / 1e6:.0f} MB" for peak in (run.peak, found["peak"]))
        label = f"{size.name}: peak memory, gpboost"
        rows.append(Row(label, mine, theirs, ratio, f"<= 1/{1 / smaller:g}", ratio <= smaller))
    return rows


def beside_lme4(size: Size, run: Run, faster: float) -> Row:
    words = ["Rscript", str(PEERS / "crossed.R"), str(FOLDER / size.name), str(size.ratings), str(size.slopes)]
    return against(f"{size.name}: time, lme4", run, answer(words), faster)


def against(label: str, run: Run, found: dict | None, faster: float) -> Row:
    seconds = CUT if found is None else found["seconds"]
    ratio = run.median / seconds
    theirs = f"> {CUT:g} s" if found is None else shown(seconds)
    return Row(label, shown(run.median), theirs, ratio, f"<= 1/{1 / faster:g}", ratio <= faster)


def own(size: Size, run: Run, smaller: Run) -> list[Row]:
    """The largest problem beside one pass over it, beside its own input, and beside the problem before it."""
    one = answer([sys.executable, "-m", "benchmarks.scale", "pass", size.name])
    assert one is not None
    pass_, growth, room = run.median / one["seconds"], run.median / smaller.median, run.peak / size.input_bytes
    mine, peak, whole = shown(run.median), f"{run.peak / 1e6:.0f} MB", f"{size.input_bytes / 1e6:.0f} MB"
    return [
        Row(
            f"{size.name}: time, one pass of all cross-products",
            mine,
            shown(one["seconds"]),
            pass_,
            "<= 25",
            pass_ <= 25,
        ),
        Row(f"{size.name}: time, a tenth of the ratings", mine, shown(smaller.median), growth, "<= 15", growth <= 15),
        Row(f"{size.name}: peak memory, the input", peak, whole, room, "<= 2", room <= 2),
    ]


def fit(name: str, slopes: int, repeats: int, tol: float) -> dict:
    """Our fit of ratings in memory, after a small one that loads the libraries."""
    names = [f"x{at}" for at in range(COVARIATES)]
    small = {"client_id": [0, 0, 1, 1, 2], "therapist_id": [0, 1, 0, 0, 1]}
    AllianceModel(only_declared=True).fit(small, [9, 5, 8, 9, 5])
    ratings = read(FOLDER / name)
    table, seconds = ratings.table(), []
    for _ in range(repeats):
        model = AllianceModel(only_declared=True, fixed=names, vary_by=names[:slopes], tol=tol)
        start = time.process_time()
        model.fit(table, ratings.score)
        seconds.append(time.process_time() - start)
        variances = [part.variance for part in model.components_]
        errors = [
            part.variance * np.log(part.upper95 / part.variance) / 1.6448536269514722 for part in model.components_
        ]
        report = model.report_
        del model  # the next one is not to be held beside it
    return {
        "seconds": seconds,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "variances": variances,
        "errors": errors,
        "iterations": report["iterations"],
        "criterion": report["criterion"],
    }


def one_pass(name: str) -> dict:
    """Every cross-product of clients, therapists, covariates and score, as plain numpy and scipy build them."""
    ratings = read(FOLDER / name)
    n = len(ratings.score)
    start = time.process_time()
    by_client, by_therapist, counts = None, None, None
    gram = 0.0
    for at in range(0, n, 1 << 20):  # at once there would be a second copy of all ratings
        part = slice(at, at + (1 << 20))
        columns = np.column_stack([*ratings.covariates[:, part], ratings.score[part]])
        client, therapist = ratings.client[part], ratings.therapist[part]
        ends = np.arange(len(client) + 1)
        ones = np.ones(len(client))
        c = sparse.csr_array((ones, client, ends), shape=(len(client), int(ratings.client.max()) + 1))
        t = sparse.csr_array((ones, therapist, ends), shape=(len(client), int(ratings.therapist.max()) + 1))
        found = c.T @ columns, t.T @ columns, sparse.csr_array(c.T @ t)
        first = by_client is None
        by_client = found[0] if first else by_client + found[0]
        by_therapist = found[1] if first else by_therapist + found[1]
        counts = found[2] if first else counts + found[2]
        gram = gram + columns.T @ columns
    return {"seconds": time.process_time() - start}


if __name__ == "__main__":
    what, name, *words = sys.argv[1:]
    if what == "fit":
        slopes, repeats = int(words[0]), int(words[1])
        print(json.dumps(fit(name, slopes, repeats, float(words[2]) if words[2:] else 1e-7)))
    else:
        print(json.dumps(one_pass(name)))
