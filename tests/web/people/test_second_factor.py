"""The second factor: what it takes, what it takes once, and what comes of losing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.web.people.conftest import House, events
from tests.web.people.factors import app_code, codes_on, give_app, half_way, post, second, secret_on
from tests.web.staff import PASSWORD, enter, hire, signed_in
from web import visits
from web.db import engine
from web.db.tables import AccountRow, RecoveryCodeRow
from web.people import presenters
from web.services import second_factors


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B of RFC 6238, SHA-1: its eight digits end in these six."""
    moment = datetime.fromtimestamp(seconds, UTC)
    assert second_factors.is_code_of(b"12345678901234567890", code, now=moment)
    assert not second_factors.is_code_of(b"12345678901234567890", f"{(int(code) + 1) % 10**6:06}", now=moment)


def test_an_app_is_set_up_and_asked_for_from_then_on(house_on_each: House) -> None:
    house = house_on_each
    person = hire(house.url, "coordinator")
    here, there = signed_in(house.app, house.url, person), signed_in(house.app, house.url, person)
    page = here.get("/your-sign-in/app").text
    secret = secret_on(page)
    assert post(here, "/your-sign-in/app", code="000000").status_code in (422,)
    answer = post(here, "/your-sign-in/app", code=app_code(secret))
    codes = codes_on(answer.text)
    assert answer.status_code == 200 and len(set(codes)) == 10
    assert here.get("/queue/").status_code == 200  # this browser stays in, the other one does not
    assert there.get("/queue/").status_code == 303
    client = half_way(house.app.test_client(), person, next="/queue/")
    assert client.get("/queue/").status_code == 303  # half way in is not in
    assert "Code" in client.get("/sign-in/second").text
    answer = second(client, app_code(secret, steps=1))
    assert (answer.status_code, answer.location) == (303, "/queue/")
    assert client.get("/queue/").status_code == 200
    done = [action for action, _, _ in events(house)]
    assert done.count("person.app_set_up") == 1 and "person.other_sign_ins_ended" in done


def test_the_secret_stands_sealed_and_the_codes_as_hashes(house: House) -> None:
    person = hire(house.url, "coordinator")
    codes = give_app(house.url, person)
    with engine.sessions(house.url)() as session:
        account = session.scalars(select(AccountRow).where(AccountRow.person_id == person.id)).one()
        kept = [row.code_hash for row in session.scalars(select(RecoveryCodeRow))]
    assert account.has_app and account.totp == bytes(range(20)).hex()
    assert bytes(range(20)) not in account._totp and account.totp.encode() not in account._totp
    plain = [code.replace("-", "").encode() for code in codes]
    assert len(kept) >= 10 and not any(text in row for row in kept for text in plain)
    assert all(len(text) * 5 >= 112 for text in plain)  # bits, so that a plain hash will do (ASVS 6.5.2)


def test_a_code_a_step_early_or_late_is_taken_and_no_further(house: House) -> None:
    for steps, taken in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        person = hire(house.url, "coordinator")
        give_app(house.url, person)
        now = datetime(2026, 5, 4, 12, 0, 15, tzinfo=UTC)
        with engine.sessions(house.url)() as session:
            engine.writing(session)
            code = app_code(steps=steps, at=now)
            assert second_factors.take_app_code(session, person.id, code, now=now) is taken, steps


def test_a_recovery_code_lets_in_once_and_leads_to_the_page_that_makes_new_ones(house_on_each: House) -> None:
    house = house_on_each
    person = hire(house.url, "coordinator")
    codes = give_app(house.url, person)
    client = half_way(house.app.test_client(), person)
    answer = second(client, f" {codes[3].upper()} ")
    assert (answer.status_code, answer.location) == (303, "/your-sign-in/")
    assert "9 are left" in client.get("/your-sign-in/").text
    again = half_way(house.app.test_client(), person)
    assert second(again, codes[3]).status_code == 401
    new = codes_on(post(client, "/your-sign-in/codes").text)
    assert len(new) == 10 and not set(new) & set(codes)
    assert second(again, codes[4]).status_code == 401
    assert second(again, new[0]).status_code == 303


def test_recovery_codes_are_for_who_has_something_to_recover(house: House) -> None:
    person = hire(house.url, "coordinator")
    assert post(signed_in(house.app, house.url, person), "/your-sign-in/codes").status_code == 404
    with engine.sessions(house.url)() as session:
        assert not session.scalars(select(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person.id)).all()


def test_who_is_asked_once_more_reads_what_will_do_and_whether_anything_was_changed(house: House) -> None:
    person = hire(house.url, "administrator")
    client = signed_in(house.app, house.url, person)
    page = client.get("/sign-in/again?next=/people/").text
    assert 'name="next" value="/people/"' in page and "code of your app" not in page and "asks again" in page
    assert "Nothing was changed yet" in client.get("/sign-in/again?next=/people/&unchanged=y").text
    assert 'name="next" value="/home"' in client.get("/sign-in/again?next=//evil.example").text
    give_app(house.url, person)
    client = half_way(house.app.test_client(), person)
    assert second(client, app_code()).status_code == 303
    assert "code of your app" in client.get("/sign-in/again").text


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "a minute"), (300, "5 minutes"), (3_600, "60 minutes"), (86_400, "about 24 hours")]
)
def test_who_has_tried_too_often_reads_how_long_to_wait(seconds: int, words: str) -> None:
    assert presenters.wait(seconds) == words


def test_an_app_is_removed_and_its_codes_go_with_it(house: House) -> None:
    person = hire(house.url, "coordinator")
    give_app(house.url, person)
    client = half_way(house.app.test_client(), person)
    assert second(client, app_code()).status_code == 303
    answer = post(client, "/your-sign-in/app/remove")
    assert (answer.status_code, answer.location) == (303, "/your-sign-in/?done=removed")
    assert client.get("/queue/").status_code == 200
    assert enter(house.app.test_client(), person.email).location == "/home"
    with engine.sessions(house.url)() as session:
        left = session.scalars(select(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person.id)).all()
    assert left == []


def test_a_short_password_cannot_be_left_alone(house: House) -> None:
    person = hire(house.url, "coordinator")
    give_app(house.url, person)
    client = half_way(house.app.test_client(), person)
    assert second(client, app_code()).status_code == 303
    short = "kelp9Sand"
    assert post(client, "/your-sign-in/password", old=PASSWORD, new=short).status_code == 303
    answer = post(client, "/your-sign-in/app/remove")
    assert answer.status_code == 409 and "too short to stand alone" in answer.text
    assert post(client, "/your-sign-in/password", old=short, new="kelp and sand and stones").status_code == 303
    assert post(client, "/your-sign-in/app/remove").status_code == 303
    answer = post(client, "/your-sign-in/password", old="kelp and sand and stones", new=short)
    assert answer.status_code == 422 and "at least 15" in answer.text


def test_a_first_half_is_over_after_ten_minutes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    person, start = hire(house.url, "coordinator"), datetime.now(UTC)
    give_app(house.url, person)
    client = half_way(house.app.test_client(), person)
    monkeypatch.setattr(visits, "now", lambda: start + timedelta(minutes=9))
    assert client.get("/sign-in/second").status_code == 200
    monkeypatch.setattr(visits, "now", lambda: start + timedelta(minutes=11))
    assert client.get("/sign-in/second").location == "/sign-in"
    assert second(client, app_code()).location == "/sign-in"
