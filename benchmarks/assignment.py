"""``make bench ONLY=assignment``: whole waiting lists assigned exactly, beside scipy's matching and OR-Tools' flow.

Invented lists: a score is a therapist's own level, six traits of both sides and chance, in millionths; 30 % of the
pairs are allowed, capacities are drawn from 1 to 8. One list is drawn evenly instead. Each method assigns the
same list in a process of its own, on one thread; the number placed and the sum must be the same to the unit.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.environment import PYTHON, missing, timed, versions
from benchmarks.report import Row, publish, shown

COMMAND = "make bench ONLY=assignment"
SCRIPT = Path(__file__).parent / "peers" / "waiting_lists.py"
SHARE, CAPACITIES = 0.3, (1, 8)
LISTS = (
    ("500 x 200", 500, 200, False, 15),
    ("2,000 x 1,000", 2_000, 1_000, False, 7),
    ("scarce, 2,000 x 400", 2_000, 400, False, 7),
    ("10,000 x 4,000", 10_000, 4_000, False, 3),
    ("10,000 x 4,000, even scores", 10_000, 4_000, True, 3),
)
LARGE = 10_000
TIME_REACH, MEMORY_REACH = 1 / 3, 1 / 2
Found = dict[str, Any]


def main() -> bool:
    rows: list[Row] = []
    figures: dict[str, object] = {"peers": {name: pin for name, pin in versions().items() if name == "ortools"}}
    for label, n, m, even, repeats in LISTS:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), n, m, even)
            found = {name: assigned(name, Path(folder), repeats) for name in ("ours", "scipy", "ortools")}
        figures[label] = found
        rows += compared(label, n, found)
    return publish("assignment", COMMAND, rows, NOTES, figures)


def write(folder: Path, n: int, m: int, even: bool) -> None:
    """A list in compressed rows."""
    rng = np.random.default_rng(1)
    level, traits = rng.normal(size=m) * 0.05, rng.normal(size=(m, 6))
    counts, therapist, score = [], [], []
    for start in range(0, n, 500):
        size = min(500, n - start)
        chance = rng.random((size, m)) if even else rng.normal(size=(size, m)) * 0.05
        points = chance if even else 0.6 + level + 0.04 * rng.normal(size=(size, 6)) @ traits.T + chance
        allowed = rng.random((size, m)) < SHARE
        allowed[np.arange(size), rng.integers(0, m, size)] = True
        counts.append(allowed.sum(axis=1))
        therapist.append(np.nonzero(allowed)[1].astype(np.int32))
        score.append(np.rint(np.clip(points[allowed], 0, 1) * 1e6).astype(np.int32))
    np.save(folder / "first.npy", np.concatenate([[0], np.cumsum(np.concatenate(counts))]))
    np.save(folder / "therapist.npy", np.concatenate(therapist))
    np.save(folder / "millionths.npy", np.concatenate(score))
    np.save(folder / "capacity.npy", rng.integers(CAPACITIES[0], CAPACITIES[1] + 1, m))


def assigned(name: str, folder: Path, repeats: int) -> Found | str:
    """What a method found and took; why there is nothing."""
    if name == "ortools" and (why := missing("ortools")):
        return why
    out = folder / f"{name}.json"
    python = str(PYTHON) if name == "ortools" else sys.executable
    repeats = 1 if name == "scipy" and repeats <= 3 else repeats
    answer = timed([python, str(SCRIPT), name, str(folder), str(repeats), str(out)])
    return answer.why or json.loads(out.read_text())


def compared(label: str, n: int, found: dict[str, Found | str]) -> list[Row]:
    ours = found["ours"]
    if isinstance(ours, str):
        return [Row(f"{label}: assigned and proved", ours, "", None, "yes", False)]
    rows = []
    for name in ("scipy", "ortools"):
        peer = found[name]
        large = n == LARGE and name == "ortools"
        reach = {"time": TIME_REACH if large else None, "peak memory": MEMORY_REACH if large else None}
        if isinstance(peer, str):
            rows.append(Row(f"{label}: time, {name}", shown(ours["seconds"]), peer, None, "-", None))
            continue
        same = (ours["placed"], ours["total"]) == (peer["placed"], peer["total"])
        rows.append(Row(f"{label}: the optimum, {name}", said(ours), said(peer), None, "equal", same))
        rows.append(against(f"{label}: time, {name}", ours, peer, "seconds", reach["time"]))
        rows.append(against(f"{label}: peak memory, {name}", ours, peer, "peak", reach["peak memory"]))
    return rows


def said(found: Found) -> str:
    return f"{found['placed']:,}: {found['total']:,}"


def against(work: str, ours: Found, peer: Found, what: str, reach: float | None) -> Row:
    texts = [shown(each[what]) if what == "seconds" else f"{each[what] / 1e6:,.0f} MB" for each in (ours, peer)]
    ratio = ours[what] / peer[what]
    least = "-" if reach is None else f"<= {reach:.3g}"
    return Row(work, *texts, ratio, least, None if reach is None else ratio <= reach)


NOTES = (
    "processor time, medians, from the list in memory to the answer; the proof over all pairs is part of ours",
    "peak memory of the whole process, the list and the libraries included",
    "the optimum: how many are placed, and the sum of their scores in millionths",
    "scipy: sparse matching with a seat for each place, once where the list is large; OR-Tools: all pairs as arcs",
)
