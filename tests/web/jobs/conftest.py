"""A database with two clinics, and what makes sessions of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from web.db import engine, schema
from web.services import clinics

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def sessions(database: str) -> sessionmaker[Session]:
    schema.upgrade(database)
    made = engine.sessions(database)
    for slug in ("north", "south"):
        with made() as session:
            clinics.create(engine.writing(session), slug, slug.title(), now=NOW)
            session.commit()
    return made
