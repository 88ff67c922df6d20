"""The demo clinic: everybody in it is invented, its lists are real. It lives in a database of its own making."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy.orm import Session

from matcher.entities import Intake, MatchList, Scale, Therapist
from web import folders
from web.db import engine, schema
from web.db.queries import clients, clinics
from web.exchange.documents import intake_from_json
from web.exchange.places import read_places
from web.exchange.problems import BadInput
from web.services import clinics as clinic_service
from web.services import (
    demo_check_ins,
    demo_courses,
    demo_dashboard,
    demo_measures,
    demo_people,
    demo_requests,
    demo_waiting,
    importing,
    matching,
    models,
    places,
    refit,
)
from web.services.clinics import Clinic

SLUG, NAME = "tolmaren", "Tolmaren Harbour Practice"
FILES = ("therapists", "clients", "ratings")
MARK = "rapport_demo"  # a table without rows, made in the same transaction as the others


class DemoRefused(RuntimeError):
    """The database holds, or may hold, real people."""


@dataclass(frozen=True, slots=True)
class Example:
    """An invented person who looks for a therapist, and their list."""

    title: str
    story: str
    intake: Intake
    matches: MatchList
    therapists: Mapping[str, Therapist]


@dataclass(frozen=True, slots=True)
class Examples:
    """Three people, and what their lists are based on."""

    people: tuple[Example, ...]
    n_clients: int
    scale: Scale
    currency: str
    today: date


def prepare(url: str, now: datetime) -> Clinic:
    """Make the demo's tables and load its clinic, or bring both up to date. Raises DemoRefused for another database."""
    if schema.current(url) is not None:
        require_own(url)
    schema.upgrade(url, marked=MARK)
    with engine.sessions(url)() as session:
        engine.writing(session)
        is_new = clinics.by_slug(session, SLUG) is None
        clinic = _made(session, now) if is_new else clinic_service.find(session, SLUG)
        for kind in FILES:
            found = importing.import_file(session, clinic, kind, folders.seed_data() / f"{kind}.csv", now=now)
            if not found.reading.ok:
                raise BadInput(found.reading.problems)
        places.replace(session, clinic, read_places(folders.seed_data() / "places.csv"))
        session.commit()
    return clinic


def furnish(url: str, clinic: Clinic, now: datetime) -> None:
    """Let the demo clinic have people who work there, and cases; after the fit, so that their lists know the model."""
    with engine.sessions(url)() as session:
        engine.writing(session)
        clinic_service.find(session, clinic.slug)
        examples = tuple(intake for _, _, intake in _told())
        demo_people.furnish(session, clinic, examples, now=now)
        demo_requests.furnish(session, clinic, examples[1], now=now)
        demo_waiting.furnish(session, clinic, now=now)
        demo_check_ins.furnish(session, clinic, now=now)
        demo_courses.furnish(session, clinic, now=now)
        demo_measures.furnish(session, now=now)
        demo_dashboard.furnish(session, clinic, apart=demo_people.therapists(session), now=now)
        session.commit()


def fit(url: str, clinic: Clinic, now: datetime) -> models.Fitted:
    """Fit the demo clinic's model, try it, and let it serve, as ``rapport fit`` does."""
    return refit.run(engine.sessions(url), clinic, now=lambda: now)


def examples(session: Session, today: date) -> Examples | None:
    """The three people and their lists as they are today; None where this is not the demo's database."""
    found = clinics.by_slug(session, SLUG)
    if found is None or not found.is_demo:
        return None
    clinic = clinic_service.find(session, SLUG)
    people = tuple(_example(session, clinic, *told, today) for told in _told())
    return Examples(people, clients.count(session), clinic.scale, clinic.currency, today)


def _example(session: Session, clinic: Clinic, title: str, story: str, intake: Intake, today: date) -> Example:
    found = matching.for_intake(session, clinic.id, intake, today=today)
    return Example(title, story, intake, found.matches, found.therapists)


@cache
def _told() -> tuple[tuple[str, str, Intake], ...]:
    """(title, story, intake) of every example, in the order of their files."""
    documents = [json.loads(path.read_text()) for path in sorted((folders.seed_data() / "examples").glob("*.json"))]
    return tuple((said["title"], said["story"], intake_from_json(said["intake"])) for said in documents)


def _made(session: Session, now: datetime) -> Clinic:
    return clinic_service.create(session, SLUG, NAME, now=now, is_demo=True)


def require_own(url: str) -> None:
    """Raise DemoRefused for a database that the demo did not make."""
    with engine.sessions(url)() as session:
        found = clinics.every(session, 2)
    unfinished = not found and schema.has_mark(url, MARK)  # a first run that was cut short while it loaded
    if not unfinished and (len(found) != 1 or not found[0].is_demo):
        raise DemoRefused(
            "This database was not made by the demo, and the demo would mix invented people into it. "
            "Name a new database in DATABASE_URL, or leave it unset: the demo then makes instance/demo.sqlite, "
            "which may be removed at any time."
        )
