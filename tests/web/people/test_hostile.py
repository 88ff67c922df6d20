"""Guessing, floods and hostile input at the door, and ways in that must not be there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import g, session
from flask.testing import FlaskClient
from flask_login import current_user
from flask_security import auth_required

from tests.web.people.conftest import House
from tests.web.staff import PASSWORD, Hired, address, enter, hire, token_of
from web import visits
from web.db import engine
from web.people.datastore import Account
from web.services import clinics, people


@pytest.mark.S6
def test_tries_are_counted_by_address_by_account_and_kindly(house: House, tried: Callable[[int], None]) -> None:
    victim, colleague = hire(house.url, "coordinator"), hire(house.url, "coordinator")
    client, here = house.app.test_client(), address()

    def post(who: FlaskClient, email: str, password: str, where: dict[str, str]) -> int:
        data = {"csrf_token": token_of(who), "email": email, "password": password}
        return who.post("/sign-in", data=data, environ_base=where).status_code

    owner = house.app.test_client()
    assert post(owner, victim.email, PASSWORD, address()) == 303  # their own browser is known from now on
    assert [post(client, victim.email, f"guess number {n}", here) for n in range(10)] == [401] * 9 + [429]
    assert post(client, victim.email, PASSWORD, address()) == 429  # the account, from whatever address
    assert post(client, colleague.email, PASSWORD, address()) == 303
    for n in range(1, 4):
        assert post(client, f"person-{n}@elsewhere.example", "guess", here) == 429
    stranger = house.app.test_client()
    assert post(stranger, colleague.email, PASSWORD, here) == 429  # the address, for whatever account
    assert post(client, colleague.email, PASSWORD, here) == 303  # but who has used this browser before comes in
    assert post(owner, victim.email, PASSWORD, address()) == 303  # guessing does not keep the owner out
    data = {"csrf_token": token_of(client), "email": victim.email, "password": "guess"}
    answer = client.post("/sign-in", data=data, environ_base=address())
    assert answer.headers["Retry-After"] == "300"
    assert "Please wait five minutes" in answer.text and victim.email in answer.text
    assert house.app.test_client().get("/sign-in", environ_base=here).status_code == 200
    tried(20)


@pytest.mark.S6
def test_all_tries_together_are_counted(tmp_path_factory: pytest.TempPathFactory, tried: Callable[[int], None]) -> None:
    from tests.web.people.conftest import make

    app = make(f"sqlite:///{tmp_path_factory.mktemp('flood') / 'rapport.sqlite'}").app
    logging.disable(logging.CRITICAL)
    try:
        client = app.test_client()
        answers = [
            client.post("/sign-in", data={"email": f"{n}@x.example"}, environ_base=address()).status_code
            for n in range(1_001)
        ]
    finally:
        logging.disable(logging.NOTSET)
    assert answers == [400] * 1_000 + [429]
    tried(1_001)


HOSTILE = {
    "long": b"a" * 10_000,
    "NUL": b"a\x00b@clinic.example",
    "bidi": "a\u202eb@clinic.example".encode(),
    "surrogates": b"\xed\xa0\x80\xed\xbf\xbf@clinic.example",
    "not UTF-8": b"\xff\xfe@clinic.example",
    "markup": b'"><script>alert(1)</script>@clinic.example',
    "template": b"{{7*7}}@clinic.example",
    "SQL": b"' OR 1=1 --@clinic.example",
    "empty": b"",
    "spaces": b"   ",
    "number": b"0",
}


@pytest.mark.S8
@pytest.mark.parametrize("field", ["email", "password", "next", "csrf_token", "submit", "remember", "clinic_id"])
def test_hostile_input_is_refused_and_never_reflected(
    house_on_each: House, field: str, tried: Callable[[int], None]
) -> None:
    from urllib.parse import quote_from_bytes

    house = house_on_each
    person, cases = hire(house.url, "coordinator"), 0
    for name, value in HOSTILE.items():
        for times in (1, 2):
            client = house.app.test_client()
            typed = {
                "csrf_token": token_of(client),
                "email": f"{name}-{times}@x.example".replace(" ", ""),
                "password": "x",
            }
            typed.pop(field, None)
            pairs = [f"{key}={quote_from_bytes(text.encode())}" for key, text in typed.items()]
            pairs += [f"{field}={quote_from_bytes(value)}"] * times
            answer = client.post(
                "/sign-in",
                data="&".join(pairs),
                content_type="application/x-www-form-urlencoded",
                environ_base=address(),
            )
            assert answer.status_code in (400, 401, 422), (field, name)
            assert "<script>alert" not in answer.text and "49@clinic" not in answer.text
            cases += 1
    client = house.app.test_client()
    for body, kind in ((b"[1,2]", "application/json"), (b'{"email":1}', "application/json"), (b"\xff", "text/plain")):
        headers = {"X-CSRFToken": token_of(client), "Content-Type": kind}
        assert client.post("/sign-in", data=body, headers=headers, environ_base=address()).status_code == 422
        cases += 1
    assert enter(house.app.test_client(), person.email).status_code == 303
    tried(cases)


def test_no_other_way_in_is_open(house: House) -> None:
    """What the library could do beside is not there: no routes, no token in an address, no cookie to remember."""
    assert not [r for r in house.app.url_map.iter_rules() if "security" in r.endpoint or "fs-static" in r.rule]
    person = hire(house.url, "administrator")
    with house.app.test_request_context(), engine.sessions(house.url)() as session:
        clinics.find(session, None)
        token = Account(people.of_email(session, person.email)).get_auth_token()
    client = house.app.test_client()
    assert client.get(f"/people/?auth_token={token}").status_code == 303
    assert client.get("/people/", headers={"Authentication-Token": token}).status_code == 303
    assert client.post("/sign-out", json={"auth_token": token}).status_code == 400
    for path in ("/login", "/logout", "/verify", "/register", "/reset", "/fs-static/css/x.css"):
        assert client.get(path).status_code == 404


def test_what_the_library_guards_leads_to_our_own_door(house: House) -> None:
    """No route of ours asks it. One that did would be refused by our answer, not by a page of the library's."""
    guarded = auth_required("session")(lambda: "in")
    with house.app.test_request_context("/people/"), pytest.raises(visits.NotSignedIn):
        guarded()


def test_pages_for_everybody_depend_on_no_cookie(house: House) -> None:
    client = house.app.test_client()
    assert "Cookie" not in client.get("/static/rapport.css").headers.get("Vary", "")
    assert "Set-Cookie" not in client.get("/").headers and "Cookie" not in client.get("/").headers.get("Vary", "")


def test_the_library_knows_only_whom_our_own_sign_in_knows(house: House) -> None:
    """Its account is that of the person of the sign-in; a name in the session or a token of its own make nobody."""
    ada, ben = hire(house.url, "administrator"), hire(house.url, "coordinator")
    with engine.sessions(house.url)() as opened:
        clinics.find(opened, None)
        uniquifier = people.of_email(opened, ada.email).uniquifier
        known = Account(people.of_email(opened, ada.email))

    def is_known(person: Hired | None, *, by_token: bool = False) -> bool:
        with house.app.test_request_context():
            address = f"/people/?auth_token={known.get_auth_token()}" if by_token else "/people/"
        with house.app.test_request_context(address):
            visits.clinic()
            g.person = person and people.SignedIn(person.id, "", person.email, frozenset(), datetime.now(UTC))
            if not by_token:
                session["_user_id"] = uniquifier
            return bool(current_user.is_authenticated)

    assert is_known(ada)
    assert not is_known(ben) and not is_known(None)
    assert not is_known(ada, by_token=True)
