"""What another site sends in a person's name changes nothing, whatever route it is sent to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from itsdangerous import URLSafeTimedSerializer

from tests.trust.town import At, Town
from tests.trust.townsfolk import body_of, caller, own, path_of, rules, token_of_host
from web import access, forgery

REFUSED = {400, 401, 403, 404, 405, 415, 422}
# what cannot be forged, for it knows nobody: a door, a way out that asks for its token, and a language of the tour
NOT_ONES_OWN = frozenset({"people.sign_in", "intake.begin"})


def forgeries(browser: At, forged: str) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """(what, headers, fields) of each way; where only the origin is asked for, those with another one."""
    good = {"X-CSRFToken": token_of_host(browser)}
    foreign = URLSafeTimedSerializer(browser.application.secret_key, salt="wtf-csrf-token").dumps("1" * 40)
    wrong_key = URLSafeTimedSerializer("x" * 64, salt="wtf-csrf-token").dumps("0" * 40)
    if forged != "origin":
        yield "no token", {}, {}
        yield "a token of another session", {"X-CSRFToken": str(foreign)}, {}
        yield "a token of another key", {"X-CSRFToken": str(wrong_key)}, {}
        yield "a token in the field of another", {}, {"csrf_token": str(foreign)}
    yield "another origin", good | {"Origin": "https://evil.example"}, {}
    yield "another site", good | {"Sec-Fetch-Site": "cross-site"}, {}
    yield "another host of the same site", good | {"Sec-Fetch-Site": "same-site"}, {}
    yield "no origin from another site", good | {"Origin": "null", "Sec-Fetch-Site": "cross-site"}, {}


def wrong_cells(town: Town) -> tuple[int, list[str]]:
    """(cases, those that were let through or changed something): each route that changes × each forgery."""
    north, n, wrong, before = town.houses["north"], 0, [], town.state()
    for rule, method in rules(town):
        policy = access.ROUTES[rule.endpoint]
        if method == "GET" or policy.scope is not None or rule.endpoint in NOT_ONES_OWN:
            continue
        browser, good = caller(town, north, rule.endpoint)
        path, body = path_of(rule, own(north, rule)), body_of(town, north, rule.endpoint)
        tries = [(what, {"headers": h, "data": body | f, "method": method}) for what, h, f in
                 forgeries(browser, policy.forged)]  # fmt: skip
        text = {"Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site"}
        tries.append(("JSON as text", {"headers": text, "data": "{}", "method": method}))
        tries.append(("reading", {"headers": good, "query_string": body, "method": "GET"}))
        for what, sent in tries:
            answer = browser.open(path, **sent)
            n += 1
            before, is_same = town.is_as(before)
            if not is_same or (what != "reading" and answer.status_code not in REFUSED):
                wrong.append(f"{what}: {method} {rule.rule}: {answer.status_code}, same: {is_same}")
    return n, wrong


@pytest.mark.S4
def test_no_route_changes_anything_for_another_site(town: Town, tried: Callable[[int], None]) -> None:
    n, wrong = wrong_cells(town)
    assert not wrong, "\n".join(wrong)
    tried(n)


@pytest.mark.S4
def test_a_token_alone_lets_no_program_in(town: Town, tried: Callable[[int], None]) -> None:
    """The API takes JSON that is called so, and no cookie: what a form can send is refused."""
    north, n, before = town.houses["north"], 0, town.state()
    for rule, method in rules(town):
        scope = access.ROUTES[rule.endpoint].scope
        if scope is None or method == "GET":
            continue
        staff = town.browser(north, north.staff["coordinator"])
        path, bearer = path_of(rule, own(north, rule)), {"Authorization": f"Bearer {north.tokens[scope]}"}
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            if method != "DELETE":
                answer = staff.open(path, method=method, headers=bearer | {"Content-Type": kind}, data="{}")
                assert answer.status_code in {400, 415, 422}, f"{rule.rule} {kind}: {answer.status_code}"
            assert staff.open(path, method=method, headers={"Content-Type": kind}, data="{}").status_code == 401
            n += 2
    assert town.state() == before
    tried(n)


@pytest.mark.S4
def test_a_check_that_is_left_out_would_be_seen(
    town: Town, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """A planted hole: the origin is not looked at. The token alone then still refuses, and the cases say where not."""
    monkeypatch.setattr(forgery, "from_here", lambda: True)
    only = [pair for pair in rules(town) if pair[0].endpoint == "queue.prioritise"]
    monkeypatch.setattr("tests.trust.test_forged.rules", lambda town: iter(only))
    _, wrong = wrong_cells(town)
    assert any(line.startswith("another site: POST /queue/<uuid:intake_id>/priority") for line in wrong)
    tried(1)
