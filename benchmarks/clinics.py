"""Clinics for the benchmarks: invented, brought in as a real clinic's files are, in a folder of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from matcher import SimulatedClinic, simulate
from matcher.entities import Intake
from web import folders, key_file
from web.db import engine, schema, tenancy
from web.exchange.reading import read_clients
from web.exchange.writing import write_clients, write_ratings, write_therapists
from web.services import clinics, demo, importing, models, tokens
from web.services.clinics import Clinic

SEED = 7


@dataclass(frozen=True)
class Stored:
    """A clinic in a database: where, which, a token for its API, and people who could ask for a list."""

    url: str
    clinic: Clinic
    token: str
    people: tuple[Intake, ...]

    @property
    def id(self) -> UUID:
        return self.clinic.id

    @contextmanager
    def session(self, *, writes: bool = False) -> Iterator[Session]:
        """A session that has entered the clinic, as a request gets one; committed at the end where it writes."""
        with engine.sessions(self.url)() as opened:
            if writes:
                engine.writing(opened)
            yield tenancy.enter(opened, self.id)
            if writes:
                opened.commit()


@contextmanager
def temporary() -> Iterator[Path]:
    """A folder that is gone afterwards, and every connection into it before that."""
    with TemporaryDirectory(prefix="rapport-bench-") as name:
        folder = Path(name)
        os.environ["RAPPORT_KEYS"] = str(folder / "rapport.keys")  # for the servers that are started, too
        key_file.make(folder / "rapport.keys", _now())
        key_file.install(folder / "rapport.keys", None)
        try:
            yield folder
        finally:
            for database in folder.glob("*.sqlite"):
                engine.close(f"sqlite:///{database}")


def invented(n_therapists: int, n_clients: int) -> SimulatedClinic:
    """The same clinic every time."""
    return simulate(np.random.default_rng(SEED), n_therapists=n_therapists, n_clients=n_clients)


def stored(folder: Path, simulated: SimulatedClinic) -> Stored:
    """A simulated clinic written to files, imported, fitted, its model serving: the path that a real one takes."""
    n = len(simulated.therapists)
    url = f"sqlite:///{folder / f'{n}.sqlite'}"
    files = _files(folder, simulated)
    schema.upgrade(url)
    with engine.sessions(url)() as session:
        engine.writing(session)
        made = clinics.create(session, f"bench-{n}", f"{n} therapists", now=_now(), scale=simulated.scale)
        for kind, path in files.items():
            found = importing.import_file(session, made, kind, path, now=_now())
            if not found.stored:
                raise SystemExit(f"{kind}: {found.reading.problems[:3]}")
        model = models.estimate(models.material(session), made)
        models.publish(session, made, model, now=_now())
        token = tokens.issue(session, now=_now())
        session.commit()
    return Stored(url, made, token, simulated.intakes)


def demo_clinic(folder: Path) -> Stored:
    """The demo's own clinic, made as ``rapport demo`` makes it."""
    url = f"sqlite:///{folder / 'demo.sqlite'}"
    made = demo.prepare(url, _now())
    demo.fit(url, made, _now())
    with engine.sessions(url)() as session:
        engine.writing(session)
        clinics.find(session, made.slug)
        token = tokens.issue(session, now=_now())
        session.commit()
    people = read_clients(folders.seed_data() / "clients.csv").entities
    return Stored(url, made, token, tuple(people))


def _files(folder: Path, simulated: SimulatedClinic) -> dict[str, Path]:
    paths = {kind: folder / f"{kind}.csv" for kind in ("therapists", "clients", "ratings")}
    write_therapists(paths["therapists"], simulated.therapists)
    write_clients(paths["clients"], simulated.intakes)
    write_ratings(paths["ratings"], simulated.ratings)
    return paths


def _now() -> datetime:
    return datetime.now(UTC)
