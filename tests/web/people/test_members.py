"""What an administrator does: roles, rules at the door, and being asked once more who one is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.web.people.authenticator import Authenticator, give_passkey
from tests.web.people.conftest import House, events
from tests.web.people.factors import app_code, codes_on, give_app, half_way, post, second, secret_on
from tests.web.staff import PASSWORD, enter, hire, signed_in
from web import visits
from web.db import engine
from web.services import clinics, weight_publishing


def test_roles_are_given_rest_hold_again_and_go(house_on_each: House) -> None:
    house = house_on_each
    admin, person = hire(house.url, "administrator"), hire(house.url, "coordinator")
    by, client = signed_in(house.app, house.url, admin), signed_in(house.app, house.url, person)
    page = f"/people/{person.id}"
    assert post(by, f"{page}/roles", role="clinic_lead").status_code == 303
    assert client.get("/insights/").status_code == client.get("/queue/").status_code == 200
    assert post(by, f"{page}/roles/coordinator", status="suspended").status_code == 303
    assert client.get("/queue/").status_code == 403 and client.get("/insights/").status_code == 200
    assert post(by, f"{page}/roles/coordinator", status="active").status_code == 303
    assert client.get("/queue/").status_code == 200
    for role in ("coordinator", "clinic_lead"):
        assert post(by, f"{page}/roles/{role}", status="removed").status_code == 303
    assert client.get("/queue/").status_code == 303  # without any role here they are signed out
    assert post(by, f"{page}/roles/coordinator", status="active").status_code == 303
    assert client.get("/queue/").status_code == 303  # and what was open does not open again
    assert enter(house.app.test_client(), person.email).location == "/home"
    said = [details for action, subject, details in events(house) if action == "membership.changed"]
    assert {"role": "coordinator", "status": "suspended"} in said
    for role, status in (("owner", "active"), ("coordinator", "invited"), ("coordinator", "active")):
        assert post(by, f"{page}/roles/{role}", status=status).status_code == 409
    assert post(by, f"{page}/roles", role="owner").status_code == 409


def test_the_last_administrator_stays(house_on_each: House) -> None:
    house = house_on_each
    ada, ben = hire(house.url, "administrator"), hire(house.url, "administrator")
    by = signed_in(house.app, house.url, ada)
    assert post(by, f"/people/{ben.id}/roles/administrator", status="suspended").status_code == 303
    for status in ("suspended", "removed"):
        answer = post(by, f"/people/{ada.id}/roles/administrator", status=status)
        assert answer.status_code == 409 and "Nobody else administers" in answer.text
    assert by.get("/people/").status_code == 200


def test_who_is_in_is_asked_once_more_before_roles_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, person, start = hire(house.url, "administrator"), hire(house.url, "coordinator"), datetime.now(UTC)
    start = start.replace(second=5)  # six seconds later it is still the same code
    give_app(house.url, admin)
    by = half_way(house.app.test_client(), admin)
    assert second(by, app_code()).status_code == 303
    path = f"/people/{person.id}/roles/coordinator"
    for minutes, prove, status in (
        (9, {}, 303), (11, {"password": "not it at all, I say"}, 401), (11, {"password": PASSWORD}, 303),
        (22, {"code": "000000"}, 401), (22, {"code": "now"}, 303), (22.1, {"code": "now"}, 401),
    ):  # fmt: skip
        moment = start + timedelta(minutes=minutes)
        monkeypatch.setattr(visits, "now", lambda moment=moment: moment)
        answer = post(by, path, status="suspended" if minutes == 9 else "active")
        if minutes == 9:
            assert answer.location.startswith(f"/people/{person.id}")
            continue
        if minutes != 22.1:  # by then it is fresh
            assert answer.location == f"/sign-in/again?next=/people/{person.id}&unchanged=y", minutes
            assert by.get("/your-sign-in/app").location == "/sign-in/again?next=/your-sign-in/app"
        typed = {key: app_code(at=moment) if value == "now" else value for key, value in prove.items()}
        again = post(by, "/sign-in/again", next=f"/people/{person.id}", **typed)
        assert again.status_code == status, (minutes, prove)
        assert status == 401 or again.location == f"/people/{person.id}"


def test_who_needs_a_second_factor_sets_one_up_before_anything_else_opens(house_on_each: House) -> None:
    house = house_on_each
    admin, person = hire(house.url, "administrator"), hire(house.url, "coordinator")
    by, client = signed_in(house.app, house.url, admin), signed_in(house.app, house.url, person)
    rules = {"second_factor": "leads", "idle_minutes": "30", "most_hours": "12"}
    assert post(by, "/people/sign-in", **rules).status_code == 303
    assert client.get("/queue/").status_code == 200
    assert by.get("/people/").location == "/your-sign-in/"
    assert post(by, "/people/sign-in", **rules | {"second_factor": "none"}).status_code == 403
    assert "asks you for a second factor" in by.get("/your-sign-in/").text
    secret = secret_on(by.get("/your-sign-in/app").text)
    assert codes_on(post(by, "/your-sign-in/app", code=app_code(secret)).text)
    assert by.get("/people/").status_code == 200
    assert post(by, "/people/sign-in", **rules | {"second_factor": "everybody"}).status_code == 303
    assert client.get("/queue/").location == "/your-sign-in/"
    assert post(by, "/people/sign-in", **rules, passkeys_only="y").status_code == 303
    assert by.get("/people/").location == "/your-sign-in/"  # the app does not count any more
    assert "asks you for a passkey" in by.get("/your-sign-in/").text
    give_passkey(by)
    assert by.get("/people/").status_code == 200
    by_app = half_way(house.app.test_client(), admin)
    assert second(by_app, app_code(secret, steps=1)).status_code == 303
    assert by_app.get("/people/").status_code == 303 and "/sign-in" in by_app.get("/people/").location


def test_the_rules_have_bounds_and_times_hold_at_once(house_on_each: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house, start = house_on_each, datetime.now(UTC)
    by = signed_in(house.app, house.url, hire(house.url, "administrator"))
    rules = {"second_factor": "none", "idle_minutes": "30", "most_hours": "12"}
    wrong = [("idle_minutes", v) for v in ("4", "61", "", "-5", "5.0", "٣٠", "1e1", "NaN")]
    wrong += [("most_hours", v) for v in ("0", "25", "x")] + [("second_factor", v) for v in ("", "all")]
    for field, value in wrong:
        assert post(by, "/people/sign-in", **rules | {field: value}).status_code == 422, (field, value)
    client = signed_in(house.app, house.url, hire(house.url, "coordinator"))
    monkeypatch.setattr(visits, "now", lambda: start + timedelta(minutes=6))
    assert client.get("/queue/").status_code == 200
    assert post(by, "/people/sign-in", **rules | {"idle_minutes": "5", "most_hours": "1"}).status_code == 303
    monkeypatch.setattr(visits, "now", lambda: start + timedelta(minutes=12))
    assert client.get("/queue/").status_code == 303
    assert [d for a, _, d in events(house) if a == "sign_in_policy.changed"] == [
        {"second_factor": "none", "passkeys_only": 0, "idle_minutes": 5, "most_hours": 1}
    ]


def test_the_rules_stand_on_their_page_as_they_are(house_on_each: House) -> None:
    house = house_on_each
    by = signed_in(house.app, house.url, hire(house.url, "administrator"))
    page = by.get("/people/sign-in").text
    assert 'name="idle_minutes"' in page and 'value="30"' in page and 'value="12"' in page and "from now on" not in page
    rules = {"second_factor": "none", "idle_minutes": "17", "most_hours": "9"}
    page = by.get(post(by, "/people/sign-in", **rules).location).text
    assert 'value="17"' in page and 'value="9"' in page and "It holds from now on" in page


def test_an_administrator_reads_which_second_factors_somebody_has(house: House) -> None:
    by, person = signed_in(house.app, house.url, hire(house.url, "administrator")), hire(house.url, "coordinator")
    page = f"/people/{person.id}"
    assert "the password alone lets them in" in by.get(page).text
    client = signed_in(house.app, house.url, person)
    give_passkey(client)
    assert "a passkey, 10 recovery codes" in by.get(page).text
    give_passkey(client, Authenticator())
    give_app(house.url, person)
    assert "an authenticator app, 2 passkeys, 10 recovery codes" in by.get(page).text


def test_only_an_administrator_lets_one_lead_publish_weights_alone_again(house_on_each: House) -> None:
    house = house_on_each
    admin, lead = hire(house.url, "administrator"), hire(house.url, "clinic_lead")
    with engine.sessions(house.url)() as session:
        clinic = clinics.find(engine.writing(session), "north")
        weight_publishing.ask_for_two(session, clinic, True, actor=lead.id, now=datetime.now(UTC))
        session.commit()
    by = signed_in(house.app, house.url, admin)
    assert "published by two" in by.get("/people/").text
    assert post(signed_in(house.app, house.url, lead), "/people/one-publishes").status_code == 403
    assert "published by two" in by.get("/people/").text
    assert post(by, "/people/one-publishes").location == "/people/"
    assert "published by two" not in by.get("/people/").text
    assert [action for action, _, _ in events(house) if action == "weights.one_enough"] == ["weights.one_enough"]


def test_nobody_of_another_clinic_is_seen_or_changed(house: House) -> None:
    from uuid import uuid4

    by = signed_in(house.app, house.url, hire(house.url, "administrator"))
    for who in (uuid4(), uuid4()):
        for path in ("", "/roles", "/roles/coordinator", "/invitation", "/invitation/take-back", "/second-factor"):
            answer = by.get(f"/people/{who}") if not path else post(by, f"/people/{who}{path}", status="removed")
            assert answer.status_code == 404, path


def test_sign_ins_are_listed_and_ended_one_by_one_or_all(house_on_each: House) -> None:
    house = house_on_each
    person = hire(house.url, "coordinator")
    here, phone, desk = (signed_in(house.app, house.url, person) for _ in range(3))
    laptop = house.app.test_client()
    laptop.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
    assert enter(laptop, person.email).status_code == 303
    page = here.get("/your-sign-in/").text
    assert "Firefox on Linux" in page and page.count("Sign out there") == 3
    for path in sorted(set(_paths(page)))[:1]:
        other = signed_in(house.app, house.url, hire(house.url, "coordinator"))
        assert post(other, path).status_code == 404
        assert post(here, path).status_code == 303
        assert post(here, path).status_code == 404
    assert [client.get("/queue/").status_code for client in (phone, desk, laptop)].count(200) == 2
    assert post(here, "/your-sign-in/elsewhere").status_code == 303
    assert [client.get("/queue/").status_code for client in (here, phone, desk, laptop)] == [200, 303, 303, 303]


def _paths(page: str) -> list[str]:
    import re

    return re.findall(r'action="(/your-sign-in/elsewhere/[0-9a-f-]{36})"', page)
