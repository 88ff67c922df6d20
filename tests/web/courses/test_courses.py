"""The therapist's pages of courses: what is shown with consent and without, what may be done, and by whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others, token_of
from tests.web.speaking import comes, say
from web.db.queries import appointments as appointment_rows
from web.db.queries import shared_courses as rows
from web.db.tables import AlertRow, AppointmentRow, CheckInRow, DyadRow, RatingRow, TherapistRow

CANARY = "canary-in-their-own-words"
BEGIN = datetime.now(UTC) - timedelta(days=30)


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def begun(desk: Desk, *shown: str | None, alert: bool = False, with_whom: str = "t01") -> tuple[UUID, UUID]:
    """(place, client) of somebody with a session a week, who said the same words each time."""
    with desk.session() as session:
        said = {"comment": CANARY, "helped": ["heard"], "hindered": ["rigid"]}
        place, client = comes(session, list(shown), begin=BEGIN, name="Anu", with_whom=with_whom, **said)
        if alert:
            dyad = session.scalars(select(DyadRow).where(DyadRow.client_id == client)).one()
            session.add(AlertRow(dyad_id=dyad.id, kind="drop", session_number=1, figures={}, raised_at=BEGIN))
    return place, client


def send(browser: FlaskClient, path: str, **said: str) -> int:
    return browser.post(path, data={"csrf_token": token_of(browser), **said}).status_code


def consent(desk: Desk, client: UUID, to: str) -> None:
    with desk.session() as session:
        therapist = session.scalars(select(TherapistRow).where(TherapistRow.external_id == "t01")).one()
        for row in rows.sessions(session, client, therapist.id):
            row[2].shown_to = to


def said_of(desk: Desk, client: UUID) -> list[CheckInRow]:
    with desk.session() as session:
        therapist = session.scalars(select(TherapistRow).where(TherapistRow.external_id == "t01")).one()
        return [row[2] for row in rows.sessions(session, client, therapist.id)]


def test_only_therapists_come_in_and_each_to_their_own(desk: Desk) -> None:
    place, _client = begun(desk, "named")
    theirs, _other = begun(desk, "named", with_whom="t02")
    browser = desk.browser("therapist")
    for path in ("/courses/", f"/courses/{place}", "/development/"):
        assert refused_to_others(desk, path, "therapist") == 4
        assert browser.get(path).status_code == 200
    for path in (f"/courses/{theirs}", f"/courses/{uuid4()}"):
        assert browser.get(path).status_code == 404
    assert "Anu" in browser.get("/courses/").text


@pytest.mark.P3
def test_no_word_reaches_the_therapist_without_consent_and_consent_holds_from_the_next_request_on(
    desk: Desk, tried: Callable[[int], None]
) -> None:
    place, client = begun(desk, "named", "named", alert=True)
    browser = desk.browser("therapist")
    # every page of a therapist, with each way to open what the client said
    pages = [f"/courses/{place}", f"/courses/{place}?show=2", f"/courses/{place}?show=1", "/courses/", "/development/",
             "/caseload/", f"/caseload/clients/{place}"]  # fmt: skip
    traces = (CANARY, "I felt heard</", "They were rigid", "less well than expected", "Asks for a conversation",
              "7 of 10", "Something new to read")  # fmt: skip
    for to in ("aggregate", "named", "aggregate", "named", "aggregate"):
        consent(desk, client, to)
        seen = {path: [trace for trace in traces if trace in browser.get(path).text] for path in pages}
        if to == "named":
            assert CANARY in seen[pages[1]] and "Asks for a conversation" in seen["/courses/"]
            assert "less well than expected" in seen[pages[0]]
        else:
            assert not any(seen.values()), seen
            assert "does not share what they say" in browser.get(pages[0]).text
        tried(len(pages))


def test_the_own_rating_comes_before_the_clients(desk: Desk) -> None:
    place, client = begun(desk, "named")
    browser, path = desk.browser("therapist"), f"/courses/{place}"
    assert CANARY not in browser.get(path).text and "Say it before you see" in browser.get(path).text
    assert CANARY in browser.get(f"{path}?show=1").text
    session_id = said_of(desk, client)[0].session_id
    for wrong in ("", "11", "-1", "seven", "٣", "9" * 5000):
        assert send(browser, f"{path}/sessions/{session_id}/own", score=wrong) == 422
    assert send(browser, f"{path}/sessions/{session_id}/own", score="9") == 303
    page = browser.get(path).text
    assert CANARY in page and "You found it better than they did (you: 9, they: 7)" in page
    assert send(browser, f"{path}/sessions/{session_id}/own", score="2") == 409
    assert send(browser, f"{path}/sessions/{uuid4()}/own", score="2") == 404


def test_what_is_held_back_until_ones_own_rating_waits_and_is_no_nothing(desk: Desk) -> None:
    place, client = begun(desk, "named", "named")
    browser, path = desk.browser("therapist"), f"/courses/{place}"
    page = browser.get(path).text
    assert "Session 2 waits for your rating" in page and '<td class="number">Waits for your rating</td>' in page
    ring = 'cy="180" r="4"'
    assert ring not in page and page.count('r="6"') == 1  # that of the first
    assert "waits for your rating" not in browser.get(f"{path}?show=2").text
    with desk.session() as session:
        therapist = session.scalars(select(TherapistRow).where(TherapistRow.external_id == "t01")).one()
        for row in rows.sessions(session, client, therapist.id)[1:]:
            session.delete(row[2])
    page = browser.get(path).text
    assert "aits for your rating" not in page and page.count(ring) == 1


def test_read_answered_changed_and_not_after_it_was_seen(desk: Desk) -> None:
    place, client = begun(desk, "named")
    browser, path = desk.browser("therapist"), f"/courses/{place}"
    one = f"{path}/said/{said_of(desk, client)[0].id}"
    assert send(browser, f"{one}/read") == 303 and said_of(desk, client)[0].read_at is not None
    assert "Your client can see that" in browser.get(f"{path}?show=1").text
    assert send(browser, f"{one}/reply", words="<b>Thank you</b>") == 303
    assert "&lt;b&gt;Thank you" in browser.get(f"{path}?show=1").text
    too_long = browser.post(f"{one}/reply", data={"csrf_token": token_of(browser), "words": "x" * 2001})
    assert too_long.status_code == 422 and "at most 2000 letters" in too_long.text
    assert send(browser, f"{one}/reply", words="Thank you.") == 303
    with desk.session() as session:
        for row in session.scalars(select(CheckInRow)):
            row.reply_seen_at = datetime.now(UTC)
    assert send(browser, f"{one}/reply", words="Something else.") == 409
    assert said_of(desk, client)[0].reply == "Thank you."
    for act in ("read", "reply"):
        assert send(browser, f"{path}/said/{uuid4()}/{act}", words="Hello.") == 404
        assert browser.post(f"{one}/{act}", data={"words": "forged"}).status_code == 400


def test_what_is_taken_back_can_be_neither_read_nor_answered(desk: Desk) -> None:
    place, client = begun(desk, "named")
    browser, one = desk.browser("therapist"), f"/courses/{place}/said/{said_of(desk, client)[0].id}"
    consent(desk, client, "aggregate")
    assert send(browser, f"{one}/read") == 404 and send(browser, f"{one}/reply", words="Hello.") == 404
    assert said_of(desk, client)[0].read_at is None


def test_an_alert_is_closed_with_what_came_of_it(desk: Desk) -> None:
    place, _client = begun(desk, "named", "named", alert=True)
    browser, path = desk.browser("therapist"), f"/courses/{place}"
    page = browser.get(path).text
    assert "less well than expected" in page and "Eubanks, Muran" in page and "What tends to make it worse" in page
    with desk.session() as session:
        alert = session.scalars(select(AlertRow)).one().id
    assert send(browser, f"{path}/alerts/{alert}", outcome="forgotten") == 422
    assert send(browser, f"{path}/alerts/{uuid4()}", outcome="talked") == 404
    assert send(browser, f"{path}/alerts/{alert}", outcome="talked") == 303
    assert "less well than expected" not in browser.get(path).text


def test_sessions_are_planned_called_off_and_said_not_to_have_taken_place(desk: Desk) -> None:
    place, client = begun(desk, None)
    browser, path = desk.browser("therapist"), f"/courses/{place}"
    day = (datetime.now(UTC) + timedelta(days=8)).strftime("%Y-%m-%d")
    for wrong in ({}, {"day": day}, {"day": "2020-01-01", "time": "10:00"}, {"day": day, "time": "late"}):
        assert send(browser, f"{path}/plan", **wrong) == 422
    assert send(browser, f"{path}/plan", day=day, time="10:30") == 303
    assert "10:30" in browser.get(path).text
    with desk.session() as session:
        therapist = session.scalars(select(TherapistRow).where(TherapistRow.external_id == "t01")).one()
        held, planned = (row.id for row in appointment_rows.of_pair(session, client, therapist.id))
    assert send(browser, f"{path}/appointments/{planned}", why="rained") == 400
    assert send(browser, f"{path}/appointments/{planned}", why="cancelled") == 303
    assert send(browser, f"{path}/appointments/{uuid4()}", why="missed") == 404
    for why in ("missed", "cancelled"):  # it is weeks ago
        refused = browser.post(f"{path}/appointments/{held}", data={"csrf_token": token_of(browser), "why": why})
        assert refused.status_code == 409 and "until it begins or a day from then" in refused.text
        assert "another window" not in refused.text and "took their request back" not in refused.text
    page = browser.get(path).text
    assert "called off" in page and "Did not take place" not in page and "Plan the session" in page


@pytest.mark.parametrize("hours", [2, 30])
@pytest.mark.parametrize("why", ["missed", "cancelled"])
def test_what_is_noted_of_an_hour_tells_nobody_whether_the_client_spoke_and_silences_nobody(
    desk: Desk, hours: int, why: str
) -> None:
    """Each answer and page is the same to the byte, but for tokens, whether or not something was said of the hour."""
    began = datetime.now(UTC) - timedelta(days=1, hours=hours)
    with desk.session() as session:
        place, client = comes(session, ["aggregate", None], begin=began - timedelta(days=7), name="Anu")
        therapist = session.scalars(select(TherapistRow).where(TherapistRow.external_id == "t01")).one()
        hour = appointment_rows.of_pair(session, client, therapist.id)[-1]
        key, of = hour.id, hour.session_id
    assert of is not None
    browser, path, seen = desk.browser("therapist"), f"/courses/{place}", []
    then = datetime.now(UTC) - timedelta(hours=hours)
    for speaks in (False, True):
        with desk.session() as session:
            row = session.get_one(AppointmentRow, key)
            row.state, row.begins_at = "held", then
            if speaks:
                say(session, of, at=datetime.now(UTC), score=0)
        said = {"csrf_token": token_of(browser), "why": why}
        answer = browser.post(f"{path}/appointments/{key}", data=said)
        pages = [answer.text, answer.location, browser.get(path).text, browser.get("/courses/").text]
        seen.append((answer.status_code, *(without_tokens(page or "") for page in pages)))
    assert seen[0] == seen[1]
    assert seen[0][0] == (303 if (hours, why) == (2, "missed") else 409)
    with desk.session() as session:
        assert session.scalar(select(RatingRow.id).where(RatingRow.session_id == of)) is not None
        row = session.get_one(AppointmentRow, key)
        assert (row.session_id, row.state) == (of, "missed" if seen[0][0] == 303 else "held")
    at_risk = desk.browser("coordinator").get("/queue/at-risk").text
    assert ("Noted as not having taken place, and they have said how it was" in at_risk) is (seen[0][0] == 303)


def without_tokens(page: str) -> str:
    return re.sub(r'<input[^>]*name="csrf_token"[^>]*>', "", page)
