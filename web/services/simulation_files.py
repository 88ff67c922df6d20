"""A simulated clinic as files: for the alliance commands, for the import, and the truth beside them.

ratings.csv clients.csv therapists.csv pairs.csv   covariates, for ``rapport alliance fit`` and ``predict``
truth.csv                                          the true alliance of every pair
import/therapists.csv clients.csv ratings.csv      people and forms, for ``rapport import``
import/intake.json                                 a client who has met nobody yet, for ``rapport match``
simulation.json                                    how all this was made
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from matcher import Directory, SimulatedClinic, rank, simulate
from matcher.encoding import ClientArrays, client_features, match_features, therapist_features
from matcher.entities import Intake
from web.exchange.schema import intake_document
from web.exchange.writing import write_clients, write_ratings, write_therapists

MAKER = "rapport simulate"
RECORD = "simulation.json"
A_CHOICE = 5  # the new client's intake is to show a list worth looking at
_CLIENTS_AT_ONCE = 500
Columns = Mapping[str, np.ndarray]


class FolderTaken(Exception):
    """The folder holds something that was not made here."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to simulate."""

    therapists: int = 60
    clients: int = 1500
    dyad_share: float = 0.15
    curved: bool = False
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: rows a file, and what the clinic is like."""

    folder: Path
    rows: Mapping[str, int]
    n_dyads: int
    n_new_clients: int
    ceiling_share: float
    left_early_share: float
    missing_share: float


def write_simulation(folder: Path, wanted: Wanted) -> Written:
    """Simulate a clinic and write its files into a folder that is new, empty, or was made here before.

    Raises FolderTaken for any other folder, and InvalidInput for a clinic that cannot be.
    """
    _check_free(folder)
    clinic = simulate(
        np.random.default_rng(wanted.seed),
        n_therapists=wanted.therapists,
        n_clients=wanted.clients,
        dyad_share=wanted.dyad_share,
        curved=wanted.curved,
    )
    (folder / "import").mkdir(parents=True, exist_ok=True)
    record = {"made_by": MAKER, **asdict(wanted), "truth_shares": asdict(clinic.truth.shares)}
    _write_json(folder / RECORD, record)  # first, so that a run that was cut short can be repeated
    rows = _write_covariates(folder, clinic) | _write_imports(folder / "import", clinic)
    return _summary(folder, clinic, rows)


def _check_free(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise FolderTaken(f"{folder} is a file; name a folder")
    if folder.is_dir() and any(folder.iterdir()) and not _made_here(folder / RECORD):
        raise FolderTaken(f"{folder} holds files that `{MAKER}` did not make; name another folder, or empty it")


def _made_here(record: Path) -> bool:
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("made_by") == MAKER


def _write_covariates(folder: Path, clinic: SimulatedClinic) -> dict[str, int]:
    clients, directory = ClientArrays.of(clinic.intakes), Directory.of(clinic.therapists)
    tables: dict[str, Iterator[Columns]] = {
        "therapists.csv": iter([therapist_features(directory)]),
        "clients.csv": iter([client_features(clients)]),
        "ratings.csv": iter([_ratings(clinic, clients, directory)]),
        "pairs.csv": _blocks(clinic, clients, directory, _match),
        "truth.csv": _blocks(clinic, clients, directory, _truth),
    }
    return {name: _write_table(folder / name, blocks) for name, blocks in tables.items()}


def _ratings(clinic: SimulatedClinic, clients: ClientArrays, directory: Directory) -> Columns:
    row_of = {id_: row for row, id_ in enumerate(clients.ids)}
    c = np.array([row_of[rating.client_id] for rating in clinic.ratings], dtype=np.intp)
    t = np.array([directory.row(rating.therapist_id) for rating in clinic.ratings], dtype=np.intp)
    return {
        "client_id": np.array(clients.ids)[c],
        "therapist_id": directory.ids[t],
        "session": np.array([rating.session for rating in clinic.ratings]),
        "score": np.array([rating.score for rating in clinic.ratings]),
        "rated_at": np.array([rating.rated_at.isoformat() for rating in clinic.ratings if rating.rated_at]),
        **match_features(clients, directory, (c, t)),
    }


def _blocks(clinic: SimulatedClinic, clients: ClientArrays, directory: Directory, columns: Any) -> Iterator[Columns]:
    """Every pair, some clients at a time, so that a large clinic needs no memory for all of them at once."""
    for start in range(0, len(clients), _CLIENTS_AT_ONCE):
        rows = np.arange(start, min(start + _CLIENTS_AT_ONCE, len(clients)))
        found: Columns = columns(clinic, clients, directory, rows)
        yield {
            "client_id": np.repeat(np.array(clients.ids)[rows], len(directory)),
            "therapist_id": np.tile(directory.ids, len(rows)),
            **{name: values.reshape(-1) for name, values in found.items()},
        }


def _match(clinic: SimulatedClinic, clients: ClientArrays, directory: Directory, rows: np.ndarray) -> Columns:
    return match_features(clients.take(rows), directory)


def _truth(clinic: SimulatedClinic, clients: ClientArrays, directory: Directory, rows: np.ndarray) -> Columns:
    return {"expected_score": clinic.expected[rows], "latent": clinic.latent[rows]}


def _write_table(path: Path, blocks: Iterable[Columns]) -> int:
    """Write columns block by block, empty for missing; how many rows it were."""
    n_rows = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for columns in blocks:
            if n_rows == 0:
                writer.writerow(columns)
            lists = [["" if value != value else value for value in column.tolist()] for column in columns.values()]
            writer.writerows(zip(*lists, strict=True))
            n_rows += len(lists[0])
    return n_rows


def _write_imports(folder: Path, clinic: SimulatedClinic) -> dict[str, int]:
    write_therapists(folder / "therapists.csv", clinic.therapists)
    write_clients(folder / "clients.csv", clinic.intakes)
    write_ratings(folder / "ratings.csv", clinic.ratings)
    _write_json(folder / "intake.json", intake_document(_somebody_new(clinic)))
    return {
        "import/therapists.csv": len(clinic.therapists),
        "import/clients.csv": len(clinic.intakes),
        "import/ratings.csv": len(clinic.ratings),
        "import/intake.json": 1,
    }


def _somebody_new(clinic: SimulatedClinic) -> Intake:
    """The first client without ratings who has a choice of therapists; else the one with the most."""
    rated = {rating.client_id for rating in clinic.ratings}
    directory = Directory.of(clinic.therapists)
    new = [intake for intake in clinic.intakes if intake.id not in rated] or list(clinic.intakes)
    choices: dict[int, Intake] = {}
    for intake in new:
        n_matches = len(rank(intake, directory).matches)
        if n_matches >= A_CHOICE:
            return intake
        choices.setdefault(n_matches, intake)
    return choices[max(choices)]


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _summary(folder: Path, clinic: SimulatedClinic, rows: Mapping[str, int]) -> Written:
    courses = clinic.courses
    return Written(
        folder=folder,
        rows=rows,
        n_dyads=len(courses),
        n_new_clients=len(clinic.intakes) - len(set(courses.client.tolist())),
        ceiling_share=clinic.ceiling_share,
        left_early_share=float(courses.left.mean()),
        missing_share=1 - float(courses.form.sum() / courses.held.sum()),
    )
