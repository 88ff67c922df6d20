"""``make bench ONLY=index``: the twenty best of a hundred thousand and of a million therapists, beside libraries that
search vectors.

Ours is the product's own search: hard requirements, eight factors, the fitted model, order, exactly; and the whole list
as ``rank`` gives it, with every refusal, outlook and reason. A peer takes a product of 64 columns with each therapist,
and is given who can be offered. Everything on one thread, each in its own process, the median of repeats; time is the
processor's, so that a busy machine cuts nobody.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.clinics import invented
from benchmarks.peers.environment import PYTHON, missing, timed, versions, worked
from benchmarks.report import Row, one_thread, publish, shown
from matcher import DEFAULT_WEIGHTS, ClinicModel, Directory, rank
from matcher.eligibility import refusals
from matcher.encoding import ClientArrays
from matcher.entities import Intake
from matcher.index import index_of, search
from matcher.index.bitmaps import MOST_BITMAPS
from matcher.index.columns import MOST_COLUMNS, MOST_KINDS, MOST_LONG
from matcher.simulation.clinic import TODAY
from matcher.simulation.therapists import draw_therapists

COMMAND = "make bench ONLY=index"
N, TIMES, TOP, REPEATS, N_CLIENTS = 100_000, 10, 20, 25, 1000
SHARES = (0.03, 0.3, 1.0)
PLACE = 32 + 4 + 32 + 8  # bytes of a point and a cell, and of a cell where everybody has one of their own
REACH = {0.03: 1 / 2, 0.3: 1 / 2, 1.0: 1.0}
PEERS = ("faiss", "implicit")
SCRIPT = Path(__file__).parent / "peers" / "vectors.py"
Flags = NDArray[np.bool_]
Figures = dict[str, object]


def main() -> bool:
    simulated = invented(60, 600)
    model = ClinicModel.fit(simulated.intakes, simulated.therapists, simulated.ratings, scale=simulated.scale)
    drawn = draw_therapists(np.random.default_rng(1), N, today=TODAY)
    small = Directory.of(replace(therapist, capacity=max(therapist.capacity, 1)) for therapist in drawn)
    newcomers = [replace(intake, id=f"new {k}") for k, intake in enumerate(invented(3, N_CLIENTS).intakes)]
    rows: list[Row] = []
    figures: Figures = {"peers": versions()}
    with one_thread():
        for directory in (small, recombined(small, TIMES)):
            for share, (intake, offered) in zip(SHARES, chosen(simulated.intakes, directory), strict=True):
                rows += beside_peers(intake, offered, directory, model, share, figures)
        rows += batch(newcomers, small, model, figures)
    figures["bytes a therapist"] = {
        "directory": size_of(small),
        "index at most": MOST_BITMAPS / 8 + 4 * MOST_KINDS + 8 * (MOST_COLUMNS + MOST_LONG) + PLACE,
        "index after 1,000 clients": index_of(small).n_bytes / N,
    }
    return publish("index", COMMAND, rows, NOTES, figures)


def recombined(directory: Directory, times: int) -> Directory:
    """So many times as many therapists: the same ways of working, people and practices, in other combinations."""
    rng, n = np.random.default_rng(2), len(directory)
    practice = {"licences", "formats", "times_online", "times_in_person", "insurances", "place", "fee_cents"}
    practice |= {"lowest_fee_cents", "capacity", "available_from"}
    people = {"languages", "years", "trainings", "profession", "age_groups"}
    parts: dict[str, list[NDArray[np.generic]]] = {field.name: [] for field in fields(directory)}
    for _ in range(times):
        orders = {"practice": rng.permutation(n), "people": rng.permutation(n), "work": np.arange(n)}
        for name, columns in parts.items():
            kind = "practice" if name in practice else "people" if name in people else "work"
            columns.append(getattr(directory, name) if name == "regions" else getattr(directory, name)[orders[kind]])
    together = {name: np.concatenate(columns) for name, columns in parts.items() if name != "regions"}
    together["ids"] = np.array([f"t{k:07d}" for k in range(n * times)], dtype=object)
    return Directory(regions=directory.regions, **together)  # type: ignore[arg-type]  # the columns of a directory


def size_of(directory: Directory) -> float:
    """Bytes of its arrays a therapist, and of the ids that one of them points to."""
    arrays = [getattr(directory, field.name) for field in fields(directory) if field.name != "regions"]
    return (sum(array.nbytes for array in arrays) + sum(id_.__sizeof__() for id_ in directory.ids)) / len(directory)


def chosen(people: Sequence[Intake], directory: Directory) -> list[tuple[Intake, Flags]]:
    """For each share the client to whom nearest to so many can be offered; for all of them one who asks for nothing."""
    everyone = [*people, Intake(id="open", concerns=people[0].concerns)]
    sample = directory.take(np.arange(0, len(directory), max(len(directory) // N, 1)))
    found = [float((refusals(ClientArrays.of((intake,)), sample)[0] == 0).mean()) for intake in everyone]
    nearest = [everyone[int(np.argmin(np.abs(np.array(found) - share)))] for share in SHARES]
    return [(intake, refusals(ClientArrays.of((intake,)), directory)[0] == 0) for intake in nearest]


def beside_peers(
    intake: Intake, offered: Flags, directory: Directory, model: ClinicModel, share: float, figures: Figures
) -> Iterator[Row]:
    """One client: our search, and our list, beside each peer."""
    client = ClientArrays.of((intake,))
    label = f"{offered.mean():.1%} of {len(directory):,} can be offered"
    theirs = {name: beside(name, offered) for name in PEERS}
    mine = taken(lambda: search(client, directory, DEFAULT_WEIGHTS, model=model, today=TODAY, top=TOP))
    rules = taken(lambda: search(client, directory, DEFAULT_WEIGHTS, today=TODAY, top=TOP))
    listed = taken(lambda: rank(intake, directory, model=model, today=TODAY, top=TOP))
    figures[label] = {"search s": mine, "search without a model s": rules, "list s": listed, **theirs}
    for name, found in theirs.items():
        yield against(f"{label}: the first {TOP}, {name}", mine, found, REACH[share])
    fastest = min((found for found in theirs.values() if not isinstance(found, str)), default="not run")
    yield against(f"{label}: the whole list", listed, fastest, None)


def batch(people: Sequence[Intake], directory: Directory, model: ClinicModel, figures: Figures) -> Iterator[Row]:
    """Many clients, each with their own requirements; the peer without any."""
    clients = [ClientArrays.of((intake,)) for intake in people]

    def work() -> object:
        return [search(client, directory, DEFAULT_WEIGHTS, model=model, today=TODAY, top=TOP) for client in clients]

    work()
    mine = statistics.median(worked(work) for _ in range(3))
    found = beside("implicit", np.ones(len(directory), dtype=np.bool_), queries=len(clients))
    figures[f"{len(clients):,} clients"] = {"search s": mine, "implicit": found}
    yield against(f"{len(clients):,} clients of {len(directory):,}: the first {TOP}, implicit", mine, found, 1.0)


def taken(work: Callable[[], object]) -> float:
    """Seconds of one piece of work, once it is warm."""
    work()
    return statistics.median(worked(work) for _ in range(REPEATS))


def beside(name: str, offered: Flags, queries: int = 1) -> float | str:
    """Seconds of the peer's search among those who can be offered; why there is none."""
    if why := missing(name):
        return why
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "offered.npy", Path(folder) / "found.json"
        np.save(given, offered)
        repeats = REPEATS if queries == 1 else 3
        answer = timed([str(PYTHON), str(SCRIPT), name, str(given), str(TOP), str(repeats), str(found), str(queries)])
        return answer.why or float(json.loads(found.read_text())["seconds"])


def against(label: str, mine: float, found: float | str, reach: float | None) -> Row:
    least = "-" if reach is None else f"<= {reach:g}"
    if isinstance(found, str):
        return Row(label, shown(mine), found, None, least, None)
    return Row(label, shown(mine), shown(found), mine / found, least, None if reach is None else mine / found <= reach)


NOTES = (
    f"processor time: medians of {REPEATS} repeats in warm processes, one thread; of 1,000 clients medians of 3 rounds",
    "ours: eligibility, factors, model, order, from the client's encoded answers; columns asked for before are kept",
    "the whole list: rank, with refusals of all others, reasons, outlooks; beside the faster peer",
    "peers: a product of 64 float32 columns, and order",
    "faiss with a bitmap of who can be offered, implicit with a list of who cannot",
    f"a million: the hundred thousand {TIMES} times, ways of working, people and practices combined anew",
)
