"""The pages of a check-in's link: nothing is lost, nothing leaks, and looking changes nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of
from tests.web.hours import Hour, an_hour
from web import visits
from web.db.tables import AppointmentRow, CheckInRow, ClientRow, LinkRow, TherapistRow
from web.services import appointments, check_ins, links

FULL = {"bond": "9", "goals": "8", "way": "9", "overall": "10", "helped": "heard", "comment": "Canary words.",
        "shown_to": "named"}  # fmt: skip


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


@pytest.fixture
def hour(desk: Desk) -> Hour:
    return an_hour(desk)


def arrived(desk: Desk, token: str) -> FlaskClient:
    browser = desk.app.test_client()
    answer = browser.get(f"/check-ins/link/{token}")
    assert (answer.status_code, answer.location) == (303, "/check-ins/now")
    return browser


def said(desk: Desk) -> list[CheckInRow]:
    with desk.session() as session:
        return list(session.scalars(select(CheckInRow)))


def test_from_the_link_to_thanks_and_a_correction(desk: Desk, hour: Hour) -> None:
    browser = arrived(desk, hour.token)
    page = browser.get("/check-ins/now")
    assert page.status_code == 200 and page.text.count('type="radio"') == 4 * 11 + 2
    assert 'value="aggregate" checked' in page.text  # who may see it is nobody, unless it is chosen
    answer = browser.post("/check-ins/now", data={"token": hour.token, **FULL})
    assert (answer.status_code, answer.location) == (303, "/check-ins/now?said=")
    assert "It is kept." in browser.get(answer.location).text
    change = browser.get("/check-ins/now?change=")
    assert "Canary words." in change.text and 'name="bond" value="9" checked' in change.text
    browser.post("/check-ins/now", data={"token": hour.token, "correct": "y", **FULL, "bond": "1"})
    assert [row.bond for row in said(desk)] == [1]


def test_no_cookie_is_needed_to_be_heard(desk: Desk, hour: Hour) -> None:
    bare = desk.app.test_client(use_cookies=False)
    assert "Open your link once more" in bare.get("/check-ins/now").text
    for pasted in (f" https://x.example/check-ins/link/{hour.token} ", hour.token):
        page = bare.post("/check-ins/now", data={"link": pasted})
        assert page.status_code == 200 and f'value="{hour.token}"' in page.text
    for _ in range(2):  # loaded again, it is sent again
        answer = bare.post("/check-ins/now", data={"token": hour.token, **FULL})
        assert answer.status_code == 200 and "It is kept." in answer.text and len(said(desk)) == 1


@pytest.mark.parametrize("path", ["/check-ins/link/{}", "/check-ins/now"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_uses_nothing_up(desk: Desk, hour: Hour, path: str, method: str) -> None:
    """Programs that look through mail open each link, follow it, and come back."""
    browser = arrived(desk, hour.token)
    for _ in range(3):
        browser.open(path.format(hour.token), method=method, headers={"Sec-Purpose": "prefetch"}, follow_redirects=True)
    with desk.session() as session:
        assert {row.used_at for row in session.scalars(select(LinkRow))} == {None}
    assert browser.post("/check-ins/now", data={"token": hour.token, **FULL}).status_code == 303


def test_the_token_stands_in_no_address_log_or_header(
    desk: Desk, hour: Hour, capfd: pytest.CaptureFixture[str]
) -> None:
    browser = arrived(desk, hour.token)
    page = browser.get("/check-ins/now")
    answer = browser.post("/check-ins/now", data={"token": hour.token, **FULL})
    for one in (page, answer):
        assert one.headers["Referrer-Policy"] == "no-referrer" and one.headers["Cache-Control"] == "no-store"
        assert hour.token not in str(one.location)
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("check_in="))
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"))
    assert not re.search(r'(?:href|action|src)="[^"]*' + hour.token, page.text)
    logged = "".join(capfd.readouterr())
    assert hour.token not in logged and "Canary" not in logged


def test_what_is_missing_is_named_and_what_was_typed_stands(desk: Desk, hour: Hour) -> None:
    sent = {"token": hour.token, **FULL, "therapist": "Maren"}
    del sent["way"]
    page = arrived(desk, hour.token).post("/check-ins/now", data=sent)
    assert page.status_code == 422 and 'href="#way"' in page.text and said(desk) == []
    assert "Canary words." in page.text and 'name="goals" value="8" checked' in page.text
    assert 'value="heard" checked' in page.text and 'value="named" checked' in page.text
    assert f'value="{hour.token}"' in page.text


@pytest.mark.parametrize("wrong", [{"bond": "11"}, {"bond": "-1"}, {"bond": "٣"}, {"helped": "x"}, {"shown_to": "all"},
                                   {"comment": "a" * 2_001}])  # fmt: skip
def test_what_no_form_offers_is_refused_and_nothing_is_kept(desk: Desk, hour: Hour, wrong: dict[str, str]) -> None:
    page = arrived(desk, hour.token).post("/check-ins/now", data={"token": hour.token, **FULL, **wrong})
    assert page.status_code == 422 and said(desk) == []


def test_two_tabs_the_second_loses_nothing_and_changes_nothing(desk: Desk, hour: Hour) -> None:
    browser = arrived(desk, hour.token)
    browser.post("/check-ins/now", data={"token": hour.token, **FULL})
    assert browser.post("/check-ins/now", data={"token": hour.token, **FULL}).status_code == 303  # a double click
    other = browser.post("/check-ins/now", data={"token": hour.token, **FULL, "bond": "2", "comment": "Second tab."})
    assert other.status_code == 409 and "Second tab." in other.text and 'name="correct"' in other.text
    assert [(row.bond, row.comment) for row in said(desk)] == [(9, "Canary words.")]


def test_a_tab_with_another_link_sends_what_it_shows(desk: Desk, hour: Hour) -> None:
    other = an_hour(desk, "t02")
    browser = arrived(desk, hour.token)
    browser.get(f"/check-ins/link/{other.token}")  # in a second tab: the cookie is the other's now
    browser.post("/check-ins/now", data={"token": hour.token, **FULL})
    assert [row.session_id for row in said(desk)] == [hour.session_id]


def test_the_database_is_away_and_nothing_is_lost(desk: Desk, hour: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = arrived(desk, hour.token)

    def away(*given: object, **more: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(visits, "clinic", away)
        patched.setattr("web.tour.routes._is_demo", lambda: False)
        kind = browser.get("/check-ins/now")
        assert kind.status_code == 503 and "It stays good" in kind.text
        page = browser.post("/check-ins/now", data={"token": hour.token, "therapist": "Maren", **FULL})
    assert page.status_code == 503 and "Canary words." in page.text and 'name="overall" value="10" checked' in page.text
    assert said(desk) == []
    assert browser.post("/check-ins/now", data={"token": hour.token, **FULL}).status_code == 303


@pytest.mark.parametrize("token", ["A" * 22, "nothing", "A" * 400])
def test_wrong_links_are_met_kindly(desk: Desk, token: str) -> None:
    page = arrived(desk, token).get("/check-ins/now")
    assert page.status_code == 404 and "leads to nothing here" in page.text and 'name="link"' in page.text


def test_nobody_is_thanked_for_what_a_link_does_not_hold(desk: Desk, hour: Hour) -> None:
    with desk.session() as session:
        later = {"now": hour.now, "until": hour.now + timedelta(days=7)}
        ended = links.make(session, links.CHECK_IN, hour.client_id, session_id=hour.session_id, **later)
        expired = links.make(session, links.CHECK_IN, hour.client_id, session_id=hour.session_id,
                             now=hour.now - timedelta(days=8), until=hour.now - timedelta(days=1))  # fmt: skip
        found = links.of_token(session, links.CHECK_IN, ended, now=hour.now)
        assert found is not None
        session.get_one(LinkRow, found.id).ended_at = hour.now
    for token, status, words in (
        ("A" * 22, 404, "leads to nothing here"), (expired, 410, "has run out"), (ended, 410, "is closed"),
        (hour.token, 200, 'name="bond"'), ("", 200, "Open your link once more"),
    ):  # fmt: skip
        browser = arrived(desk, token) if token else desk.app.test_client()
        page = browser.get("/check-ins/now?said=")
        assert page.status_code == status and words in page.text, (words, page.text)
        assert "Thank you" not in page.text and "It is kept" not in page.text


def test_an_hour_that_is_noted_as_missed_is_told_of_kindly_and_what_was_typed_is_not_kept(
    desk: Desk, hour: Hour
) -> None:
    browser = arrived(desk, hour.token)
    with desk.session() as session:
        (row,) = session.scalars(select(AppointmentRow).where(AppointmentRow.session_id == hour.session_id))
        therapist = check_ins.first_name(session.get_one(TherapistRow, row.therapist_id).name)
        appointments.call_off(session, hour.clinic, row.id, because="missed", actor="a", now=hour.now)
    for page in (browser.get("/check-ins/now"), browser.post("/check-ins/now", data={"token": hour.token, **FULL})):
        assert page.status_code == 410 and "noted as not having taken place" in page.text
        assert f"please tell {therapist}, or the practice" in page.text and 'name="link"' not in page.text
    assert said(desk) == []


def test_another_sites_form_is_not_heard(desk: Desk, hour: Hour) -> None:
    answer = desk.app.test_client().post(
        "/check-ins/now", data={"token": hour.token, **FULL}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403 and said(desk) == []


def test_their_own_page_shows_what_they_said_and_lets_them_decide_anew(desk: Desk, hour: Hour) -> None:
    browser = desk.with_link(hour.own)
    page = browser.get("/check-ins/")
    assert "Say how it was" in page.text
    csrf = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]}
    begun = browser.post(f"/check-ins/{hour.session_id}", data=csrf)
    assert begun.location == "/check-ins/now?change="
    form = browser.get(begun.location)
    token = re.findall(r'name="token" value="([^"]+)"', form.text)[0]
    browser.post("/check-ins/now", data={"token": token, **FULL})
    assert "has not read it yet" in browser.get("/check-ins/").text
    browser.post(f"/check-ins/{hour.session_id}/shown-to", data={**csrf, "shown_to": "aggregate"})
    assert [row.shown_to for row in said(desk)] == ["aggregate"]
    stranger = desk.with_link(an_hour(desk, "t02").own)
    for path in ("", "/shown-to"):
        answer = stranger.post(f"/check-ins/{hour.session_id}{path}", data={**csrf, "shown_to": "named"})
        assert answer.status_code in {400, 403, 404}
    assert [row.shown_to for row in said(desk)] == ["aggregate"]


def test_an_answer_is_shown_and_noted_as_seen_after_the_page(desk: Desk, hour: Hour) -> None:
    with desk.session() as session:
        check_ins.say_of(session, hour.clinic, hour.session_id, check_ins.Said(5, 5, 5, 5, shown_to="named"), hour.now)
        row = session.scalars(select(CheckInRow)).one()
        row.read_at = row.replied_at = hour.now
        row.reply = "Let us talk about it."
    browser = desk.with_link(hour.own)
    for method, headers in (
        ("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch;prerender"}), ("GET", {"Purpose": "prefetch"}),
        ("GET", {"X-Moz": "prefetch"}), ("GET", {"Sec-Fetch-Dest": "empty"}),
    ):  # fmt: skip
        browser.open("/check-ins/", method=method, headers=headers).close()
        assert said(desk)[0].reply_seen_at is None, (method, headers)
    with browser.get("/check-ins/", headers={"Sec-Fetch-Dest": "document"}) as page:
        assert "Let us talk about it." in page.text
    assert said(desk)[0].reply_seen_at is not None


def test_mail_ends_by_one_click_of_a_mail_program_and_not_by_looking(desk: Desk, hour: Hour) -> None:
    browser = desk.app.test_client()
    path = f"/check-ins/reminders/{hour.stop}"
    assert "Send me no more such mail" in browser.get(path).text

    def is_off() -> bool:
        with desk.session() as session:
            return (
                session.scalars(select(ClientRow.reminders_off_at).where(ClientRow.id == hour.client_id)).one()
                is not None
            )

    assert not is_off()
    assert browser.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 303 and is_off()
    assert "You get no more such mail" in browser.get(path).text
    browser.post(path, data={"again": "y"})
    assert not is_off()
    assert browser.post(f"/check-ins/reminders/{hour.token}").status_code == 404 and not is_off()
