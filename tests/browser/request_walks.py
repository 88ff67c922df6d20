"""The ways to each state of a request, of the client who makes it and of the therapist who answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page

from tests.browser import asking, walking

Walk = Callable[[Page, str], None]


def stands(make: Callable[[str], str]) -> Walk:
    """How the request of somebody stands whom ``make`` has brought there."""
    return lambda page, address: asking.come_back(page, address, make(address))


def takes_back(page: Page, address: str) -> None:
    asking.come_back(page, address, asking.asked(address))
    page.goto(address + "/request/withdraw")


def asks_for(page: Page, address: str) -> None:
    asking.come_back(page, address, asking.sent(address))
    page.goto(f"{address}/request/ask?first={asking.MAREN}")


def asks_in_vain(page: Page, address: str) -> None:
    link = asking.sent(address)
    asking.come_back(page, address, link)
    with asking.last_place_of(address, link) as taken:
        page.goto(f"{address}/request/ask?first={taken}")
        page.get_by_role("button", name="Send my request").click()
        page.wait_for_load_state()


def answers(page: Page, address: str) -> None:
    key = asking.key_of_choice(address, asking.asked(address))
    walking.be(page, address, "therapist")
    page.goto(f"{address}/caseload/requests/{key}")


def answers_too_late(page: Page, address: str) -> None:
    link = asking.withdrawn(address)
    walking.be(page, address, "therapist")
    page.goto(f"{address}/caseload/requests/{asking.key_of_choice(address, link)}")


def has_a_client(days: int | None) -> Walk:
    """The page of somebody with a place, and a first session in so many days."""

    def prepare(page: Page, address: str) -> None:
        key = asking.key_of_place(address, asking.accepted(address, days=days))
        walking.be(page, address, "therapist")
        page.goto(f"{address}/caseload/clients/{key}")

    return prepare


def reads(page: Page, address: str) -> None:
    page.goto(address + "/request/first-session")


# (name, the way there, the rest of what ``tests.browser.pages.State`` asks for)
WALKS: tuple[tuple[str, Walk, Mapping[str, Any]], ...] = (
    ("request-nothing", stands(asking.sent), {"shows": "[data-kind=nothing]"}),
    ("request-ask", asks_for, {"shows": "#second-1"}),
    ("request-conflict", asks_in_vain, {"shows": ".ways a", "refused": True}),
    ("request-asked", stands(asking.asked), {"shows": "[data-kind=asked] .way"}),
    ("request-accepted", stands(asking.accepted), {"shows": "[data-kind=accepted] .way"}),
    ("request-booked", stands(lambda at: asking.accepted(at, days=6)), {"shows": "[data-kind=booked] .button"}),
    ("request-declined", stands(asking.declined), {"shows": "[data-kind=declined]"}),
    ("request-withdraw", takes_back, {"shows": "main button"}),
    ("request-withdrawn", stands(asking.withdrawn), {"shows": "[data-kind=withdrawn]"}),
    ("request-by-coordinator", stands(asking.placed), {"shows": "[data-kind=accepted]"}),
    ("first-session", reads, {}),
    ("therapist-request", answers, {"shows": "#answer-title"}),
    ("therapist-request-over", answers_too_late, {"refused": True}),
    ("therapist-client", has_a_client(None), {"shows": "#first-title"}),
    ("therapist-client-booked", has_a_client(6), {"shows": 'a[href$="first-session.ics"]'}),
)
