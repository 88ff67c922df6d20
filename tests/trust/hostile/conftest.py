"""The clinic of the hostile tests: furnished once a test run, crawled once a test process."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import new_database
from tests.trust.hostile import parameters
from tests.trust.hostile.clinic import KEY, Caller, DryClinic, callers, copy_rows, furnish
from tests.trust.hostile.living import live, share
from tests.trust.hostile.pages import Visited, everywhere
from tests.web.conftest import settings_for
from web import create_app
from web.db import engine


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the clinic, one for all the processes of a test run, which nobody changes."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made, unfinished = shared / "furnished.sqlite", shared / "unfurnished.sqlite"
    with (shared / "furnished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            url = f"sqlite:///{unfinished}"
            furnish(url, tmp_path_factory.mktemp("files"))
            engine.close(url)
            unfinished.rename(made)
    copy = tmp_path_factory.mktemp("hostile") / "clinic.sqlite"
    shutil.copy(made, copy)
    return f"sqlite:///{copy}"


@pytest.fixture(scope="session")
def dry(furnished: str) -> DryClinic:
    """The clinic on SQLite, served without keeping anything."""
    made = DryClinic(furnished)
    parameters.listen(made)
    return made


@pytest.fixture(scope="session")
def everybody(furnished: str, dry: DryClinic) -> dict[str, Caller]:
    """Who may call."""
    found = callers(furnished, dry.app)
    missed = live(furnished, create_app(settings_for(furnished, secret_key=KEY)), found)
    share(furnished)
    assert not missed, f"nothing to send there: {missed}"
    return found


@pytest.fixture(scope="session")
def visited(dry: DryClinic, everybody: dict[str, Caller]) -> list[Visited]:
    """Every page that everybody comes to."""
    return everywhere(dry, everybody)


@pytest.fixture(scope="session")
def spots(dry: DryClinic, everybody: dict[str, Caller], visited: list[Visited]) -> list[parameters.Spot]:
    """Every place where text comes in."""
    return parameters.spots(dry, everybody, visited)


@pytest.fixture(scope="session")
def dry_on_postgresql(furnished: str, everybody: dict[str, Caller], postgresql: str) -> Iterator[DryClinic]:
    """The same rows on PostgreSQL, with those who may call."""
    with new_database(postgresql) as url:
        copy_rows(furnished, url)
        yield DryClinic(url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
