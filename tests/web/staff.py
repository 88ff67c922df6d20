"""People of a clinic for tests: hired straight into the database, and signed in without the slow door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from web import visits
from web.db import engine
from web.services import clinics, people

PASSWORD = "harbour lights in late autumn"
_numbers = count(1)


@dataclass(frozen=True)
class Hired:
    """Somebody who works at a clinic."""

    id: UUID
    email: str


def hire(url: str, *roles: str, status: str = "active", slug: str | None = None, name: str = "Sam Field") -> Hired:
    """A new person with these roles, known password, and this status in each role."""
    now, email = datetime.now(UTC), f"person-{next(_numbers)}@clinic.example"
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), slug)
        for role in roles:
            person_id = people.create(session, email, name, role, password=PASSWORD, now=now)
        people.change(session, email, status, now=now)
        session.commit()
    return Hired(person_id, email)


def change(url: str, person: Hired, status: str, slug: str | None = None) -> None:
    """Give somebody another status."""
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), slug)
        people.change(session, person.email, status, now=datetime.now(UTC))
        session.commit()


def signed_in(
    app: Flask, url: str, person: Hired, *, now: datetime | None = None, slug: str | None = None, second: str = ""
) -> FlaskClient:
    """A browser in which this person is signed in."""
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), slug)
        token = people.sign_in(session, person.id, now=now or datetime.now(UTC), second=second)
        session.commit()
    client = app.test_client()
    with client.session_transaction() as kept:
        kept[visits.SIGN_IN] = token
    return client


def token_of(client: FlaskClient) -> str:
    """A valid token for this browser's forms."""
    with client.session_transaction() as kept:
        secret = kept.setdefault("csrf_token", "0" * 40)
    return str(URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(secret))


def address() -> dict[str, str]:
    """An address from which nobody has tried to sign in yet."""
    n = next(_numbers)
    return {"REMOTE_ADDR": f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"}


def enter(client: FlaskClient, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
    """Fill in the form at the door, from an address of its own."""
    typed = {"csrf_token": token_of(client), "email": email, "password": password, **more}
    return client.post("/sign-in", data=typed, environ_base=address())
