"""``make bench ONLY=tuning``: what other weights would change, for 40 recent intakes among 500 therapists.

Ours is the service behind the tuning page and all that it says; the floor is one product and one partial sort of the
same arrays, twice, once for each set of weights. Everything on one thread in one process.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks import clinics
from benchmarks.clinics import Stored
from benchmarks.report import Row, one_thread, paired, publish, seconds, shown
from matcher import DEFAULT_WEIGHTS, Panel, normalised, preview
from matcher.entities import Weights
from matcher.factors.registry import FACTORS
from web.services import matching, models, panels

COMMAND = "make bench ONLY=tuning"
N_THERAPISTS, N_CLIENTS, TOP = 500, 120, 5
REPEATS, COLD_REPEATS, MOST_MS = 25, 7, 300
TRIED = {"alliance": 3, "preference_fit": 2, "access": 4}


def main() -> bool:
    with clinics.temporary() as folder, one_thread():
        rows = measured(clinics.stored(Path(folder), clinics.invented(N_THERAPISTS, N_CLIENTS)))
    return publish("tuning", COMMAND, rows, NOTES)


def measured(clinic: Stored) -> list[Row]:
    """The page's service with nothing kept, with the panel kept, and the arithmetic beside its floor."""
    now = datetime.now(UTC)
    with clinic.session() as session:

        def asked() -> object:
            return panels.preview(session, clinic.clinic, TRIED, now=now)

        first = [_forgotten(asked, everything=True) for _ in range(COLD_REPEATS)]
        anew = [_forgotten(asked, everything=False) for _ in range(COLD_REPEATS)]
        warm = statistics.median(seconds(asked) for _ in range(REPEATS))
        panel = panels._kept[clinic.id].panel
    assert (len(panel), len(panel.therapist_ids)) == (panels.MOST, N_THERAPISTS)
    before, after = DEFAULT_WEIGHTS, normalised(TRIED, version="tried")
    ours, floor, ratio = paired(
        lambda: preview(panel, before, after, top=TOP), lambda: least(panel, before, after), REPEATS
    )
    return [
        Row(
            "the first page of a process: directory, model and panel",
            shown(statistics.median(first)),
            "",
            None,
            "",
            None,
        ),
        _within("preview by the service: the panel is made anew", statistics.median(anew)),
        _within("preview by the service: the panel is kept", warm),
        Row("the same, from arrays to everything that is said", shown(ours), shown(floor), ratio, "", None),
    ]


def least(panel: Panel, before: Weights, after: Weights) -> list[object]:
    """The first places under both weights, unordered, and nothing said of them."""
    return [_first(panel, weights) for weights in (before, after)]


def _first(panel: Panel, weights: Weights) -> object:
    column = np.array([weights.values[factor.code] for factor in FACTORS])
    score = np.where(panel.offered, np.einsum("k,kct->ct", column, panel.values), -1.0)
    return np.argpartition(-score, TOP, axis=1)[:, :TOP]


def _forgotten(work: Callable[[], object], *, everything: bool) -> float:
    """Seconds of the work after the panel was forgotten, and with it directory and model where everything was."""
    panels._kept.clear()
    if everything:
        matching._known.clear()
        models._loaded.clear()
    return seconds(work)


def _within(work: str, taken: float) -> Row:
    return Row(work, shown(taken), f"{MOST_MS} ms", 1e3 * taken / MOST_MS, "<= 1", 1e3 * taken <= MOST_MS)


NOTES = (
    f"{N_THERAPISTS} therapists, {panels.MOST} intakes, medians of {REPEATS} repeats, one thread",
    "the page adds its template; the script waits 200 ms after the last touch before it asks",
)
