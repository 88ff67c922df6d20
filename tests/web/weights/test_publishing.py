"""From a draft to what serves, by one or by two, later or at once, and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of
from tests.web.staff import hire, signed_in
from tests.web.weights.typing import HOME, draft, fields, published, send
from web.services import clinics, weight_publishing


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def asked_for_two(desk: Desk) -> FlaskClient:
    """The browser of another lead, in a clinic that asks for two persons."""
    with desk.session() as session:
        person = desk.staff["clinic_lead"].id
        weight_publishing.ask_for_two(session, clinics.find(session, None), True, actor=person, now=datetime.now(UTC))
    return signed_in(desk.app, desk.url, hire(desk.url, "clinic_lead", name="Kim Oakes"))


def test_a_note_is_asked_for_and_what_was_typed_stays(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    said = draft(client, access="20")
    answer = send(client, "/weights/publish", {"revision": said["revision"], "note": "  ", "when": "now"})
    assert answer.status_code == 422
    assert 'href="#note"' in answer.text
    late = {"revision": said["revision"], "note": "Waiting is too long", "when": "later", "at": "2020-01-01T08:00"}
    answer = send(client, "/weights/publish", late)
    assert answer.status_code == 422
    assert 'href="#at"' in answer.text
    assert "Waiting is too long" in answer.text
    for text in ("", "tomorrow", "2026-13-40T10:00"):
        assert send(client, "/weights/publish", late | {"at": text}).status_code == 422
    assert fields(client.get(HOME).text)["revision"] == said["revision"]  # nothing half-published


def test_published_weights_serve_are_in_the_history_and_can_be_gone_back_on(desk: Desk) -> None:
    client = published(desk, "Waiting is too long", access="60")
    assert "Your weights serve now" in client.get("/weights/?done=published").text
    page = client.get("/weights/history").text
    assert "Version 1" in page
    assert "Waiting is too long" in page
    assert "serves now" in page
    back = client.get("/weights/back/release")
    assert "Go back to the weights that Rapport brings?" in back.text
    answer = send(client, "/weights/back/release", {"seen": "y"})
    assert answer.location == "/weights/?done=rolled_back"
    assert fields(client.get(HOME).text)["access"] == "12"
    assert "Gone back to by Sam clinic_lead" in client.get("/weights/history").text
    again = send(client, "/weights/back/release", {"seen": "y"})
    assert again.status_code == 409
    assert "serve already" in again.text
    for name in ("w9", "draft", "nothing"):
        assert client.get(f"/weights/back/{name}").status_code == 404


def test_what_is_to_begin_later_can_be_called_off(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    said = draft(client, access="60")
    at = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    form = {"revision": said["revision"], "note": "From Monday on", "when": "later", "at": at}
    assert send(client, "/weights/publish", form).location == "/weights/?done=scheduled"
    page = client.get(HOME).text
    assert re.search(r"Version 1 begins on .* \(UTC\)", page)
    assert fields(page)["access"] == "12"  # not yet
    path = re.search(r'action="(/weights/scheduled/[^"]+)"', page)
    assert path is not None
    assert send(client, path[1]).location == "/weights/?done=called_off"
    assert "begins on" not in client.get(HOME).text
    assert send(client, path[1]).status_code == 409


def test_two_people_one_asks_and_another_agrees(desk: Desk) -> None:
    other, mine = asked_for_two(desk), desk.browser("clinic_lead")
    said = draft(mine, access="60")
    form = {"revision": said["revision"], "note": "Waiting is too long", "when": "now", "seen": "y"}
    assert "Ask a second person" in mine.get("/weights/publish").text
    assert send(mine, "/weights/publish", form).location == "/weights/?done=proposed"
    waiting = fields(mine.get(HOME).text)["revision"]
    assert "I agree" not in mine.get("/weights/publish").text
    refused = send(mine, "/weights/approve", {"revision": waiting, "seen": "y"})
    assert refused.status_code == 409
    page = other.get("/weights/publish").text
    assert "Sam clinic_lead would like to publish this draft" in page
    assert "Waiting is too long" in page
    assert send(other, "/weights/decline", {"revision": waiting}).location == "/weights/?done=declined"
    revision = fields(mine.get(HOME).text)["revision"]
    assert send(mine, "/weights/publish", form | {"revision": revision}).status_code == 303
    waiting = fields(other.get(HOME).text)["revision"]
    assert send(other, "/weights/approve", {"revision": waiting, "seen": "y"}).location == "/weights/?done=published"
    assert "and Kim Oakes agreed" in other.get("/weights/history").text


def test_whoever_would_be_shut_out_is_named_and_has_to_be_ticked(desk: Desk) -> None:
    """All weight on years in practice: the same few stand first everywhere, and others in no list."""
    client = desk.browser("clinic_lead")
    zeros = dict.fromkeys(fields(client.get(HOME).text), "0")
    only = {code: "0" for code in zeros if "-" not in code and code != "revision"} | {"experience": "100"}
    said = draft(client, **only)
    page = client.get("/weights/publish").text
    assert "Somebody would be shut out" in page
    form = {"revision": said["revision"], "note": "Only the old hands", "when": "now"}
    refused = send(client, "/weights/publish", form)
    assert refused.status_code == 409
    assert 'href="#seen"' in refused.text
    assert "Only the old hands" in refused.text
    assert fields(client.get(HOME).text)["revision"] == said["revision"]  # the note was not kept half-way either
    assert send(client, "/weights/publish", form | {"seen": "y"}).location == "/weights/?done=published"


def test_a_draft_begun_from_other_weights_says_so_first(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    published(desk, access="60")
    said = draft(client, access="30")
    assert send(client, "/weights/back/release", {"seen": "y"}).status_code == 303
    form = {"revision": said["revision"], "note": "Mine", "when": "now", "seen": "y"}
    refused = send(client, "/weights/publish", form)
    assert refused.status_code == 409
    assert "Mine shall take its place" in refused.text
    onto = re.search(r'name="onto" value="([^"]+)"', refused.text)
    assert onto is not None
    assert send(client, "/weights/draft/rebase", {"revision": said["revision"], "onto": onto[1]}).status_code == 303
    revision = fields(client.get(HOME).text)["revision"]
    assert send(client, "/weights/publish", form | {"revision": revision}).status_code == 303


def test_any_two_versions_stand_beside_each_other(desk: Desk) -> None:
    client = published(desk, access="60", **{"access-most": "2"})
    page = client.get("/weights/compare?before=release&after=w1").text
    assert "the weights that Rapport brings, and then version 1" in page
    assert "up to twice as much" in page
    assert "Nothing differs" in client.get("/weights/compare?before=w1&after=w1").text
    assert client.get("/weights/compare?before=w1&after=w7").status_code == 404
    assert client.get("/weights/compare?before=w1&after=draft").status_code == 404


@pytest.mark.A8
def test_a_lead_asks_for_two_and_an_administrator_ends_it(desk: Desk) -> None:
    lead, boss = desk.browser("clinic_lead"), desk.browser("administrator")
    assert "One lead is enough" in lead.get("/weights/history").text
    assert "published by two" not in boss.get("/people/").text
    assert send(lead, "/weights/two-people", {}).location == "/weights/history"
    assert "Two people" in lead.get("/weights/history").text
    assert "Ask for two people" not in lead.get("/weights/history").text
    assert send(lead, "/people/one-publishes", {}).status_code == 403
    assert send(boss, "/people/one-publishes", {}).location == "/people/"
    assert "One lead is enough" in lead.get("/weights/history").text
