"""A served clinic of invented people with a fitted model, made once a test process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from matcher import ClinicModel
from tests.conftest import ENGINES, copied
from tests.databases import new_database
from web import create_app, folders
from web.db import engine, schema
from web.db.queries import clinics as clinic_rows
from web.db.queries import directory
from web.db.tables import WeightsActivationRow, WeightsRow
from web.exchange.reading import read_clients, read_ratings
from web.exchange.writing import write_clients, write_ratings
from web.services import clinics, directories, importing, intakes, models, panels, tokens
from web.services.models import Material
from web.settings import Settings

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SLUG = "harbour"
N_CLIENTS = 150


@dataclass(frozen=True)
class Clinic:
    """A clinic, its application, and tokens of every kind."""

    database_url: str
    app: Flask
    client: FlaskClient
    token: str
    token_without_scope: str
    expired_token: str

    def match(self, intake: Mapping[str, Any], **more: Any) -> TestResponse:
        """Ask the API for a list."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.post("/api/v1/matches", json={"intake": dict(intake), **more}, headers=headers)


def settings_for(database_url: str, **changes: Any) -> Settings:
    """Settings in which no test meets a limit that it did not set."""
    limits = {"address_limit": "100000 per minute", "api_limit": "100000 per minute"}
    return Settings(**{"environment": "test", "database_url": database_url} | limits | changes)


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    folder = tmp_path_factory.mktemp("clinic")
    url = f"sqlite:///{folder / 'rapport.sqlite'}"
    schema.upgrade(url)
    with engine.sessions(url)() as session:
        engine.writing(session)
        load(session, folder)
        made = {
            "token": tokens.issue(session, now=datetime.now(UTC), scopes=tokens.SCOPES),
            "token_without_scope": tokens.issue(session, now=datetime.now(UTC), scopes=()),
            "expired_token": tokens.issue(session, now=datetime.now(UTC) - timedelta(days=91)),
        }
        session.commit()
    app = create_app(settings_for(url))
    return Clinic(url, app, app.test_client(), **made)


@pytest.fixture(scope="session")
def harbours(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Engine → a database with the clinic, which nobody changes."""
    folder = tmp_path_factory.mktemp("harbours")
    with new_database(postgresql) as url:
        made = {"sqlite": f"sqlite:///{folder / 'rapport.sqlite'}", "postgresql": url}
        for address in made.values():
            schema.upgrade(address)
            with engine.sessions(address)() as session:
                load(engine.writing(session), folder)
                session.commit()
            engine.engine(address).dispose()
        yield made


@pytest.fixture(params=ENGINES)
def harbour(request: pytest.FixtureRequest, harbours: dict[str, str], postgresql: str) -> Iterator[str]:
    """The address of a database with the clinic, a copy for each test, once on each engine."""
    for kept in (directories._known, models._loaded, intakes._offered, panels._kept):
        kept.clear()  # a process keeps what it read by clinic and version, and copies share both
    with copied(harbours[request.param], postgresql) as url:
        yield url


@pytest.fixture
def at_harbour(harbour: str) -> Iterator[Session]:
    """A session that writes, in the clinic of a copy."""
    with engine.sessions(harbour)() as session:
        clinics.find(engine.writing(session), None)
        yield session


Fitted = Callable[[Material, clinics.Clinic], ClinicModel]


def load(session: Session, folder: Path, *, slug: str = SLUG, fitted: Fitted | None = None) -> clinics.Clinic:
    """The demo's therapists, some of its clients, and a model of what those said: a plain one unless asked for."""
    made = clinics.create(session, slug, "Harbour Practice", now=NOW)
    for kind, path in files(folder).items():
        found = importing.import_file(session, made, kind, path, now=NOW)
        assert found.stored, found.reading.problems[:3]
    models.publish(session, made, (fitted or fitted_to)(models.material(session), made), now=NOW)
    return made


_QUICK = {"ceiling": "gaussian", "blocks": []}  # no test of pages needs a better model, and CI would wait for it
_fitted: list[tuple[Material, ClinicModel]] = []


def fitted_to(found: Material, made: clinics.Clinic) -> ClinicModel:
    """A plain model of these ratings, estimated once a process."""
    for known, model in _fitted:
        if known == found:
            return model
    model = ClinicModel.fit(found.intakes, found.therapists, found.ratings, scale=made.scale, specification=_QUICK)
    _fitted.append((found, model))
    return model


def keep_directory(session: Session) -> None:
    """Tell everybody that the directory is what its rows are now, as whoever changes them does."""
    clinic = clinics.find(session, None)
    session.flush()
    directory.keep_version(session, directory.every(session), clinic_rows.directory_changed(session, clinic.id))


def let_serve(
    session: Session,
    version: str | None,
    weights: Mapping[str, float] | None = None,
    *,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    now: datetime | None = None,
) -> None:
    """Let weights serve from now on, as rows alone; without weights an earlier version, None for the release's own."""
    now = now or datetime.now(UTC)
    if weights is not None:
        assert version is not None
        pairs = {code: list(pair) for code, pair in (bounds or {}).items()}
        session.add(WeightsRow(version=version, weights=dict(weights), client_bounds=pairs, created_at=now))
        session.flush()
    session.add(WeightsActivationRow(version=version, kind="published", effective_at=now, made_at=now, author="a test"))
    session.flush()


def files(folder: Path) -> dict[str, Path]:
    """Files of a clinic that is small enough to be fitted in a moment."""
    seed = folders.seed_data()
    people = read_clients(seed / "clients.csv").entities[:N_CLIENTS]
    known = {intake.id for intake in people}
    said = [rating for rating in read_ratings(seed / "ratings.csv").entities if rating.client_id in known]
    write_clients(folder / "clients.csv", people)
    write_ratings(folder / "ratings.csv", said)
    return {
        "therapists": seed / "therapists.csv",
        "clients": folder / "clients.csv",
        "ratings": folder / "ratings.csv",
    }


@pytest.fixture
def client(clinic: Clinic) -> FlaskClient:
    return clinic.client
