"""The clinic of the hostile tests: furnished, lived in and walked through once a test run, for all of its processes."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache

from matcher import Directory, what_if
from matcher.counterfactuals import WhatIf
from matcher.entities import Intake
from tests.databases import new_database
from tests.trust.hostile import parameters
from tests.trust.hostile.clinic import KEY, Caller, DryClinic, callers, copy_rows, furnish
from tests.trust.hostile.living import live, share
from tests.trust.hostile.pages import Visited, everywhere
from tests.trust.hostile.parameters import Spot
from tests.web.conftest import settings_for
from web import create_app
from web.db import engine
from web.services import matching


@dataclass(frozen=True)
class Found:
    """Who may call, every page that they come to, and every place that takes text."""

    everybody: dict[str, Caller]
    visited: list[Visited]
    spots: list[Spot]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this test run, the same one for all its processes."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "hostile"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def compiled_once(shared: Path) -> Iterator[None]:
    """Templates are compiled once for all applications over the clinic, each of which would do it anew."""
    DryClinic.compiled = FileSystemBytecodeCache(str(shared))
    yield
    DryClinic.compiled = None


@pytest.fixture(scope="session", autouse=True)
def worked_out_once() -> Iterator[None]:
    """What would have to change for a client is a pure function, and most of what a refused step costs here."""
    known: dict[tuple[object, ...], tuple[object, ...]] = {}

    def remembered(intake: Intake, directory: Directory, therapist_id: str, **more: Any) -> WhatIf:
        key = (repr(intake), id(directory), therapist_id, *(repr(more[name]) for name in ("weights", "today")))
        key = (*key, id(more["model"]))
        if key not in known:
            known[key] = (what_if(intake, directory, therapist_id, **more), directory, more["model"])  # ids stay theirs
        return known[key][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "what_if", remembered)
        yield


@pytest.fixture(scope="session")
def explored(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(the database, what was found in it) of the clinic: whoever comes first makes them, the others wait."""
    database, found, unfinished = shared / "clinic.sqlite", shared / "found.pickle", shared / "unfinished.sqlite"
    with (shared / "clinic.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            url = f"sqlite:///{unfinished}"
            furnish(url, tmp_path_factory.mktemp("files"))
            everything = pickle.dumps(_explore(url))
            engine.close(url)
            unfinished.rename(database)
            found.write_bytes(everything)
    return database, found


def _explore(url: str) -> Found:
    clinic = DryClinic(url)
    parameters.listen(clinic)
    everybody = callers(url, clinic.app)
    missed = live(url, create_app(settings_for(url, secret_key=KEY)), everybody)
    assert not missed, f"nothing to send there: {missed}"
    share(url)
    visited = everywhere(clinic, everybody)
    return Found(everybody, visited, parameters.spots(clinic, everybody, visited))


@pytest.fixture(scope="session")
def furnished(explored: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the clinic, of which this process has a copy."""
    copy = tmp_path_factory.mktemp("furnished") / "clinic.sqlite"
    shutil.copy(explored[0], copy)
    return f"sqlite:///{copy}"


@pytest.fixture(scope="session")
def found(explored: tuple[Path, Path]) -> Found:
    return pickle.loads(explored[1].read_bytes())


@pytest.fixture(scope="session")
def dry(furnished: str) -> DryClinic:
    """The clinic on SQLite, served without keeping anything."""
    return DryClinic(furnished)


@pytest.fixture(scope="session")
def everybody(found: Found) -> dict[str, Caller]:
    """Who may call."""
    return found.everybody


@pytest.fixture(scope="session")
def visited(found: Found) -> list[Visited]:
    """Every page that everybody comes to."""
    return found.visited


@pytest.fixture(scope="session")
def spots(found: Found) -> list[Spot]:
    """Every place that takes text, each once a route, a method and a name."""
    return found.spots


@pytest.fixture(scope="session")
def dry_on_postgresql(furnished: str, postgresql: str) -> Iterator[DryClinic]:
    """The same rows on PostgreSQL, with those who may call."""
    with new_database(postgresql) as url:
        copy_rows(furnished, url)
        yield DryClinic(url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
