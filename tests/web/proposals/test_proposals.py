"""The coordinator's pages of a proposal: begun, looked at, changed, carried out, and what stands against."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others, token_of
from tests.web.waiting_room import client_of, sent, therapist, with_places
from web.db import engine
from web.jobs.worker import Worker
from web.services import cases, clinics, proposals


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


@pytest.fixture
def waiting(desk: Desk) -> list[UUID]:
    """Three people who wait."""
    now = datetime.now(UTC)
    with desk.session() as session:
        return [client_of(sent(session, now=now, name=name)) for name in ("Anu", "Bela", "Chidi")]


def begin(desk: Desk, client: FlaskClient) -> str:
    """The address of a proposal that a worker has worked out."""
    made = client.post("/proposals/", data={"csrf_token": token_of(client)})
    assert made.status_code == 303
    assert Worker(engine.sessions(desk.url)).once()
    return str(made.location)


def revision(desk: Desk, path: str) -> int:
    with desk.session() as session:
        found = proposals.look(session, UUID(path.rsplit("/", 1)[1]), now=datetime.now(UTC))
        assert found is not None
        return found.revision


def test_only_a_coordinator_sees_proposals(desk: Desk) -> None:
    assert refused_to_others(desk, "/proposals/", "coordinator") == 4
    page = desk.browser("coordinator").get("/proposals/").text
    assert "Nobody waits without a place" in page and "No proposal yet" in page


def test_from_the_beginning_to_the_end(desk: Desk, waiting: list[UUID]) -> None:
    client = desk.browser("coordinator")
    assert '3</span> <span class="words">people wait without a place' in client.get("/proposals/").text
    made = client.post("/proposals/", data={"csrf_token": token_of(client)})
    path = made.location
    waits = client.get(path).text
    assert "The proposal is being worked out" in waits and 'hx-get="' in waits
    assert Worker(engine.sessions(desk.url)).once()
    assert client.get(f"{path}/progress", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    page = client.get(path).text
    assert "3 of 3 people get a place" in page and all(name in page for name in ("Anu", "Bela", "Chidi"))
    assert "First come, first served" in page and "Nobody would rather swap" in page
    sure = client.get(f"{path}/commit").text
    assert "3 people get the places that you have seen." in sure and "Give 3 people their places" in sure
    done = client.post(f"{path}/commit", data={"csrf_token": token_of(client), "revision": revision(desk, path)})
    assert (done.status_code, done.location) == (303, path)
    assert "Carried out." in client.get(path).text
    assert client.get(f"{path}/commit").status_code == 303
    assert "Nobody waits without a place" in client.get("/proposals/").text


def test_what_is_asked_is_kept_and_makes_it_stale(desk: Desk, waiting: list[UUID]) -> None:
    client = desk.browser("coordinator")
    path = begin(desk, client)
    said = {"csrf_token": token_of(client), "revision": revision(desk, path), "client": str(waiting[0]),
            "therapist": "", "act": "leave-out", "show": "best"}  # fmt: skip
    done = client.post(f"{path}/people", data=said)
    assert (done.status_code, done.location) == (303, f"{path}?show=best")
    page = client.get(path).text
    assert "You have changed it since it was worked out." in page and "Anu left out" in page
    twice = client.post(f"{path}/people", data=said)
    assert twice.status_code == 409 and "Something changed meanwhile" in twice.text
    rules = {"policy": "stable", "balance": "some", "floor": "0.8", "revision": revision(desk, path)}
    assert client.post(f"{path}/rules", data={"csrf_token": token_of(client), **rules}).status_code == 303
    assert Worker(engine.sessions(desk.url)).once()
    page = client.get(path).text
    assert "Left out of this proposal, as you asked." in page and "2 of 3 people get a place" in page


def test_a_conflict_is_named_and_nothing_is_done(desk: Desk, waiting: list[UUID]) -> None:
    client = desk.browser("coordinator")
    path = begin(desk, client)
    with desk.session() as session:
        clinics.find(session, None)
        cases.close(session, waiting[1], "no_answer", actor="b", now=datetime.now(UTC))
    against = client.post(f"{path}/commit", data={"csrf_token": token_of(client), "revision": revision(desk, path)})
    assert against.status_code == 409
    assert "nobody was given a place" in against.text and "Bela" in against.text and "Anu" not in against.text
    with desk.session() as session:
        found = proposals.look(session, UUID(path.rsplit("/", 1)[1]), now=datetime.now(UTC))
        assert found is not None and found.result is not None
        lost = therapist(session, found.result["lines"][0]["therapist"])
        id_, name, before = lost.external_id, lost.name, lost.capacity
        with_places(session, id_, 0)
    full = client.post(f"{path}/commit", data={"csrf_token": token_of(client), "revision": revision(desk, path)})
    assert f"The last place with {name} was taken meanwhile." in full.text and "the best for them first" in full.text
    with desk.session() as session:
        with_places(session, id_, before)
    assert "was closed" in against.text and "3 of 3 people get a place" in client.get(path).text
    again = client.post(f"{path}/again", data={"csrf_token": token_of(client), "revision": revision(desk, path)})
    assert again.status_code == 303 and Worker(engine.sessions(desk.url)).once()
    assert "2 of 2 people get a place" in client.get(path).text


def test_what_no_form_sends_is_refused(desk: Desk, waiting: list[UUID]) -> None:
    client = desk.browser("coordinator")
    path = begin(desk, client)
    seen = revision(desk, path)
    for where, said in (
        ("people", {"act": "marry", "client": str(waiting[0])}), ("people", {"act": "lock"}),
        ("commit", {"revision": "x"}), ("rules", {"policy": "optimal", "balance": "none", "floor": "0.33"}),
    ):  # fmt: skip
        answer = client.post(f"{path}/{where}", data={"csrf_token": token_of(client), "revision": seen, **said})
        assert answer.status_code == 400, where
    for act, who in (("lock", "nobody"), ("leave-out", "nobody"), ("lock", str(waiting[0]))):
        said = {"csrf_token": token_of(client), "revision": seen, "act": act, "client": who, "therapist": ""}
        assert client.post(f"{path}/people", data=said).status_code == 422, act
    wrong = {"csrf_token": token_of(client), "revision": seen, "policy": "fair", "balance": "none"}
    assert client.post(f"{path}/rules", data=wrong).status_code == 422
    assert revision(desk, path) == seen
    assert client.get(f"/proposals/{waiting[0]}").status_code == 404


def test_setting_it_aside(desk: Desk, waiting: list[UUID]) -> None:
    client = desk.browser("coordinator")
    path = begin(desk, client)
    seen = revision(desk, path)
    for _time in range(2):
        done = client.post(f"{path}/discard", data={"csrf_token": token_of(client), "revision": seen})
        assert (done.status_code, done.location) == (303, "/proposals/")
    assert "Set aside." in client.get(path).text
    late = client.post(f"{path}/commit", data={"csrf_token": token_of(client), "revision": seen})
    assert late.status_code == 409
