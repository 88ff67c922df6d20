"""``make bench ONLY=web``: what the served product weighs, how soon it answers, and how much it gets done.

Every server is a process of its own on the loopback, as ``rapport serve`` starts it.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np

from benchmarks import clinics, pages, serving
from benchmarks.clinics import Stored
from benchmarks.report import Row, one_thread, paired, publish, shown
from benchmarks.serving import Asking
from matcher import Directory
from matcher.encoding import ClientArrays, client_features, match_features, therapist_features
from web.services import models
from web.services.models import Material

COMMAND = "make bench ONLY=web"
THREADS, REQUESTS, PEOPLE = 4, 15, 25
REPEATS = 5
WORKERS = 2  # what `rapport serve` starts where nothing is said
LOAD_SECONDS = 2.5
DEMO_MB, LARGE_MB, START_SECONDS, FIT_SECONDS = 300, 450, 4, 2


def main() -> bool:
    figures: dict[str, object] = {}
    with clinics.temporary() as folder:
        demo = clinics.demo_clinic(folder)
        rows = [*start(demo, folder, figures), fit(demo, figures), *load(demo, folder, figures)]
        rows += pages.rows(folder, figures)
        large = clinics.stored(folder, clinics.invented(10_000, 300))
        rows = [*weights(demo, large, folder, figures), *rows]
    return publish("web", COMMAND, rows, NOTES + pages.NOTES, figures)


def weights(demo: Stored, large: Stored, folder: Path, figures: dict[str, object]) -> list[Row]:
    """Resident memory of one worker after its first requests, which come at once."""
    works = (
        ("memory of a worker, demo clinic", demo, "demo", DEMO_MB),
        ("memory of a worker, 10,000 therapists", large, "production", LARGE_MB),
    )
    if not serving.can_weigh():
        return [Row(label, "not run", "not run", None, f"<= {most} MB", None) for label, _, _, most in works]
    floor = weight_of_bare(folder, Asking.of(demo, PEOPLE))
    figures["memory MB, bare Flask"] = floor
    rows = []
    for label, clinic, environment, most in works:
        found = weight(clinic, folder, environment)
        figures[f"{label}, MB"] = found
        mine, theirs = found["resident"], floor["resident"]
        reach = f"<= {most} MB"
        rows.append(Row(label, f"{mine:.0f} MB", f"bare Flask {theirs:.0f} MB", mine / theirs, reach, mine <= most))
    return rows


def weight(clinic: Stored, folder: Path, environment: str) -> dict[str, float]:
    with serving.rapport(clinic, folder, workers=1, environment=environment) as server:
        serving.ask_together(server, Asking.of(clinic, PEOPLE), THREADS, REQUESTS)
        return serving.memory(server)


def weight_of_bare(folder: Path, asking: Asking) -> dict[str, float]:
    with serving.bare(folder, workers=1) as server:
        serving.ask_together(server, asking, THREADS, REQUESTS)
        return serving.memory(server)


def start(demo: Stored, folder: Path, figures: dict[str, object]) -> list[Row]:
    """From the start of the process to the first 200 on /healthz, ours and the bare one in turn."""
    first = [started(demo, folder, f"code-{k}") for k in range(REPEATS)]
    later = [started(demo, folder, serving.COMPILED) for _ in range(REPEATS + 1)][1:]
    figures["start s, ours and bare"] = {"first": first, "later": later}
    return [
        start_row("first start of `rapport serve`, nothing compiled", first),
        start_row("later start of `rapport serve`", later),
    ]


def start_row(label: str, pairs: list[tuple[float, float]]) -> Row:
    mine, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return Row(label, shown(mine), f"bare Flask {shown(theirs)}", ratio, f"<= {START_SECONDS} s", mine <= START_SECONDS)


def started(demo: Stored, folder: Path, code: str) -> tuple[float, float]:
    """Seconds until ours and until the bare one answered."""
    with serving.rapport(demo, folder, workers=WORKERS, environment="demo", code=code) as ours:
        pass
    with serving.bare(folder, workers=WORKERS, code=f"{code}-bare") as floor:
        return ours.seconds, floor.seconds


def fit(demo: Stored, figures: dict[str, object]) -> Row:
    """The demo clinic's model from its ratings in memory, beside one least squares over the same columns."""
    with demo.session() as session:
        material = models.material(session)
    X, y = design(material)
    with one_thread():
        mine, theirs, ratio = paired(
            lambda: models.estimate(material, demo.clinic), lambda: np.linalg.lstsq(X, y, rcond=None), REPEATS
        )
    figures["fit"] = {"ours s": mine, "floor s": theirs, "rows and columns of the floor": list(X.shape)}
    reach = f"<= {FIT_SECONDS} s"
    return Row(
        "fit of the demo clinic", shown(mine), f"least squares {shown(theirs)}", ratio, reach, mine <= FIT_SECONDS
    )


