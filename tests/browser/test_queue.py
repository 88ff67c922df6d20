"""The coordinator's day: two of them on one case, the list by the keyboard, and nothing lost that was ticked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import walking
from tests.browser.opening import look_with_axe
from tests.browser.serving import served_demo
from tests.browser.test_journey import somebody


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Iterator[str]:
    """A demo of its own: elsewhere its waiting list is given places."""
    with served_demo(tmp_path_factory.mktemp("queue"), demo) as address:
        yield address


def open_case(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/queue/?state=all&words={name}")
    walking.open_case(page, name)


def test_of_two_coordinators_the_second_is_told_and_nothing_is_done_twice(browser: Browser, served: str) -> None:
    with somebody(browser, width="desktop") as first, somebody(browser, width="desktop") as second:
        for page in (first, second):
            walking.sign_in(page, served, "coordinator")
        open_case(second, served, "Elias")
        open_case(first, served, "Elias")
        first.locator(".offer.first").get_by_role("button", name="Hold").click()
        expect(first.locator(".govuk-notification-banner")).to_contain_text("The place is held")
        second.locator(".offer.first").get_by_role("button", name="Assign").click()
        expect(second.locator(".govuk-error-summary")).to_contain_text("Somebody else changed this case")
        expect(second.locator(".history")).to_contain_text("was held")
        look_with_axe(second)
        second.get_by_role("button", name="Give them the place").click()
        expect(second.locator(".govuk-notification-banner")).to_contain_text("They have a place now")
        second.locator(".govuk-notification-banner").get_by_role("button", name="Undo").click()
        expect(second.locator(".govuk-notification-banner")).to_contain_text("The place was given back")


def test_the_list_is_worked_through_with_the_keyboard(browser: Browser, served: str) -> None:
    with somebody(browser, width="desktop") as page:
        walking.be(page, served, "coordinator")
        page.goto(served + "/queue/")
        page.locator("[data-keys]").focus()
        rows = page.locator("[data-row]")
        for _step in range(2):
            page.keyboard.press("j")
        expect(rows.nth(1).get_by_role("link")).to_be_focused()
        page.keyboard.press("x")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("x")
        expect(page.locator(".bulk")).to_contain_text("2 ticked")
        names = [rows.nth(k).get_by_role("link").inner_text() for k in (0, 1)]
        look_with_axe(page)
        page.select_option("#bulk-priority", "1")
        page.get_by_role("button", name="Set priority").click()
        expect(page.locator(".govuk-notification-banner")).to_contain_text("2 priorities are set")
        page.goto(served + "/queue/?priority=1")
        for name in names:
            expect(page.locator("#cases").get_by_role("link", name=name, exact=True)).to_be_visible()
        page.locator("[data-keys]").focus()
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        expect(page.locator("#history-title")).to_be_visible()


def test_what_somebody_else_changes_is_told_and_ticks_stay(browser: Browser, served: str) -> None:
    with somebody(browser, width="desktop") as first, somebody(browser, width="desktop") as second:
        for page in (first, second):
            walking.sign_in(page, served, "coordinator")
        first.goto(served + "/queue/")
        first.locator('[name="case"]').nth(2).check()
        open_case(second, served, "Jonas")
        second.select_option("#priority", "2")
        second.get_by_role("button", name="Set", exact=True).click()
        expect(second.locator(".govuk-notification-banner")).to_be_visible()
        first.evaluate("htmx.ajax('GET', document.querySelector('.heard-news').getAttribute('hx-get'), "
                       "{target: '.heard-news', select: '#news', swap: 'innerHTML'})")  # fmt: skip
        expect(first.locator("#news")).to_contain_text("1 case changed")
        expect(first.locator('[name="case"]').nth(2)).to_be_checked()
        first.locator("#news a").click()
        expect(first.locator("[data-row]").first).to_contain_text("Jonas")
