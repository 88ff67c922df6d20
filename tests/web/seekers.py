"""Browsers of clients who have seen a list, for tests of what they ask for and of who answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.desk import Desk
from tests.web.staff import token_of
from tests.web.waiting_room import SAID
from web.db.queries import requests as rows
from web.db.queries import waiting
from web.services import clinics, intakes, lists, requests
from web.services.intakes import CONTACT, KeptIntake


@dataclass(frozen=True)
class Seeker:
    """Somebody with a list, and their browser."""

    desk: Desk
    browser: FlaskClient
    link: str

    def kept(self, session: Any) -> KeptIntake:
        found = intakes.of_link(session, self.link, now=datetime.now(UTC))
        assert found is not None and found.client_id is not None
        return found

    def post(self, path: str, **typed: str) -> TestResponse:
        return self.browser.post(path, data={"csrf_token": token_of(self.browser), **typed})

    def page(self, path: str = "/request/") -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def shown(self) -> list[str]:
        """Those on the list who have a place, best first."""
        with self.desk.session() as session:
            return list(requests.with_places(session, self.kept(session), now=datetime.now(UTC)))

    def choices(self) -> list[UUID]:
        """The keys of the choices of the last request."""
        with self.desk.session() as session:
            made = rows.latest(session, self.kept(session).client_id)  # type: ignore[arg-type]
            return [choice.id for choice in rows.choices(session, made.id)] if made is not None else []

    def states(self) -> tuple[str | None, list[str]]:
        with self.desk.session() as session:
            found = requests.status(session, self.kept(session))
        return found.state, [choice.state for choice in found.choices]

    def place(self) -> UUID:
        """The key of the place that is open."""
        with self.desk.session() as session:
            client_id = self.kept(session).client_id
            assert client_id is not None
            return waiting.placements(session, [client_id])[client_id].id


def seeker(desk: Desk, *, name: str = "Ada", **changes: Any) -> Seeker:
    """Somebody who has told us what they look for, and has seen a list."""
    now = datetime.now(UTC)
    with desk.session() as session:
        link = intakes.begin(session, now=now)
        told = intakes.by_step(SAID | changes) | {CONTACT: {"name": name, "email": "ada@there.example"} if name else {}}
        for step, said in told.items():
            kept = intakes.of_link(session, link, now=now)
            assert kept is not None
            kept = intakes.save(session, kept, step, said, now=now)
        kept = intakes.send(session, kept, consent="1", now=now)
        lists.make(session, clinics.find(session, None), kept, now=now)
    return Seeker(desk, desk.with_link(link), link)
