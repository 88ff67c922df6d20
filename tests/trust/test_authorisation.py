"""Who may call what, with callers that no other matrix has: private links, tokens of each scope, other clinics' staff.

The matrix of roles and statuses stands in tests/web/test_access.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.trust.town import At, House, Town
from tests.trust.townsfolk import own, path_of, rules, send, token_of_host
from web import access
from web.access import Policy

ENDS_IT = frozenset({"people.sign_in", "people.sign_out", "tour.look", "intake.leave", "kiosk.begin"})
READS = "GET"


def callers(town: Town, house: House, other: House) -> Iterator[tuple[str, At, dict[str, str]]]:
    """(name, browser, headers) of each."""
    browser = town.browser(house, link=house.links[8])
    yield "link", browser, {"X-CSRFToken": token_of_host(browser)}
    stranger = town.browser(house, link=other.links[8])
    yield "link of another clinic", stranger, {"X-CSRFToken": token_of_host(stranger)}
    for scope, token in house.tokens.items():
        browser = town.browser(house)
        yield f"token {scope}", browser, {"Authorization": f"Bearer {token}", "X-CSRFToken": token_of_host(browser)}
    for role in ("therapist0", "coordinator", "clinic_lead", "administrator"):
        browser = town.browser(house, other.staff[role])
        yield f"{role} of another clinic", browser, {"X-CSRFToken": token_of_host(browser)}
    for name in ("coordinator", "therapist", "clinic_lead", "administrator"):
        for status in ("invited", "suspended", "removed"):
            browser = town.browser(house, house.staff[f"{name}, {status}"])
            yield f"{name}, {status}", browser, {"X-CSRFToken": token_of_host(browser)}


def opens(policy: Policy, caller: str) -> bool:
    """Whether the policy lets a caller of this kind through."""
    if policy.scope is not None:
        return caller == f"token {policy.scope}"
    if policy.roles:
        return False
    return not policy.intake or caller == "link"


def refusals(policy: Policy, caller: str, method: str) -> set[int]:
    """With what a caller is turned away."""
    if policy.scope is not None:
        return {403} if caller.startswith("token ") else {401}
    if policy.roles:
        is_in = not caller.startswith(("link", "token"))
        return {403} if is_in else {303 if method == READS else 401}
    return {403}


def wrong_cells(
    town: Town, *, only: str = "", methods: str = "GET POST PUT DELETE", each: int = 1
) -> tuple[int, list[str]]:
    """(cells, those that are not as declared): each route × method × caller; a refusal changes nothing.

    ``each``: of callers that a route turns away every so many-th, another one for each route.
    """
    house, other = town.houses["north"], town.houses["south"]
    n, wrong, before = 0, [], town.state()
    for k, (name, browser, headers) in enumerate(callers(town, house, other)):
        for j, (rule, method) in enumerate(rules(town)):
            policy = access.ROUTES[rule.endpoint]
            if method not in methods or not name.startswith(only):
                continue
            if (j + k) % each and not opens(policy, name) and name != "link":
                continue
            if rule.endpoint in ENDS_IT | {"static"} or (opens(policy, name) and method != READS):
                continue
            answer = send(browser, method, path_of(rule, own(house, rule)), rule.endpoint, headers)
            n += 1
            if opens(policy, name):
                is_right = answer.status_code not in {401, 405} and answer.status_code < 500
            else:
                before, is_same = town.is_as(before)
                is_right = answer.status_code in refusals(policy, name, method) and is_same
            if not is_right:
                wrong.append(f"{name}: {method} {rule.rule}: {answer.status_code}")
    return n, wrong


@pytest.mark.S1
def test_links_tokens_and_staff_of_other_clinics_open_what_is_declared(
    town: Town, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """At length all; else each route turns away every third of the callers, others for each route."""
    n, wrong = wrong_cells(town, each=trials(3, 1))
    assert not wrong, "\n".join(wrong)
    tried(n)


@pytest.mark.S1
def test_a_status_that_is_not_asked_for_would_be_seen(
    town: Town, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """A planted hole: the role counts, and whether it holds does not."""
    from web.services import people

    monkeypatch.setattr(people, "ACTIVE", "suspended")
    _, wrong = wrong_cells(town, only="coordinator, suspended", methods="GET")
    assert any("coordinator, suspended: GET /queue/: 200" in cell for cell in wrong)
    tried(1)
