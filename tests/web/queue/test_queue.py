"""The coordinator's queue: who needs a person first, one case, and who looks after it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others, token_of
from web.db.queries import cases, overview
from web.services.intakes import STEPS
from web.wording.intake import TITLES, sections

ANSWERS = {
    "concerns": {"concerns": ["grief", "sleep"], "concern_text": "<b>since spring</b>"},
    "safety": {"at_risk": True},
    "style": {"style": {"lead": -2, "time": 0}},
    "contact": {"name": "Runa", "phone": "00 0000 004"},
}


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def test_an_empty_queue_says_so(desk: Desk) -> None:
    page = desk.browser("coordinator").get("/queue/")
    assert page.status_code == 200
    assert "Nobody is waiting for a person" in page.text and "No intake yet" in page.text


def test_safety_stands_on_top_with_contact_and_the_case_behind_it(desk: Desk) -> None:
    desk.intake({"concerns": {"concerns": ["anger"]}}, flag="no_match")
    _link, key = desk.intake(ANSWERS, flag="safety")
    page = desk.browser("coordinator").get("/queue/").text
    assert page.index("Said yes to the safety question") < page.index("Nobody fits what they need")
    assert "00 0000 004" in page and "Grief and loss, Sleep problems" in page
    case = desk.browser("coordinator").get(f"/queue/{key}").text
    assert "Runa" in case and "Clearly: the therapist leads" in case and "Both, or it depends" in case
    assert "&lt;b&gt;since spring" in case


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


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    client = desk.browser("coordinator")
    assert client.get(f"/queue/{uuid4()}").status_code == 404
    assert client.get("/queue/nonsense").status_code == 404
    typed = {"csrf_token": token_of(client)}
    assert client.post(f"/queue/flags/{uuid4()}/seen", data=typed).status_code == 404
    assert client.get(f"/queue/flags/{uuid4()}/seen").status_code == 405
    assert client.post(f"/queue/flags/{uuid4()}/seen").status_code in {400, 403}


def test_the_queue_is_for_coordinators(desk: Desk) -> None:
    assert refused_to_others(desk, "/queue/", "coordinator") == 4


def test_every_step_of_an_intake_has_its_section_and_title() -> None:
    assert tuple(sections({}, places={}, therapists={}, currency="€")) == STEPS == tuple(TITLES)
