"""The coordinator's pages of a departure, the therapist's and the client's of what is handed on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others, token_of
from tests.web.waiting_room import client_of, sent, the_clinic, with_places
from web.db import engine
from web.jobs.worker import Worker
from web.services import intakes, placing
from web.services.placing import Wanted


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def test_from_the_name_to_the_last_of_the_caseload_and_back(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.session() as session:
        kept = sent(session, now=now, name="Anu")
        client, therapist = client_of(kept), with_places(session, "t01", 2)
        name, key = therapist.name, therapist.id
        placing.place(session, the_clinic(session), [Wanted(client, key)], actor="a", now=now)
    coordinator, path = desk.browser("coordinator"), f"/departures/{key}"
    assert refused_to_others(desk, path, "coordinator") == 4
    assert name in coordinator.get("/departures/").text
    token = {"csrf_token": token_of(coordinator)}
    wrong = coordinator.post(path, data={**token, "kind": "leave", "begins_on": "2031-05-02", "ends_on": "2031-05-01"})
    assert wrong.status_code == 422 and "on or after the first day" in wrong.text
    assert coordinator.post(path, data={**token, "kind": "leaves", "begins_on": "soon"}).status_code == 422
    passed = coordinator.post(path, data={**token, "kind": "leaves", "begins_on": "2020-05-02"})
    assert passed.status_code == 422 and "this one has passed" in passed.text
    assert coordinator.post(f"{path}/proposal", data=token).status_code == 409
    assert coordinator.post(path, data={**token, "kind": "leaves", "begins_on": "2031-05-30"}).status_code == 303
    page = coordinator.get(path).text
    assert "Leaves on Friday 30 May 2031" in page and "Work out who takes over" in page and "Anu" in page
    writer = desk.browser("therapist")
    assert "What the next person should know" in writer.get("/handover/notes").text
    said = {"csrf_token": token_of(writer), "words": "<b>Mornings</b> are hard."}
    assert writer.post(f"/handover/notes/{client}", data=said).status_code == 303
    assert writer.post(f"/handover/notes/{client}", data=said | {"words": ""}).status_code == 422
    assert writer.post(f"/handover/notes/{key}", data=said).status_code == 404
    assert "the client has not agreed" in coordinator.get(path).text
    unread = {**token, "client": str(client), "answer": "yes"}
    assert coordinator.post(f"{path}/agreed", data=unread).status_code == 409  # other words than were seen, or none
    stamp = coordinator.get(path).text.split('name="written_at" value="')[1].split('"')[0]
    done = coordinator.post(f"{path}/agreed", data=unread | {"written_at": stamp})
    assert done.status_code == 303 and "the client agrees" in coordinator.get(path).text
    made = coordinator.post(f"{path}/proposal", data=token)
    assert Worker(engine.sessions(desk.url)).once()
    page = coordinator.get(made.location).text
    assert "1 of 1 people get a place" in page and "Anu" in page
    assert "keeps" not in coordinator.get(f"{made.location}/commit").text
    seen = page.split('name="revision" value="')[1].split('"')[0]
    assert coordinator.post(f"{made.location}/commit", data={**token, "revision": seen}).status_code == 303
    assert "now with" in coordinator.get(path).text
    assert coordinator.post(f"{path}/back", data=token).status_code == 303
    assert "From this moment nobody new comes to them." in coordinator.get(path).text


def test_a_client_reads_agrees_and_takes_it_back(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.session() as session:
        link = intakes.begin(session, now=now)
        kept = intakes.of_link(session, link, now=now)
        assert kept is not None
        kept = intakes.save(session, kept, "concerns", {"concerns": ["sleep"]}, now=now)
        client = client_of(intakes.send(session, kept, consent="1", now=now))
        key = with_places(session, "t01", 2).id
        placing.place(session, the_clinic(session), [Wanted(client, key)], actor="a", now=now)
    browser = desk.with_link(link)
    assert "Nothing to hand on" in browser.get("/handover/").text
    coordinator, writer = desk.browser("coordinator"), desk.browser("therapist")
    leaves = {"csrf_token": token_of(coordinator), "kind": "leaves", "begins_on": "2031-05-30"}
    assert coordinator.post(f"/departures/{key}", data=leaves).status_code == 303
    assert "will be away from Friday 30 May 2031 on" in browser.get("/request/").text
    said = {"csrf_token": token_of(writer), "words": "<b>Mornings</b> are hard."}
    assert writer.post(f"/handover/notes/{client}", data=said).status_code == 303
    page = browser.get("/handover/").text
    assert "&lt;b&gt;Mornings&lt;/b&gt; are hard." in page and "Nobody else can read this now." in page
    fields = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf_token", "stamp")}
    path = page.split('action="/handover/')[1].split('"')[0]
    late = browser.post(f"/handover/{path}", data=fields | {"stamp": "then", "answer": "yes"})
    assert late.status_code == 409 and "read them once more" in late.text
    for answer, words in (("yes", "You have said yes"), ("no", "Nobody else can read this now.")):
        assert browser.post(f"/handover/{path}", data={**fields, "answer": answer}).status_code == 303
        assert words in browser.get("/handover/").text
    assert browser.post(f"/handover/{client}", data=fields).status_code == 404
