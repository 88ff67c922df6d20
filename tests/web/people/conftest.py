"""A clinic with an application and nobody in it yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests.web.conftest import settings_for
from tests.web.staff import Hired
from web import create_app
from web.db import engine, schema
from web.db.tables import AuditEventRow, SignInRow
from web.services import clinics


@dataclass(frozen=True)
class House:
    """A database with one clinic, and its application."""

    url: str
    app: Flask


def make(url: str) -> House:
    schema.upgrade(url)
    with engine.sessions(url)() as session:
        clinics.create(engine.writing(session), "north", "North", now=datetime.now(UTC))
        session.commit()
    return House(url, create_app(settings_for(url)))


def events(house: House) -> list[tuple[str, str, dict[str, object]]]:
    """What was done at the clinic: (action, subject, details), the oldest first."""
    with engine.sessions(house.url)() as session:
        clinics.find(session, None)
        rows = session.scalars(select(AuditEventRow).order_by(AuditEventRow.sequence))
        return [(row.action, row.subject, row.details) for row in rows]


def rows_of(house: House, person: Hired) -> list[SignInRow]:
    """Every sign-in of a person, ended or not."""
    with engine.sessions(house.url)() as session:
        return list(session.scalars(select(SignInRow).where(SignInRow.person_id == person.id)))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return make(f"sqlite:///{tmp_path_factory.mktemp('house') / 'rapport.sqlite'}")


@pytest.fixture
def house_on_each(database: str) -> Iterator[House]:
    yield make(database)
