"""How every benchmark speaks: a table, a last line of JSON, and a kept result with versions and machine."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("numpy", "scipy", "scikit-learn", "sqlalchemy", "flask")


@dataclass(frozen=True)
class Row:
    """One figure: what was done, ours and its peer or floor as text, their ratio, and what was to be reached."""

    work: str
    ours: str
    peer: str
    ratio: float | None
    reach: str
    met: bool | None

    def line(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.4g}"
        met = {True: "yes", False: "no", None: "-"}[self.met]
        return f"{self.work:<58} {self.ours:>20} {self.peer:>24} {ratio:>9} {self.reach:>12} {met:>4}"


def publish(
    name: str,
    command: str,
    rows: list[Row],
    notes: tuple[str, ...] = (),
    figures: Mapping[str, object] | None = None,
) -> bool:
    """Print the table and keep it; true when every row that has something to reach has reached it.

    ``figures`` are kept beside the rows, for whoever wants to see what a row was made of.
    """
    print(f"{'work':<58} {'ours':>20} {'peer or floor':>24} {'ratio':>9} {'reach':>12} {'met':>4}")
    for row in rows:
        print(row.line())
    for note in notes:
        print(f"  {note}")
    kept = {"name": name, "command": command, **machine(), "notes": notes, "rows": [asdict(row) for row in rows]}
    if figures:
        kept["figures"] = figures
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    brief = [{"work": r.work, "ratio": r.ratio, "reach": r.reach, "met": r.met} for r in rows]
    print(json.dumps({"name": name, "rows": brief}, ensure_ascii=False))
    return all(row.met is not False for row in rows)


def machine() -> dict[str, object]:
    return {
        "when": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "versions": {name: version(name) for name in LIBRARIES},
    }


def paired(ours: Callable[[], object], floor: Callable[[], object], repeats: int = 15) -> tuple[float, float, float]:
    """Median seconds of ours and of the floor, taken in turn, and the median of the ratios pair by pair."""
    ours(), floor()
    pairs = [(seconds(ours), seconds(floor)) for _ in range(repeats)]
    middle = [statistics.median(times) for times in zip(*pairs, strict=True)]
    return middle[0], middle[1], statistics.median(a / b for a, b in pairs)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def one_thread() -> AbstractContextManager[object]:
    """One thread for every BLAS and OpenMP; only for what is loaded by now, so both of numpy's and scipy's are."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)


def shown(seconds_taken: float) -> str:
    return f"{seconds_taken * 1e3:.3g} ms" if seconds_taken < 1 else f"{seconds_taken:.3g} s"
