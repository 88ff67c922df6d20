"""A database on each engine with two clinics, made once a module, and what makes sessions of it; nothing is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from tests.conftest import ENGINES
from tests.databases import new_database
from web.db import engine, schema
from web.db.tables import JobRow, OutboxRow
from web.services import clinics

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SLUGS = ("north", "south")


@pytest.fixture(scope="module", params=ENGINES)
def two_clinics(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield _filled(f"sqlite:///{tmp_path_factory.mktemp('jobs') / 'rapport.sqlite'}")
        return
    with new_database(request.getfixturevalue("postgresql")) as url:
        yield _filled(url)


@pytest.fixture
def sessions(two_clinics: str) -> sessionmaker[Session]:
    made = engine.sessions(two_clinics)
    for slug in SLUGS:
        with made() as session:
            clinics.find(engine.writing(session), slug)
            session.execute(delete(JobRow))
            session.execute(delete(OutboxRow))
            session.commit()
    return made


def _filled(url: str) -> str:
    schema.upgrade(url)
    for slug in SLUGS:
        with engine.sessions(url)() as session:
            clinics.create(engine.writing(session), slug, slug.title(), now=NOW)
            session.commit()
    return url
