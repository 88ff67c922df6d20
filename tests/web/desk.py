"""A clinic of one's own for tests that change it: a copy of the shared one, with people, intakes and flags."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.web.conftest import Clinic, settings_for
from tests.web.staff import Hired, hire, signed_in, token_of
from web import create_app
from web.cookies import INTAKE
from web.db import engine
from web.db.queries import intakes as rows
from web.services import clinics, intakes, people

ROLES = ("coordinator", "therapist", "clinic_lead", "administrator")


@dataclass(frozen=True)
class Desk:
    """A clinic, its application, and one person of each role."""

    url: str
    app: Flask
    staff: dict[str, Hired]

    def browser(self, role: str) -> FlaskClient:
        """A browser in which somebody with this role is signed in."""
        return signed_in(self.app, self.url, self.staff[role])

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session in the clinic, which is committed at the end."""
        with engine.sessions(self.url)() as session:
            clinics.find(engine.writing(session), None)
            yield session
            session.commit()

    def intake(
        self, answers: dict[str, Any], *, flag: str | None = None, client_id: UUID | None = None
    ) -> tuple[str, UUID]:
        """(link, key) of an intake with these answers; of a client's where one is named."""
        now = datetime.now(UTC)
        with self.session() as session:
            link = intakes.begin(session, now=now)
            kept = intakes.of_link(session, link, now=now)
            assert kept is not None
            row = rows.locked(session, kept.id)
            row.answers, row.client_id, row.sent_at = answers, client_id, now if client_id else None
            session.flush()
            if flag is not None:
                intakes.raise_flag(session, kept, flag, now=now)
        return link, kept.id

    def with_link(self, link: str) -> FlaskClient:
        """A browser that keeps this private link."""
        client = self.app.test_client()
        client.set_cookie(INTAKE.name, link)
        return client


def desk_of(clinic: Clinic, folder: Path) -> Desk:
    """A copy of a clinic of one's own."""
    path = folder / "desk.sqlite"
    with sqlite3.connect(clinic.database_url.removeprefix("sqlite:///")) as whole, sqlite3.connect(path) as copy:
        whole.backup(copy)
    url = f"sqlite:///{path}"
    staff = {role: hire(url, role, name=f"Sam {role}") for role in ROLES}
    desk = Desk(url, create_app(settings_for(url)), staff)
    with desk.session() as session:
        people.link_therapist(session, staff["therapist"].id, "t01", now=datetime.now(UTC))
    return desk


def refused_to_others(desk: Desk, path: str, role: str) -> int:
    """How many callers are turned away: other roles with 403, nobody with the door."""
    others = [other for other in ROLES if other != role]
    assert [desk.browser(other).get(path).status_code for other in others] == [403] * len(others)
    nobody = desk.app.test_client().get(path)
    assert nobody.status_code in {302, 303, 401} or "/sign-in" in nobody.text
    return len(others) + 1


__all__ = ["Desk", "desk_of", "refused_to_others", "token_of"]
