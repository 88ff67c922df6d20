"""A request in the browser: asked for, seen, taken back; what stands against is told kindly, and nothing is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.web.conftest import keep_directory
from tests.web.desk import Desk
from tests.web.seekers import Seeker, seeker
from web.db.queries import directory
from web.db.tables import CaseEventRow, OutboxRow, PlacementRow, RequestRow, TherapistRow
from web.services import clinics, placing, requests


def kind(page: str) -> str:
    found = re.search(r'data-kind="(\w+)"', page)
    assert found is not None
    return found[1]


def name_of(desk: Desk, id_: str) -> str:
    with desk.session() as session:
        return directory.some(session, [id_])[0].name


def capacity(desk: Desk, id_: str, change: int | None = None) -> int:
    """How many places somebody has; set first, where that is asked for."""
    with desk.session() as session:
        row = directory.some(session, [id_])[0]
        if change is not None:
            row.capacity = change
            keep_directory(session)
        return row.capacity


@pytest.fixture
def ada(desk: Desk) -> Seeker:
    """Somebody on whose list Maren Oduya stands, with places to spare."""
    capacity(desk, "t01", 5)
    return seeker(desk)


def accept(ada: Seeker, first: datetime | None = None) -> None:
    """Let whoever is asked say yes, as the one who signs in as them."""
    me, (choice, *_rest) = ada.desk.staff["therapist"].id, ada.choices()
    with ada.desk.session() as session:
        requests.accept(session, clinics.find(session, None), me, choice, first=first, now=datetime.now(UTC))


def test_each_card_leads_to_a_page_that_says_what_happens_and_sends_both_choices(desk: Desk, ada: Seeker) -> None:
    first, second = ada.shown()[:2]
    assert f'href="/request/ask?first={first}"' in ada.page("/matches/")
    assert f'href="/request/ask?first={second}"' in ada.page(f"/matches/compare?with={first}&with={second}")
    page = ada.page(f"/request/ask?first={first}")
    assert f"Ask for {name_of(desk, first)}" in page and "is kept for you while they are asked" in page
    assert f'value="{second}"' in page and len(re.findall('name="second"', page)) == 6
    before = capacity(desk, first)
    done = ada.post("/request/ask", first=first, second=second)
    assert (done.status_code, done.location) == (303, "/request/")
    assert ada.states() == ("open", ["asked", "waiting"]) and capacity(desk, first) == before - 1
    page = ada.page()
    assert kind(page) == "asked" and f"You have asked for {name_of(desk, first)}" in page
    assert f"we ask your second choice at once: {name_of(desk, second)}." in page and "They answer by" in page
    listed = ada.page("/matches/")
    assert "/request/ask" not in listed and "You have asked for somebody on this list" in listed


def test_a_request_that_is_sent_twice_is_sent_once(desk: Desk, ada: Seeker) -> None:
    first, second = ada.shown()[:2]
    for _ in range(2):
        assert ada.post("/request/ask", first=first, second="").location == "/request/"
    with desk.session() as session:
        mine = RequestRow.client_id == ada.kept(session).client_id
        assert session.scalar(select(func.count(RequestRow.id)).where(mine)) == 1
    against = ada.post("/request/ask", first=second, second="")
    assert against.status_code == 409 and "You have asked somebody already" in against.text
    assert 'href="/request/"' in against.text
    assert ada.browser.get(f"/request/ask?first={second}").status_code == 409
    assert ada.states() == ("open", ["asked"])


def test_somebody_who_is_full_meanwhile_is_told_kindly_with_the_next_best(desk: Desk, ada: Seeker) -> None:
    first, second = ada.shown()[:2]
    before = capacity(desk, first)
    capacity(desk, first, 0)
    against = ada.post("/request/ask", first=first, second="")
    capacity(desk, first, before)
    assert against.status_code == 409 and "has no free place any more" in against.text
    assert f'href="/request/ask?first={second}"' in against.text
    assert f'href="/request/ask?first={first}"' not in against.text
    with desk.session() as session:
        client_id = ada.kept(session).client_id
        for table in (RequestRow, PlacementRow):
            assert session.scalars(select(table).where(table.client_id == client_id)).all() == []
        kinds = session.scalars(select(CaseEventRow.kind).where(CaseEventRow.client_id == client_id)).all()
        assert kinds == ["opened"]
    assert kind(ada.page()) == "nothing"


@pytest.mark.parametrize("first", ["", "nobody", "t01\x00", "9" * 500])
def test_whoever_is_on_no_list_cannot_be_asked_for(ada: Seeker, first: str) -> None:
    asked = ada.browser.get("/request/ask", query_string={"first": first})
    sent = ada.post("/request/ask", first=first, second="")
    assert (asked.status_code, sent.status_code) == (409, 409)
    assert "choose again from the list below" in sent.text and ada.states() == (None, [])


def test_a_second_choice_that_was_not_offered_or_an_old_page_is_asked_for_again(ada: Seeker) -> None:
    first, second = ada.shown()[:2]
    for bad in ("nobody", first):
        again = ada.post("/request/ask", first=first, second=bad)
        assert again.status_code == 422 and "one of the people who are offered" in again.text
    old = ada.browser.post("/request/ask", data={"first": first, "second": second})
    assert old.status_code == 422 and "open for a long time" in old.text
    assert re.search(rf'value="{second}"[^>]* checked', old.text)
    assert ada.states() == (None, [])


def test_the_page_follows_a_request_from_the_yes_to_the_first_session(desk: Desk) -> None:
    capacity(desk, "t01", 5)
    ada = seeker(desk, name="")
    ada.post("/request/ask", first="t01", second="")
    assert "You left no way to reach you. That is fine" in ada.page()
    assert ada.browser.get("/request/first-session.ics").status_code == 404
    accept(ada)
    page = ada.page()
    assert kind(page) == "accepted" and "Maren Oduya has a place for you" in page
    assert "they can only note a day here" in page
    now, place = datetime.now(UTC), ada.place()
    first = now + timedelta(days=6)
    with desk.session() as session:
        requests.book(session, desk.staff["therapist"].id, place, first, now=now)
    page = ada.page()
    assert kind(page) == "booked" and f"Your first session is on {first:%A} {first.day} {first:%B}" in page
    file = ada.browser.get("/request/first-session.ics")
    assert file.mimetype == "text/calendar" and "attachment" in file.headers["Content-Disposition"]
    assert f"DTSTART:{first:%Y%m%dT%H%M%SZ}" in file.text and "SUMMARY:First session\r\n" in file.text
    with desk.session() as session:
        requests.book(session, desk.staff["therapist"].id, place, first - timedelta(days=9), now=now)
    assert kind(ada.page()) == "met"


def test_a_no_is_told_without_its_reason_and_with_what_is_next(desk: Desk, ada: Seeker) -> None:
    second = next(id_ for id_ in ada.shown() if id_ != "t01")
    ada.post("/request/ask", first="t01", second=second)
    me, (choice, _second) = desk.staff["therapist"].id, ada.choices()
    with desk.session() as session:
        clinic = clinics.find(session, None)
        requests.decline(session, clinic, me, choice, "not_my_field", now=datetime.now(UTC))
    page = ada.page()
    assert kind(page) == "asked" and f"You have asked for {name_of(desk, second)}" in page
    assert "Maren Oduya cannot take somebody on at present." in page and "field" not in page
    with desk.session() as session:
        requests.lapse(session, clinics.find(session, None), now=datetime.now(UTC) + timedelta(days=4))
    page = ada.page()
    assert kind(page) == "declined" and "A coordinator at the practice now looks with you" in page
    assert f"{name_of(desk, second)} did not answer in time." in page and 'action="/matches/again"' in page
    again = ada.post("/request/ask", first="t01", second="")  # the list of before still shows her
    assert again.status_code == 409 and "/request/ask?first=t01" not in again.text
    assert "t01" not in ada.shown() and ada.states()[0] == "declined"
    assert ada.post("/matches/again").status_code == 303
    assert "/request/ask?first=" in ada.page("/matches/?more") and "Maren Oduya" not in ada.page("/matches/?more")


def test_a_place_that_the_practice_gave_stands_there_without_a_request(desk: Desk, ada: Seeker) -> None:
    with desk.session() as session:
        row = session.scalars(select(TherapistRow).where(TherapistRow.capacity > 0)).first()
        client_id = ada.kept(session).client_id
        assert row is not None and client_id is not None
        wanted = [placing.Wanted(client_id, row.id)]
        placing.place(session, clinics.find(session, None), wanted, actor="a", now=datetime.now(UTC))
    page = ada.page()
    assert kind(page) == "accepted" and "Somebody at the practice looked for this place" in page


def test_taking_back_asks_first_and_gives_the_place_back(desk: Desk, ada: Seeker) -> None:
    assert ada.browser.get("/request/withdraw").location == "/request/"
    ada.post("/request/ask", first="t01", second="")
    assert "Take your request back?" in ada.page("/request/withdraw") and capacity(desk, "t01") == 4
    accept(ada)
    assert "Give your place with Maren Oduya back?" in ada.page("/request/withdraw")
    for _ in range(2):
        assert ada.post("/request/withdraw").location == "/request/"
    page = ada.page()
    assert kind(page) == "withdrawn" and capacity(desk, "t01") == 5
    with desk.session() as session:
        told = session.scalars(select(OutboxRow).where(OutboxRow.kind == "withdrawn")).all()
        assert {row.recipient for row in told} == {desk.staff["therapist"].email}


def test_before_anything_was_sent_there_is_nothing_to_ask(desk: Desk) -> None:
    browser = desk.app.test_client()
    assert browser.get("/request/first-session").status_code == 200
    for path in ("/request/", "/request/ask", "/request/withdraw", "/request/first-session.ics"):
        assert browser.get(path).status_code == 403
    assert "Your request</a>" not in browser.get("/").text
    browser.post("/intake/begin")
    assert kind(browser.get("/request/").text) == "unsent"
    assert browser.get("/request/ask?first=t01").location == "/intake/"
    assert browser.get("/request/first-session.ics").status_code == 404
    assert "Your request</a>" in browser.get("/").text


def test_whoever_has_asked_comes_back_to_how_it_stands(desk: Desk, ada: Seeker) -> None:
    back = {"link": f"http://localhost/intake/link/{ada.link}"}
    assert ada.post("/intake/carry-on", **back).location == "/matches/"
    ada.post("/request/ask", first=ada.shown()[0], second="")
    assert ada.post("/intake/carry-on", **back).location == "/request/"