def design(material: Material) -> tuple[np.ndarray, np.ndarray]:
    """Ratings × (1, every covariate as a column, a column for each therapist), and the scores."""
    clients, directory = ClientArrays.of(material.intakes), Directory.of(material.therapists)
    row_of = {id_: row for row, id_ in enumerate(clients.ids)}
    c = np.array([row_of[rating.client_id] for rating in material.ratings])
    t = np.array([directory.row(rating.therapist_id) for rating in material.ratings])
    said = {name: column[c] for name, column in client_features(clients).items() if name != "client_id"}
    said |= {name: column[t] for name, column in therapist_features(directory).items() if name != "therapist_id"}
    families = said.pop("concern_family")
    columns = [np.ones(len(c)), np.array([rating.session for rating in material.ratings], dtype=float)]
    columns += [filled(column) for column in (said | match_features(clients, directory, (c, t))).values()]
    columns += [families == family for family in np.unique(families)[1:]]
    columns += [t == row for row in np.unique(t)]
    return np.column_stack(columns).astype(float), np.array([rating.score for rating in material.ratings])


def filled(column: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(column), np.nanmean(column), column)


def load(demo: Stored, folder: Path, figures: dict[str, object]) -> list[Row]:
    """Lists a second for the demo clinic beside a constant answer of the same size, in turn, both servers up."""
    asking = Asking.of(demo, PEOPLE)
    with serving.rapport(demo, folder, workers=WORKERS, environment="demo") as ours:
        size = round(statistics.mean(sizes(ours, asking)))
        with serving.bare(folder, workers=WORKERS, answer=b'{"matches": "' + b"x" * (size - 15) + b'"}') as floor:
            for server in (ours, floor):
                serving.ask_together(server, asking, THREADS, REQUESTS)
            pairs = [
                tuple(serving.rate(s, asking, THREADS, LOAD_SECONDS) for s in (ours, floor)) for _ in range(REPEATS)
            ]
    mine, theirs = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    figures["requests a second"] = {"pairs": pairs, "bytes of an answer": size, "threads that ask": THREADS}
    ratio = statistics.median(a / b for a, b in pairs)
    return [
        Row("POST /api/v1/matches, demo clinic", f"{mine:.0f} a second", f"bare Flask {theirs:.0f}", ratio, "", None)
    ]


def sizes(server: serving.Running, asking: Asking) -> list[int]:
    return [len(serving.answer(server, Asking((body,), asking.token))) for body in asking.bodies]


NOTES = (
    f"memory: one worker after {THREADS} threads asked {REQUESTS} times each, the very first requests at once",
    "memory: resident as the system counts it, pages shared with the parent process included; MB are 10^6 bytes",
    "10,000 therapists: brought in by the import, model fitted on 300 clients (some 300 of the therapists are rated)",
    f"start: {WORKERS} workers, median of {REPEATS}, from the process's start to the first 200 on /healthz",
    "start: files in the page cache; the first one compiles all Python code, later ones find it compiled",
    f"fit: median of {REPEATS} pairs, one thread, reading not included",
    "least squares: one unpenalised pass, a column for each covariate and therapist, nothing for clients and pairs",
    f"a second: {WORKERS} workers, {THREADS} connections kept open from one process on this machine, limits raised",
    "bare Flask: reads the body and answers constant bytes as long as ours on average, on the same server settings",
)
