"""A look that is part of a change is written with it; and of what is refused, that is one which shows a client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.trust.test_client_reads import entries, words_of_clients
from tests.trust.test_things_of_others import copy_of
from tests.trust.town import House, Town
from tests.trust.townsfolk import body_of, caller, own, path_of, rules, send
from web import access
from web.services import client_reads

SHOWN, NOT_SHOWN = (200, 409, 422), (303, 400, 403, 404, 410, 429, 500)


def paths(house: House) -> tuple[str, str]:
    """(the endpoint, its address) of a change to a case, whose page shows the client."""
    return "queue.prioritise", f"/queue/{house.things['intake_id']['client8']}/priority"


@pytest.mark.P8
def test_a_change_whose_look_cannot_be_noted_is_not_made(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """Both are one transaction: a look that came after the commit could fail, and the change would stand unseen."""

    def full_disk(*args: object, **more: object) -> None:
        raise OSError("disk full")

    mine = copy_of(town, tmp_path)
    north = mine.houses["north"]
    endpoint, path = paths(north)
    views: dict[str, Any] = mine.app.view_functions
    change = views[endpoint]
    views[endpoint] = lambda intake_id: (change(intake_id).get_data(), 200)  # shows the case at once
    browser, headers = caller(mine, north, endpoint)
    body, before = body_of(mine, north, endpoint), mine.state()
    with monkeypatch.context() as patch:
        patch.setattr(client_reads, "note", full_disk)
        assert browser.post(path, headers=headers, data=body).status_code >= 500
    assert mine.state() == before
    assert browser.post(path, headers=headers, data=body).status_code == 200
    assert mine.state() != before and entries(mine, north)[-1][3] == endpoint
    tried(2)


@pytest.mark.P8
def test_a_form_that_comes_back_with_the_client_on_it_is_a_look(
    town: Town, tmp_path: Path, tried: Callable[[int], None]
) -> None:
    """What somebody else has changed meanwhile (409) and what was mistyped (422) are said on the page of the case."""
    mine = copy_of(town, tmp_path)
    north = mine.houses["north"]
    client, case = str(north.things["client_id"]["client8"]), north.things["intake_id"]["client8"]
    browser, headers = caller(mine, north, "queue.case")
    for do, body, status in (("priority", {"priority": "2", "revision": "77"}, 409), ("note", {"note": " "}, 422)):
        n = len(entries(mine, north))
        answer = browser.post(f"/queue/{case}/{do}", headers=headers, data=body)
        endpoint = {"priority": "queue.prioritise", "note": "queue.note"}[do]
        assert answer.status_code == status and any(word in answer.text for word in north.canaries)
        assert entries(mine, north)[n:] == [("client.read", client, str(north.staff["coordinator"].id), endpoint)]
    tried(2)


@pytest.mark.P8
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_by_its_answer_a_request_is_a_look_or_none(
    town: Town, tmp_path: Path, method: str, tried: Callable[[int], None]
) -> None:
    """A GET that is refused has shown nobody; a form may be shown again."""
    mine = copy_of(town, tmp_path)
    north = mine.houses["north"]
    endpoint, path = paths(north) if method == "POST" else ("queue.case", paths(north)[1].removesuffix("/priority"))
    browser, headers = caller(mine, north, endpoint)
    seen = []
    for status in (*SHOWN, *NOT_SHOWN):
        views: dict[str, Any] = mine.app.view_functions
        views[endpoint] = lambda intake_id, status=status: ("A page.", status)
        n = len(entries(mine, north))
        assert browser.open(path, method=method, headers=headers).status_code == status
        seen += [status] if len(entries(mine, north)) > n else []
    assert seen == ([200] if method == "GET" else [200, 409, 422]), seen
    tried(len(SHOWN) + len(NOT_SHOWN))


@pytest.mark.P8
def test_no_answer_to_a_form_shows_a_client_without_an_entry(
    town: Town, tmp_path: Path, tried: Callable[[int], None]
) -> None:
    """Every route of staff and programs that changes something: well filled in, and empty, so that it comes back."""
    mine = copy_of(town, tmp_path)
    north, n, wrong = mine.houses["north"], 0, []
    words = words_of_clients(mine, north)
    for rule, method in rules(mine):
        policy = access.ROUTES[rule.endpoint]
        if method == "GET" or not (policy.roles or policy.scope):
            continue
        path = path_of(rule, own(north, rule))
        for is_filled in (False, True):
            browser, headers = caller(mine, north, rule.endpoint)
            before = len(entries(mine, north))
            if is_filled:
                answer = send(browser, method, path, rule.endpoint, headers)
            else:
                answer = browser.open(path, method=method, headers=headers, data={})
            n += 1
            if any(word in answer.text for word in words) and len(entries(mine, north)) == before:
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    tried(n)
