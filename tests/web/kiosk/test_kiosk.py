"""The tablet's page, and the page on which staff show codes: no rights on it, no names, nothing that is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, token_of
from tests.web.hours import an_hour
from web.db.tables import CheckInRow, SignInRow

FULL = {"bond": "9", "goals": "8", "way": "9", "overall": "10", "comment": "Canary words."}


def opening_of(page: str) -> str:
    found = re.search(r'name="opening" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def full(page: str) -> dict[str, str]:
    """The form of a page, filled in."""
    return FULL | {"opening": opening_of(page)}


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def tablet(desk: Desk) -> FlaskClient:
    browser = desk.browser("coordinator")
    answer = browser.post("/kiosk/begin", data={"csrf_token": token_of(browser)})
    assert (answer.status_code, answer.location) == (303, "/kiosk/")
    return browser


def code_of(desk: Desk, session_id: object, role: str = "coordinator") -> str:
    browser = desk.browser(role)
    page = browser.post(f"/kiosk/hours/{session_id}", data={"csrf_token": token_of(browser)})
    assert page.status_code == 200
    found = re.search(r'class="digits">(\d{3}) (\d{3})<', page.text)
    assert found is not None and 'class="qr"' in page.text and "/check-ins/link/" in page.text
    return found[1] + found[2]


def test_the_tablet_holds_no_rights_of_who_began_it(desk: Desk) -> None:
    browser = tablet(desk)
    for path in ("/queue/", "/kiosk/hours", "/home"):
        assert "/sign-in" in browser.get(path).location
    with desk.session() as session:
        assert all(row.ended_at is not None for row in session.scalars(select(SignInRow)))
    page = browser.get("/kiosk/")
    assert page.headers["Clear-Site-Data"] == '"cache"' and page.headers["Cache-Control"] == "no-store"
    assert 'href="/queue' not in page.text and page.text.count('autocomplete="off"') >= 2


def test_the_tablet_forgets_links_that_were_opened_on_it_before(desk: Desk) -> None:
    browser = desk.browser("coordinator")
    held = ("check_in", "well_being")
    for path in ("check-ins", "well-being"):
        browser.get(f"/{path}/link/{'A' * 22}")
    assert all(browser.get_cookie(name) for name in held)
    browser.post("/kiosk/begin", data={"csrf_token": token_of(browser)})
    assert not any(browser.get_cookie(name) for name in held)


def test_the_code_the_form_thanks_and_nothing_after(desk: Desk) -> None:
    hour, browser = an_hour(desk), tablet(desk)
    code = code_of(desk, hour.session_id)
    assert browser.post("/kiosk/", data={"code": code}).location == "/kiosk/"
    form = browser.get("/kiosk/")
    assert form.text.count('type="radio"') == 46 and int(form.headers["Refresh"].split(";")[0]) <= 601
    wrong = browser.post("/kiosk/", data=full(form.text) | {"bond": ""})
    assert wrong.status_code == 422 and "Canary words." in wrong.text
    assert opening_of(wrong.text) == opening_of(form.text)
    sent = browser.post("/kiosk/", data=full(form.text))
    assert browser.post("/kiosk/", data=full(form.text)).location == "/kiosk/"  # a double click
    assert sent.location == "/kiosk/" and "Set-Cookie" not in sent.headers
    thanks = browser.get("/kiosk/")
    assert "within 30 seconds" in thanks.text and int(thanks.headers["Refresh"].split(";")[0]) <= 31
    browser.post("/kiosk/", data={"leave": "y"})
    after = browser.get("/kiosk/")
    assert "Type the six digits" in after.text and "Canary" not in after.text
    assert browser.post("/kiosk/", data=full(form.text)).location == "/kiosk/?because=over"
    with desk.session() as session:
        assert [row.session_id for row in session.scalars(select(CheckInRow))] == [hour.session_id]


def test_a_page_that_was_left_open_rates_nobody_elses_hour(desk: Desk) -> None:
    first, second, browser = an_hour(desk), an_hour(desk), tablet(desk)
    browser.post("/kiosk/", data={"code": code_of(desk, first.session_id)})
    left_open = full(browser.get("/kiosk/").text)
    browser.post("/kiosk/", data={"leave": "y"})
    browser.post("/kiosk/", data={"code": code_of(desk, second.session_id)})
    for stale in (left_open, FULL):
        answer = browser.post("/kiosk/", data=stale)
        assert (answer.status_code, answer.location) == (303, "/kiosk/?because=other")
    page = browser.get(answer.location).text
    assert "It was not kept" in page and "Canary" not in page
    browser.post("/kiosk/", data=full(page) | {"comment": "My own words."})
    assert browser.post("/kiosk/", data=left_open).location == "/kiosk/?because=other"
    assert "It was not kept" in browser.get("/kiosk/?because=other").text  # beside the thanks
    with desk.session() as session:
        kept = session.scalars(select(CheckInRow)).all()
        assert [(row.session_id, row.comment) for row in kept] == [(second.session_id, "My own words.")]


def test_a_wrong_code_says_so_and_five_make_it_rest(desk: Desk) -> None:
    browser = tablet(desk)
    for _ in range(5):
        answer = browser.post("/kiosk/", data={"code": "000000"})
    assert "rests for" in browser.get(answer.location).text


def test_a_device_that_is_no_tablet_takes_no_code(desk: Desk) -> None:
    hour = an_hour(desk)
    code, browser = code_of(desk, hour.session_id), desk.app.test_client()
    browser.post("/kiosk/", data={"code": code})
    page = browser.get("/kiosk/")
    assert page.status_code == 404 and "not ready" in page.text


def test_codes_are_shown_by_a_coordinator_alone(desk: Desk) -> None:
    hour = an_hour(desk)
    assert str(hour.session_id) in desk.browser("coordinator").get("/kiosk/hours").text
    assert code_of(desk, hour.session_id)
    for role in ("therapist", "clinic_lead", "administrator"):
        browser = desk.browser(role)
        assert browser.get("/kiosk/hours").status_code == 403
        answer = browser.post(f"/kiosk/hours/{hour.session_id}", data={"csrf_token": token_of(browser)})
        assert answer.status_code == 403 and "digits" not in answer.text


def test_the_tablet_is_taken_back(desk: Desk) -> None:
    browser = tablet(desk)
    cookie = browser.get_cookie("kiosk")
    assert cookie is not None and cookie.http_only
    coordinator = desk.browser("coordinator")
    coordinator.set_cookie("kiosk", cookie.value)
    assert "Stop it" in coordinator.get("/kiosk/hours").text
    coordinator.post("/kiosk/end", data={"csrf_token": token_of(coordinator)})
    assert browser.get("/kiosk/").status_code == 404
