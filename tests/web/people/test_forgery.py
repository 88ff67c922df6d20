"""What another site may try: forms in a person's name, and addresses that lead away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.people.conftest import House
from tests.web.staff import PASSWORD, address, enter, hire, signed_in, token_of
from web.people import addresses


@pytest.mark.S4
def test_nobody_signs_anybody_in_or_out_from_another_site(house: House, tried: Callable[[int], None]) -> None:
    person = hire(house.url, "administrator")
    client = signed_in(house.app, house.url, person)
    typed = {"email": person.email, "password": PASSWORD}
    cases = 0
    for path in ("/sign-in", "/sign-out"):
        for token in (None, "", "nonsense", token_of(house.app.test_client())[:-2]):
            data = typed | ({} if token is None else {"csrf_token": token})
            assert client.post(path, data=data, environ_base=address()).status_code == 400
            assert client.post(path, json=data, environ_base=address()).status_code == 400
            cases += 2
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            data = typed | {"csrf_token": token_of(client)}
            assert client.post(path, data=data, headers=headers, environ_base=address()).status_code == 403
            cases += 1
    assert client.get("/people/").status_code == 200
    tried(cases)


OPEN_REDIRECTS = (
    "//evil.example", "\\\\evil.example", "/\\evil.example", "javascript:alert(1)", "%09//evil.example",
    "\t//evil.example", "/\t/evil.example", "/%09/evil.example", "/%2f/evil.example", "/%2fevil.example",
    "/%5cevil.example", "https://evil.example/people/", "https:evil.example", "//user@evil.example/", "@evil.example",
    "http://localhost@evil.example/", "///evil.example", "////evil.example", "/\n/evil.example", "people/", "", "/",
    " //evil.example", "/sign-out", "/sign-in", "/people/\x00", "/\u202epeople", "data:text/html,x",
    "//[::1", "/" * 2000,
)  # fmt: skip


def test_signing_in_leads_to_no_other_site(house: House) -> None:
    person = hire(house.url, "administrator")
    client = house.app.test_client()
    for wanted in OPEN_REDIRECTS[:8]:  # the whole way; the account takes ten tries
        answer = enter(client, person.email, next=wanted)
        assert (answer.status_code, answer.location) == (303, "/home"), wanted
    client = signed_in(house.app, house.url, person)
    for wanted in OPEN_REDIRECTS:
        answer = client.get("/sign-in", query_string={"next": wanted})
        assert answer.status_code == 303
        assert answer.location == ("/" if wanted == "/" else "/home"), wanted


@pytest.mark.parametrize(
    "wanted", ["/people/", "/queue/?page=2&sort=wait", "/caseload/a%20b", "/queue/?words=//%5B::1"]
)
def test_signing_in_leads_back_to_the_page_that_was_wanted(house: House, wanted: str) -> None:
    assert addresses.own(wanted) == wanted
    answer = enter(house.app.test_client(), hire(house.url, "coordinator").email, next=wanted)
    assert answer.location == wanted


def test_who_is_not_signed_in_is_led_to_the_door_and_back(house: House) -> None:
    client = house.app.test_client()
    answer = client.get("/people/?page=2")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/people/?page%3D2"
    door = client.get(answer.location)
    assert 'name="next" type="hidden" value="/people/?page=2"' in door.text
    assert client.get("/home").location == "/sign-in"
    assert door.headers["Cache-Control"] == "no-store"
