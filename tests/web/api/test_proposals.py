"""The waiting list and its proposals for programs, and ``rapport assign``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from tests.web.commands.running import as_json, done, rapport_on
from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of
from tests.web.waiting_room import client_of, sent, therapist, with_places
from web.db import engine
from web.jobs.worker import Worker
from web.services import cases, tokens


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


@pytest.fixture
def waiting(desk: Desk) -> list[UUID]:
    """Three people who wait, who has waited longest first."""
    now = datetime.now(UTC)
    with desk.session() as session:
        return [client_of(sent(session, now=now - timedelta(days=9 - k))) for k in range(3)]


class Program:
    """A program of the clinic."""

    def __init__(self, desk: Desk, *scopes: str) -> None:
        with desk.session() as session:
            self.token = tokens.issue(session, now=datetime.now(UTC), scopes=scopes)
        self.client = desk.app.test_client()

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)


def test_the_queue_comes_in_parts_the_longest_first(desk: Desk, waiting: list[UUID]) -> None:
    program = Program(desk, "queue:read")
    first = program.ask("GET", "/queue?limit=2").json
    assert [UUID(one["client_id"]) for one in first["entries"]] == waiting[:2]
    rest = program.ask("GET", "/queue", query_string={"limit": 2, "after": first["next"]}).json
    assert [UUID(one["client_id"]) for one in rest["entries"]] == waiting[2:] and rest["next"] is None
    assert program.ask("GET", "/queue?after=then").status_code == 422
    assert program.ask("GET", "/queue?limit=0").status_code == 422
    assert program.ask("POST", "/proposals", json={}).status_code == 403


def test_begun_twice_with_a_key_it_is_one_and_committed_twice_it_is_done_once(desk: Desk, waiting: list[UUID]) -> None:
    program = Program(desk, "proposals:read", "proposals:write")
    begun = [program.ask("POST", "/proposals", json={}, headers={"Idempotency-Key": "a"}).json for _time in range(2)]
    assert begun[0] == begun[1] and begun[0]["state"] == "solving"
    path = f"/proposals/{begun[0]['proposal_id']}"
    assert program.ask("POST", f"{path}/commit", json={"revision": 1}).status_code == 409
    assert Worker(engine.sessions(desk.url)).once()
    found = program.ask("GET", path).json
    assert (found["state"], found["n_placed"], found["can_commit"]) == ("draft", 3, True)
    assert [UUID(line["client_id"]) for line in found["lines"]] == waiting
    with desk.session() as session:
        cases.close(session, waiting[0], "no_answer", actor="b", now=datetime.now(UTC))
    against = program.ask("POST", f"{path}/commit", json={"revision": found["revision"]})
    assert against.status_code == 409 and against.json["conflicts"][0]["code"] == "case_closed"
    lost = found["lines"][1]["therapist_id"]
    with desk.session() as session:
        cases.reopen(session, waiting[0], actor="b", now=datetime.now(UTC))
        before = therapist(session, lost).capacity
        with_places(session, lost, 0)
    every = program.ask("POST", f"{path}/commit", json={"revision": found["revision"]}).json["conflicts"]
    (full,) = (one for one in every if one["client_id"] == str(waiting[1]))
    assert (full["code"], full["therapist_id"]) == ("no_place", lost)
    assert 1 <= len(full["next_best"]) <= 3 and lost not in full["next_best"]
    with desk.session() as session:
        with_places(session, lost, before)
    said = [program.ask("POST", f"{path}/commit", json={"revision": found["revision"]}) for _time in range(2)]
    assert [one.status_code for one in said] == [200, 200] and {one.json["n_placed"] for one in said} == {3}
    assert program.ask("GET", f"/proposals/{uuid4()}").status_code == 404
    assert program.ask("POST", f"/proposals/{uuid4()}/commit", json={"revision": 1}).status_code == 404
    assert program.ask("POST", "/proposals", json={"policy": "fair"}).status_code == 422
    assert program.ask("POST", "/proposals", json={"floor": 2}).status_code == 422


def test_rapport_assign_stores_nothing_until_it_is_told_to(desk: Desk, waiting: list[UUID]) -> None:
    rapport = rapport_on(desk.url)
    said = done(rapport("assign", "--clinic", "harbour"))
    assert said.startswith("3 of 3 people get a place") and "Nobody was given a place" in said
    tried = as_json(rapport("assign", "--policy", "stable", "--json"))
    assert (tried["committed"], tried["proposal_id"], tried["n_placed"]) == (False, None, 3)
    assert set(tried["totals"]) == {"optimal", "stable", "first-come"}
    made = as_json(rapport("assign", "--commit", "--json"))
    assert made["committed"] and made["n_placed"] == 3
    assert as_json(rapport("assign", "--json"))["n_waiting"] == 0
    assert rapport("assign", "--policy", "fair").exit_code == 2
