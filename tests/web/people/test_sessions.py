"""How long somebody is signed in, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.people.conftest import House, events, rows_of
from tests.web.staff import change, enter, hire, signed_in, token_of
from web import visits
from web.db import engine
from web.db.tables import AccountRow
from web.services import clinics, people


@pytest.mark.S5
def test_a_sign_in_is_new_each_time_and_bound_to_nothing_known_before(
    house: House, tried: Callable[[int], None]
) -> None:
    person, client = hire(house.url, "coordinator"), house.app.test_client()
    with client.session_transaction() as kept:
        kept[visits.SIGN_IN], kept["planted"], kept["csrf_token"] = "A" * 22, "by somebody else", "1" * 40
    old_cookie = client.get_cookie("session").value
    assert enter(client, person.email).status_code == 303
    with client.session_transaction() as kept:
        first = kept[visits.SIGN_IN]
        assert first != "A" * 22 and len(first) == 22 and "planted" not in kept
        assert kept.get("csrf_token") != "1" * 40 and "_remember" not in kept
    stranger = house.app.test_client()
    stranger.set_cookie("session", old_cookie)
    assert stranger.get("/home").location == "/sign-in"
    assert enter(client, person.email).status_code == 303
    with client.session_transaction() as kept:
        assert kept[visits.SIGN_IN] != first
    assert [row.ended_at is None for row in rows_of(house, person)] == [False, True]
    tried(4)


@pytest.mark.S5
def test_the_cookie_cannot_be_read_by_scripts_nor_sent_from_elsewhere(
    house: House, tried: Callable[[int], None]
) -> None:
    person, client = hire(house.url, "coordinator"), house.app.test_client()
    cookies = enter(client, person.email).headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert not any(line.startswith("remember_token") for line in cookies)
    assert "Expires" not in next(line for line in cookies if line.startswith("session="))
    tried(len(cookies))


@pytest.mark.S5
def test_signing_out_ends_it_everywhere_the_cookie_was_copied_to(
    house_on_each: House, tried: Callable[[int], None]
) -> None:
    house = house_on_each
    person = hire(house.url, "administrator")
    client, other = signed_in(house.app, house.url, person), signed_in(house.app, house.url, person)
    copy = house.app.test_client()
    copy.set_cookie("session", client.get_cookie("session").value)
    assert copy.get("/people/").status_code == 200
    assert client.get("/sign-out").status_code == 405
    answer = client.post("/sign-out", data={"csrf_token": token_of(client)})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get("/people/").status_code == copy.get("/people/").status_code == 303
    assert other.get("/people/").status_code == 200
    assert client.post("/sign-out", data={"csrf_token": token_of(client)}).status_code == 303
    assert [action for action, _, _ in events(house)].count("person.signed_out") == 1
    tried(6)


@pytest.mark.S5
@pytest.mark.parametrize("status", ["suspended", "removed", "invited"])
def test_a_role_taken_away_is_gone_on_the_next_request(
    house_on_each: House, status: str, tried: Callable[[int], None]
) -> None:
    house = house_on_each
    person = hire(house.url, "administrator")
    client = signed_in(house.app, house.url, person)
    assert client.get("/people/").status_code == 200
    change(house.url, person, status)
    for page in ("/people/", "/home"):
        assert str(client.get(page).location).startswith("/sign-in")
    assert client.post("/sign-out", data={"csrf_token": token_of(client)}).status_code == 303
    change(house.url, person, "active")  # and a role that is given back opens nothing that stood open before
    assert str(client.get("/people/").location).startswith("/sign-in")
    tried(4)


def test_a_closed_account_is_signed_out_on_the_next_request(house: House) -> None:
    person = hire(house.url, "administrator")
    client = signed_in(house.app, house.url, person)
    with engine.sessions(house.url)() as session:
        engine.writing(session)
        session.scalars(select(AccountRow).where(AccountRow.person_id == person.id)).one().active = False
        session.commit()
    assert client.get("/people/").location == "/sign-in?next=/people/"


@pytest.mark.S5
def test_a_sign_in_ends_after_half_an_hour_without_use_and_after_half_a_day_with(
    house_on_each: House, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    house, start = house_on_each, datetime(2026, 3, 2, 8, tzinfo=UTC)
    idle = signed_in(house.app, house.url, hire(house.url, "administrator"), now=start)
    busy = signed_in(house.app, house.url, hire(house.url, "administrator"), now=start)

    def at(client: FlaskClient, minutes: float) -> int:
        monkeypatch.setattr(visits, "now", lambda: start + timedelta(minutes=minutes))
        answer = client.get("/people/")
        answer.close()
        return answer.status_code

    minutes = [*range(25, 720, 25), 719.9]
    assert [at(busy, minute) for minute in minutes] == [200] * len(minutes)
    assert at(busy, 720) == 303
    assert [at(idle, minute) for minute in (29.9, 59.8)] == [200, 200]
    assert at(idle, 89.9) == 303
    tried(len(minutes) + 4)


def test_reading_notes_the_last_use_once_a_minute_and_beside_the_request(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    person = hire(house.url, "administrator")
    client = signed_in(house.app, house.url, person, now=start)

    def seen_after(seconds: int) -> datetime:
        monkeypatch.setattr(visits, "now", lambda: start + timedelta(seconds=seconds))
        client.get("/people/").close()
        return rows_of(house, person)[0].seen_at

    assert seen_after(59) == start
    assert seen_after(60) == start + timedelta(seconds=60)
    assert seen_after(100) == start + timedelta(seconds=60)
    assert seen_after(120) == start + timedelta(seconds=120)


def test_a_mark_that_cannot_be_written_spoils_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(
        house.app, house.url, hire(house.url, "administrator"), now=datetime.now(UTC) - timedelta(minutes=5)
    )

    def broken(*args: object, **more: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("web.services.people.people.seen", broken)
    answer = client.get("/people/")
    assert answer.status_code == 200 and "Sam Field" in answer.text
    answer.close()


@pytest.mark.S5
def test_two_clinics_that_suspend_somebody_do_not_leave_the_ending_to_each_other(
    house: House, tried: Callable[[int], None]
) -> None:
    with engine.sessions(house.url)() as session:
        clinics.create(engine.writing(session), "south", "South", now=datetime.now(UTC))
        session.commit()
    person = hire(house.url, "coordinator", slug="north")
    with engine.sessions(house.url)() as session:
        clinics.find(engine.writing(session), "south")
        people.create(session, person.email, "Sam Field", "therapist", password=None, now=datetime.now(UTC))
        session.commit()
    signed_in(house.app, house.url, person, slug="north")
    change(house.url, person, "suspended", slug="north")
    assert [row.ended_at is None for row in rows_of(house, person)] == [True]  # the other clinic's to end
    change(house.url, person, "suspended", slug="south")
    assert [row.ended_at is None for row in rows_of(house, person)] == [False]
    tried(2)
