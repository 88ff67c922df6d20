"""A forgotten password: by mail alone, once, with every sign-in ended and the second factor still asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.web.people.conftest import House, events
from tests.web.people.factors import app_code, give_app, half_way, post, second
from tests.web.people.mailbox import link_for, written
from tests.web.staff import PASSWORD, enter, hire, signed_in
from web import visits
from web.services import resets

WORDS = "kelp and sand and stones"


def test_a_new_password_ends_all_sign_ins_and_leaves_the_second_factor(house_on_each: House) -> None:
    house = house_on_each
    person = hire(house.url, "coordinator")
    give_app(house.url, person)
    inside = half_way(house.app.test_client(), person)
    assert second(inside, app_code()).status_code == 303
    client = house.app.test_client()
    assert "on its way" in post(client, "/sign-in/forgotten", email=person.email.upper()).text
    link = link_for(house.url, person.email)
    assert client.get(link).location == client.get(link).location == "/sign-in/reset"
    assert "At least 8" in client.get("/sign-in/reset").text
    assert post(client, "/sign-in/reset", password="short").status_code == 422
    answer = post(client, "/sign-in/reset", password=WORDS)
    assert (answer.status_code, answer.location) == (303, "/sign-in?because=new")
    assert inside.get("/queue/").status_code == 303
    assert post(client, "/sign-in/reset", password=WORDS + "!").status_code == 410
    assert enter(house.app.test_client(), person.email, PASSWORD).status_code == 401
    assert second(half_way(house.app.test_client(), person, WORDS), app_code(steps=1)).status_code == 303
    assert ("person.password_changed", str(person.id), {}) in events(house)
    assert [letter.subject for to, letter in written(house.url) if to == person.email] == ["Your sign-in was changed"]


def test_nobody_gets_mail_who_does_not_work_here(house: House) -> None:
    suspended = hire(house.url, "coordinator", status="suspended")
    pages = set()
    for email in (suspended.email, "nobody@north.example", hire(house.url, "therapist").email):
        answer = post(house.app.test_client(), "/sign-in/forgotten", email=email)
        pages.add((answer.status_code, answer.text))
    assert len(pages) == 1
    assert len(written(house.url)) == 1


def test_what_is_no_address_is_said_and_gets_no_mail(house: House) -> None:
    client = house.app.test_client()
    assert "We send a link to your address" in client.get("/sign-in/forgotten").text
    answer = post(client, "/sign-in/forgotten", email="nobody")
    assert answer.status_code == 422 and "name@example.org" in answer.text and "on its way" not in answer.text
    assert not written(house.url)


def test_a_link_that_is_used_in_another_window_meanwhile_changes_nothing_and_says_so(
    house_on_each: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_on_each
    person, client = hire(house.url, "coordinator"), house.app.test_client()
    post(client, "/sign-in/forgotten", email=person.email)
    client.get(link_for(house.url, person.email))
    monkeypatch.setattr(resets.staff_links, "use", lambda *_args, **_more: False)
    answer = post(client, "/sign-in/reset", password=WORDS)
    assert answer.status_code == 410 and "opens nothing any more" in answer.text
    monkeypatch.undo()
    assert enter(house.app.test_client(), person.email, WORDS).status_code == 401
    assert enter(house.app.test_client(), person.email, PASSWORD).status_code == 303


def test_every_link_opens_until_one_is_used_or_six_hours_are_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for more links does not shut out the owner, who is reading the first."""
    person, links = hire(house.url, "coordinator"), []
    for _ in range(3):
        post(house.app.test_client(), "/sign-in/forgotten", email=person.email)
        links.append(link_for(house.url, person.email))
    client, start = house.app.test_client(), datetime.now(UTC)
    client.get(links[0])
    for hours, status in ((5.9, 200), (6.1, 404), (-24, 404)):
        monkeypatch.setattr(visits, "now", lambda hours=hours: start + timedelta(hours=hours))
        assert client.get("/sign-in/reset").status_code == status
    monkeypatch.undo()
    assert post(client, "/sign-in/reset", password=WORDS).status_code == 303
    for link in links[1:]:
        client.get(link)
        assert client.get("/sign-in/reset").status_code == 404


def test_an_administrator_takes_a_lost_second_factor_and_its_owner_is_told(house_on_each: House) -> None:
    house = house_on_each
    person, admin = hire(house.url, "coordinator"), hire(house.url, "administrator")
    give_app(house.url, person)
    written(house.url)
    inside = half_way(house.app.test_client(), person)
    assert second(inside, app_code()).status_code == 303
    by = signed_in(house.app, house.url, admin)
    assert post(by, f"/people/{person.id}/second-factor").status_code == 303
    assert inside.get("/queue/").status_code == 303
    assert enter(house.app.test_client(), person.email).location == "/home"
    assert [to for to, _ in written(house.url)] == [person.email]
    assert ("person.second_factor_reset", str(person.id), {}) in events(house)
    assert post(by, f"/people/{person.id}/second-factor").status_code == 404
