"""The coordinator's queue: who needs a person first, the waiting list with its filters, and many at once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others, token_of
from tests.web.exchange.a_questionnaire import as_bytes, whole
from tests.web.waiting_room import client_of, sent, the_clinic
from web.db.queries import cases, overview, waiting
from web.services import casework, clinics, instruments, waiting_list
from web.services.casework import By, Choice
from web.services.intakes import STEPS, KeptIntake
from web.wording.intake import TITLES, sections

ANSWERS = {
    "concerns": {"concerns": ["grief", "sleep"], "concern_text": "<b>since spring</b>"},
    "safety": {"at_risk": True},
    "style": {"style": {"lead": -2, "time": 0}},
    "contact": {"name": "Runa", "phone": "00 0000 004"},
}
FOR_NOBODY = {
    "faith": {"options": ["sikh"], "strength": "must"},
    "age_band": {"options": ["from_65"], "strength": "must"},
}


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def waiting_people(desk: Desk, *names: str, days: int = 0, **said: object) -> list[KeptIntake]:
    """People on the waiting list since some days ago."""
    with desk.session() as session:
        return [sent(session, now=datetime.now(UTC) - timedelta(days=days), name=name, **said) for name in names]


def tick(desk: Desk, kept: KeptIntake) -> str:
    """What a row of the list sends along for a case."""
    with desk.session() as session:
        case = waiting.case(session, client_of(kept))
        assert case is not None
        return f"{kept.id}.{case.revision}"


def send(client: FlaskClient, **typed: object) -> object:
    return client.post("/queue/bulk", data={"csrf_token": token_of(client), **typed})


def test_an_empty_queue_says_so(desk: Desk) -> None:
    page = desk.browser("coordinator").get("/queue/")
    assert page.status_code == 200
    assert "Nobody is waiting for a person" in page.text and "Nobody waits for a place" in page.text


def test_safety_stands_on_top_with_contact_and_the_case_behind_it(desk: Desk) -> None:
    desk.intake({"concerns": {"concerns": ["anger"]}}, flag="no_match")
    _link, key = desk.intake(ANSWERS, flag="safety")
    page = desk.browser("coordinator").get("/queue/").text
    assert page.index("Said yes to the safety question") < page.index("Nobody fits what they need")
    assert "00 0000 004" in page and "Grief and loss, Sleep problems" in page
    case = desk.browser("coordinator").get(f"/queue/{key}").text
    assert "Runa" in case and "Clearly: the therapist leads" in case and "Both, or it depends" in case
    assert "&lt;b&gt;since spring" in case and "Assign" not in case


def test_looking_after_a_flag_twice_is_doing_it_once(desk: Desk) -> None:
    _link, key = desk.intake(ANSWERS, flag="safety")
    with desk.session() as session:
        flag = cases.flags(session, key)[0].id
    client = desk.browser("coordinator")
    for _time in range(2):
        done = client.post(f"/queue/flags/{flag}/seen", data={"csrf_token": token_of(client)})
        assert (done.status_code, done.location) == (303, f"/queue/{key}")
    with desk.session() as session:
        events = [event.action for event in overview.last_events(session, 50)]
        assert cases.flags(session, key)[0].seen_by == desk.staff["coordinator"].id
    assert events.count("flag.seen") == 1
    assert "Sam coordinator has looked after this" in client.get(f"/queue/{key}").text
    page = client.get("/queue/").text
    assert "Nobody is waiting for a person" in page
    assert "Safety, and somebody looks after it" in page and "Runa" in page and "00 0000 004" in page


def test_filters_stand_in_the_address_and_say_what_they_would_leave(desk: Desk) -> None:
    waiting_people(desk, "Ada", days=20)
    waiting_people(desk, "Bea", days=2, concerns=["grief"])
    (nobody,) = waiting_people(desk, "Çelik", wishes=FOR_NOBODY)
    client = desk.browser("coordinator")
    with desk.session() as session:
        casework.prioritise(session, client_of(nobody), 2, By("a", datetime.now(UTC), 1))
    page = client.get("/queue/").text
    assert page.index("Çelik") < page.index("Ada") < page.index("Bea")  # urgent first, then who has waited longest
    assert "3 people · longest 20 days · target 14 days" in page
    assert "Over 14 days (1)" in page and "Nobody fits (1)" in page and "First of all (1)" in page
    assert "Nobody fits: faith" in page
    for query, there in (
        ("over=y", ["Ada"]), ("concern=grief", ["Bea"]), ("flag=nobody", ["Çelik"]), ("priority=2", ["Çelik"]),
        ("words=be", ["Bea"]), ("words=çel", ["Çelik"]), ("state=closed", []),
        ("order=newest", ["Çelik", "Bea", "Ada"]),
        ("flag=nonsense&priority=9&page=99&order=x&state=y", ["Çelik", "Ada", "Bea"]), ("words=%25", []),
    ):  # fmt: skip
        found = client.get(f"/queue/?{query}", follow_redirects=True).text
        at = {name: found.find(f">{name}</a>") for name in ("Ada", "Bea", "Çelik")}
        assert sorted((k for k in at if at[k] >= 0), key=lambda name: at[name]) == there, query
    assert "Nobody is like that" in client.get("/queue/?words=nobody+at+all", follow_redirects=True).text


def test_a_name_that_is_looked_for_stands_in_no_address(desk: Desk) -> None:
    waiting_people(desk, "Ada", "Bea", "Çelik", days=20)
    client = desk.browser("coordinator")
    found = client.post("/queue/", data={"csrf_token": token_of(client), "words": " Çelik ", "order": "newest"})
    assert found.status_code == 303 and found.location.endswith("#list") and "order=newest" in found.location
    page = client.get(found.location)
    assert ">Çelik</a>" in page.text and ">Ada</a>" not in page.text and 'value="Çelik"' in page.text
    addresses = [found.location, *re.findall(r'(?:href|action|hx-get)="([^"]+)"', page.text)]
    assert sum("find=" in one for one in addresses) > 5
    assert not [one for one in addresses if "elik" in unquote(one) or "words=" in one]
    assert ">Çelik</a>" in desk.browser("coordinator").get(found.location).text  # a link that one can send
    sealed = page.request.args["find"]
    for other in (sealed[:-3] + "AAA", sealed.swapcase(), "x", "ä", "A" * 2_000, "===="):
        assert ">Ada</a>" in client.get("/queue/", query_string={"find": other}).text, other
    answer = client.get("/queue/?words=Bea")  # a bookmark of before
    assert answer.status_code == 303 and "Bea" not in answer.location
    assert ">Bea</a>" in client.get(answer.location).text
    assert client.post("/queue/", data={"words": "Bea"}).status_code == 400


def test_words_that_were_sealed_at_one_clinic_ask_for_nothing_at_another(desk: Desk) -> None:
    with desk.session() as session:
        clinic = clinics.find(session, None)
    other = replace(clinic, id=uuid4())
    sealed = waiting_list.sealed(clinic, "Ada")
    assert waiting_list.unsealed(clinic, sealed) == "Ada" and waiting_list.unsealed(other, sealed) == ""


def test_many_at_once_is_all_or_nothing_and_says_whose_case_was_changed(desk: Desk) -> None:
    people = waiting_people(desk, "Ada", "Bea")
    ticks = [tick(desk, kept) for kept in people]
    with desk.session() as session:
        casework.prioritise(session, client_of(people[1]), 1, By("a", datetime.now(UTC), 1))
    client = desk.browser("coordinator")
    with desk.session() as session:
        sought = waiting_list.sealed(clinics.find(session, None), "a")
    refused = send(client, do="close", reason="no_answer", case=ticks, find=sought)
    assert refused.status_code == 409
    assert "Bea: Somebody else changed this case" in refused.text and "Ada: " not in refused.text
    assert refused.text.count(" checked") == 2 and "Nothing was done to anybody" in refused.text
    ticks = [tick(desk, kept) for kept in people]
    done = send(client, do="close", reason="no_answer", case=ticks, find=sought)
    assert done.status_code == 303 and "find=" in done.location and "done=closed" in done.location
    again = send(client, do="close", reason="no_answer", case=ticks)
    assert again.status_code == 303  # sent twice
    page = client.get(done.location)
    at = page.request.args["at"]
    assert "2 people are off the list" in page.text and "Undo" in page.text
    assert send(client, do="reopen", at=at).status_code == 303
    assert client.get("/queue/").text.count("data-row") == 2
    assert send(client, do="reopen", at="yesterday").status_code == 400
    assert send(client, do="close", reason="a whim", case=ticks).status_code == 400


def test_a_page_that_stands_open_learns_that_something_was_changed(desk: Desk) -> None:
    (kept,) = waiting_people(desk, "Ada")
    client = desk.browser("coordinator")
    page = client.get("/queue/?concern=anxiety").text
    asked = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(asked).status_code == 204
    with desk.session() as session:
        now = datetime.now(UTC)
        row = waiting.case(session, client_of(kept))
        assert row is not None
        first = Choice(casework.first_free(session, client_of(kept), now=datetime.now(UTC)) or "")
        casework.assign(session, the_clinic(session), client_of(kept), first, By("a", now, row.revision))
    found = client.get(asked)
    assert found.status_code == 200
    assert "1 case changed" in found.text and "concern=anxiety" in found.text
    assert client.get("/queue/changes?stamp=nonsense").status_code == 204
    desk.intake(ANSWERS, flag="safety")
    assert "2 cases changed" in client.get(asked).text


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    client = desk.browser("coordinator")
    assert client.get(f"/queue/{uuid4()}").status_code == 404
    assert client.get("/queue/nonsense").status_code == 404
    typed = {"csrf_token": token_of(client)}
    assert client.post(f"/queue/flags/{uuid4()}/seen", data=typed).status_code == 404
    assert client.get(f"/queue/flags/{uuid4()}/seen").status_code == 405
    assert client.post(f"/queue/flags/{uuid4()}/seen").status_code in {400, 403}
    assert client.post(f"/queue/{uuid4()}/assign", data=typed).status_code == 404


def test_the_queue_is_for_coordinators(desk: Desk) -> None:
    for path in ("/queue/", "/queue/openings", "/queue/at-risk", "/queue/changes"):
        assert refused_to_others(desk, path, "coordinator") == 4


def test_every_step_of_an_intake_has_its_section_and_title() -> None:
    assert tuple(sections({}, places={}, therapists={}, currency="€")) == STEPS == tuple(TITLES)


def test_a_questionnaire_that_alarms_nobody_is_said_where_alarms_would_stand(desk: Desk) -> None:
    coordinator, says = desk.browser("coordinator"), "No answer of a well-being check reaches you here"
    assert says not in coordinator.get("/queue/").text
    silent = whole()
    del silent["scoring"]["safety"]
    with desk.session() as session:
        instruments.bring(session, the_clinic(session), as_bytes(silent), "bought", actor="a", now=datetime.now(UTC))
    assert says in coordinator.get("/queue/").text
