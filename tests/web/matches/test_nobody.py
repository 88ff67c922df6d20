"""Where nobody fits, where there is nobody, and where there is no model: what the page says, counted by hand."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.builders import a_therapist
from tests.web.conftest import NOW, settings_for
from tests.web.desk import Desk
from tests.web.intake import walking
from web import create_app, folders
from web.db import engine, schema
from web.db.queries import directory
from web.db.tables import FlagRow
from web.exchange.writing import write_therapists
from web.services import clinics, importing, intakes

NOBODY = "Nobody fits all that you need right now"


def sent(desk: Desk, **more: object) -> FlaskClient:
    """The father of the demo, who has just sent his answers."""
    told = json.loads((folders.seed_data() / "examples" / "3-hard-to-place.json").read_text())["intake"]
    link, _ = desk.intake(intakes.by_step(told | more))
    client = desk.with_link(link)
    walking.send(client)
    return client


def between(page: str) -> list[tuple[int, str]]:
    """(number, why) of what stands between, in the order of the page."""
    return [(int(n), why) for why, n in re.findall(r"<li>([^<]+): (\d+) therapists?</li>", page)]


def ways(page: str) -> list[tuple[str, str]]:
    """(address or nothing, words) of the ways out."""
    listed = page.split('<ul class="ways">')[1].split("</ul>")[0]
    return re.findall(r'<li>(?:<a href="([^"]*)">)?([^<]+)', listed)


def test_what_excludes_most_comes_first_with_its_number(desk: Desk) -> None:
    """Counted in the file: who does not speak Turkish, who is no Muslim or does not say so, who does not take cover."""
    with (folders.seed_data() / "therapists.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counted = {
        "Does not speak a language you gave": sum("tr" not in row["languages"].split("|") for row in rows),
        "Does not have, or did not name, the faith you must have": sum(row["faith"] != "muslim" for row in rows),
        "Does not take your cover": sum("statutory" not in row["insurances"].split("|") for row in rows),
        "Does not meet people the way you asked for": sum("in_person" not in row["formats"].split("|") for row in rows),
        "Has no free place now": sum(row["capacity"] == "0" for row in rows),
    }
    assert list(counted.values()) == [39, 36, 12, 4, 4]
    client = sent(desk)
    page = client.get("/matches/").text
    assert NOBODY in page and "data-therapist" not in page and 'name="access"' not in page
    found = between(page)
    assert found[:2] == [
        (39, "Does not speak a language you gave"),
        (36, "Does not have, or did not name, the faith you must have"),
    ]
    assert {why: n for n, why in found if why in counted} == counted
    assert [n for n, _ in found] == sorted((n for n, _ in found), reverse=True)


def test_the_one_who_is_full_is_waited_for_and_a_person_can_look(desk: Desk) -> None:
    """Only t36 speaks Turkish and is a Muslim, has time on Monday and Wednesday evening, and is full."""
    client = sent(desk)
    assert ("", "Wait for a place with somebody who is full now (1 more person)") in ways(client.get("/matches/").text)
    assert walking.post(client, "/matches/ask/no_match", {}).location == "/matches/#asked"
    assert "The practice knows" in client.get("/matches/").text
    key = walking.kept_by(desk, client).id
    with desk.session() as session:
        assert session.scalars(select(FlagRow.kind).where(FlagRow.intake_id == key)).all() == ["no_match"]


@pytest.mark.parametrize(
    ("more", "href", "words"),
    [
        ({"languages": ["en"]}, "/intake/wishes?checked", "Make your wish about"),
        (
            {"languages": ["en"], "wishes": {}, "times": ["sun_morning"]},
            "/intake/practicalities?checked",
            "Also be free",
        ),
        ({"wishes": {}, "max_distance_km": None}, "/intake/practicalities?checked", "Speak "),
    ],
)
def test_a_way_out_leads_to_the_answer_that_would_be_changed(
    desk: Desk, more: dict[str, object], href: str, words: str
) -> None:
    client = sent(desk, **{name: value for name, value in more.items() if value is not None})
    found = [(where, said) for where, said in ways(client.get("/matches/").text) if said.startswith(words)]
    assert [where for where, _ in found] == [href], found
    assert client.get(href).status_code == 200


def test_a_smaller_must_opens_the_list_again(desk: Desk) -> None:
    client = sent(desk)
    walking.post(client, "/intake/wishes?checked", {"faith_strength": "no_preference"})
    walking.post(client, "/intake/practicalities?checked", {"meet": "either", "languages": ["en"]})
    walking.send(client)
    page = client.get("/matches/").text
    assert NOBODY not in page and len(re.findall("data-therapist", page)) == 5


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    """A clinic that has just been made: no therapist, no place, no model, no weights of its own."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    schema.upgrade(url)
    with engine.sessions(url)() as session:
        clinics.create(engine.writing(session), "empty", "Empty", now=datetime.now(UTC))
        session.commit()
    return Desk(url, create_app(settings_for(url)), {})


def test_a_clinic_without_therapists_asks_what_it_can_and_says_that_there_is_nobody(empty: Desk) -> None:
    client = walking.begun(empty)
    for name, typed in walking.SAID.items():
        assert client.get(f"/intake/{name}").status_code == 200
        known = {key: value for key, value in typed.items() if key not in {"place", "recommended_therapist"}}
        assert walking.post(client, f"/intake/{name}", known).status_code == 303, name
    walking.send(client)
    page = client.get("/matches/").text
    assert NOBODY in page and between(page) == [] and "The smallest change" not in page
    assert client.get("/matches/compare?with=t01").status_code == 422
    assert walking.post(client, "/matches/order", {"access": "2"}).status_code == 303
    assert walking.post(client, "/matches/ask/no_match", {}).status_code == 303
    assert "The practice knows" in client.get("/matches/").text


def test_without_a_model_the_list_is_made_by_what_was_said_and_claims_no_evidence(empty: Desk, tmp_path: Path) -> None:
    them = [a_therapist("near", languages=("en",)), a_therapist("less", concerns={"grief": 1}, languages=("en",))]
    write_therapists(tmp_path / "two.csv", them)
    with empty.session() as session:
        importing.import_file(session, clinics.find(session, None), "therapists", tmp_path / "two.csv", now=NOW)
    client = walking.begun(empty)
    walking.post(client, "/intake/concerns", {"first": "grief", "second": "", "third": "", "concern_text": ""})
    walking.send(client)
    page = client.get("/matches/").text
    assert re.findall(r'data-therapist="([^"]+)"', page) == ["near", "less"]
    assert "Based on what you and they told us" in page and not re.search(r"\d+ clients", page)
    assert "Two people we think" in page and "Expected alliance" not in page
    with empty.session() as session:  # one leaves, the other is full: the list stands as it was shown
        for row in directory.some(session, ["near", "less"]):
            row.name, row.capacity = "Gone", 0
    assert "Gone" not in client.get("/matches/").text
