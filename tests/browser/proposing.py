"""Ways to the states of a proposal and of a departure."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser import waitlist, walking

Prepare = Callable[[Page, str], None]


def proposal(then: Callable[[Page, str], None] = lambda page, address: None, path: str = "") -> Prepare:
    """A proposal for three people who wait, and what is done with it."""

    def prepare(page: Page, address: str) -> None:
        walking.be(page, address, "coordinator")
        page.goto(address + waitlist.proposed(address) + path)
        then(page, address)

    return prepare


def change_proposal(page: Page, address: str) -> None:
    page.locator(".acts summary").first.click()
    page.get_by_role("button", name="Leave them out this time").first.click()
    page.locator(".notice.caution").wait_for()


def open_proposal(page: Page, address: str) -> None:
    for one in page.locator("details.card > summary").all():
        one.click()
    page.locator(".acts summary").first.click()


def carry_out(page: Page, address: str) -> None:
    page.locator("main form button").click()
    page.wait_for_load_state()


def meet_a_conflict(page: Page, address: str) -> None:
    waitlist.close(address, waitlist.NAMES[1])
    carry_out(page, address)


def departure(page: Page, address: str) -> None:
    waitlist.wait(address)
    walking.be(page, address, "coordinator")
    page.goto(address + "/departures/")
    page.get_by_role("link", name=waitlist.placed(address)).click()


def departing(page: Page, address: str) -> None:
    departure(page, address)
    page.get_by_role("button", name="They take nobody new").click()
    page.locator(".notice").wait_for()
