"""What another site sends in a person's name: every route of the intake and the list that changes something."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.desk import Desk
from tests.web.intake import walking
from tests.web.intake.looking import everything
from web import access
from web.cookies import INTAKE

ELSEWHERE: tuple[Mapping[str, str], ...] = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:81"},
)
OTHERS = {"intake.begin", "intake.answer_safety"}  # which need no token of a form


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    """Somebody who has just seen their list."""
    made = walking.begun(desk)
    walking.answer_all(made)
    walking.send(made)
    return made


def routes(link: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    """(endpoint, path, what would change something) of every route that is posted to."""
    changed = {name: {**typed, "csrf_token": ""} for name, typed in walking.SAID.items()}
    changed["concerns"]["concern_text"] = "All that I have just typed"
    changed["safety"]["at_risk"] = "yes"
    return [
        ("intake.begin", "/intake/begin", {}),
        *(("intake.answer", f"/intake/{name}", typed) for name, typed in changed.items() if name != "safety"),
        ("intake.answer_safety", "/intake/safety", changed["safety"]),
        ("intake.reach_me", "/intake/safety/told", {"phone": "030 999"}),
        ("intake.send", "/intake/check", {**walking.CONTACT, "name": "Somebody else"}),
        ("intake.paste", "/intake/carry-on", {"link": link}),
        ("intake.come_back", f"/intake/link/{link}", {}),
        ("intake.leave", "/intake/leave", {}),
        ("matches.order", "/matches/order", {"access": "2"}),
        ("matches.again", "/matches/again", {}),
        ("matches.ask", "/matches/ask/choose_for_me", {}),
    ]


def test_the_table_names_every_route_that_is_posted_to(desk: Desk) -> None:
    posted = {rule.endpoint for rule in desk.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    named = {endpoint for endpoint, _, _ in routes("A" * 22)}
    assert named == {endpoint for endpoint in posted if endpoint.startswith(("intake.", "matches."))}


@pytest.mark.S4
def test_no_route_takes_what_another_site_sends(desk: Desk, client: FlaskClient, tried: Callable[[int], None]) -> None:
    """With a good token too: the browser says where it comes from. Nothing changes in any table or in the browser."""
    link = walking.link_of(walking.begun(desk))
    before, mine = everything(desk.url), walking.link_of(client)
    for _, path, typed in routes(link):
        for headers in ELSEWHERE:
            data = {**typed, "csrf_token": walking.token_of(client)}
            assert client.post(path, data=data, headers=headers).status_code == 403, (path, headers)
            assert walking.link_of(client) == mine
    assert everything(desk.url) == before
    tried(len(routes(link)) * len(ELSEWHERE))


@pytest.mark.S4
def test_no_route_takes_a_form_that_is_not_of_this_browser(
    desk: Desk, client: FlaskClient, tried: Callable[[int], None]
) -> None:
    """Without a token, with another browser's, with one from before it forgot; a step shows again what was typed."""
    link = walking.link_of(walking.begun(desk))
    stranger = desk.app.test_client()
    with stranger.session_transaction() as kept:
        kept["csrf_token"] = "1" * 40
    own = walking.token_of(client)
    before, mine = everything(desk.url), walking.link_of(client)
    tokens = {"none": None, "empty": "", "nonsense": "x" * 200, "NUL": "\x00", "foreign": walking.token_of(stranger),
              "cut": own[:-1], "raw": "0" * 40}  # fmt: skip
    for endpoint, path, typed in routes(link):
        if endpoint in OTHERS:
            continue
        refused = 422 if access.ROUTES[endpoint].forged == "form" else 400
        for kind, token in tokens.items():
            data = {key: value for key, value in typed.items() if key != "csrf_token"}
            answer = client.post(path, data=data if token is None else {**data, "csrf_token": token})
            assert answer.status_code == refused, (path, kind)
            assert path != "/intake/concerns" or "All that I have just typed" in answer.text
        answers = [
            client.get(path, query_string={**typed, "csrf_token": own}),
            client.post(path, data=json.dumps({**typed, "csrf_token": own}), content_type="text/plain"),
            client.post(path, query_string={**typed, "csrf_token": own}),
        ]
        assert all(answer.status_code in {200, 405, refused} for answer in answers), path
        assert walking.link_of(client) == mine
    assert everything(desk.url) == before
    tried((len(routes(link)) - len(OTHERS)) * (len(tokens) + 3))


@pytest.mark.S4
def test_the_safety_answer_asks_for_no_token_but_for_the_link_and_the_origin(
    desk: Desk, client: FlaskClient, tried: Callable[[int], None]
) -> None:
    said = {"at_risk": "yes"}

    def statuses(browser: FlaskClient) -> list[int]:
        sent: list[TestResponse] = [browser.post("/intake/safety", data=said, headers=where) for where in ELSEWHERE]
        return [answer.status_code for answer in sent]

    nobody = desk.app.test_client()
    assert statuses(client) == statuses(nobody) == [403] * len(ELSEWHERE)
    assert walking.kept_by(desk, client).said("safety") == {"at_risk": False}
    for headers in ({}, {"Origin": "null"}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}):
        assert client.post("/intake/safety", data=said, headers=headers).status_code == 303
    assert walking.kept_by(desk, client).said("safety") == {"at_risk": True}
    assert nobody.get_cookie(INTAKE.name) is None
    tried(2 * len(ELSEWHERE) + 4)
