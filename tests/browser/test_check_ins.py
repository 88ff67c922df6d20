"""A check-in on a phone without script, from the link to thanks; and a tablet on which the next one finds nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser import checking_in
from tests.browser.checking_in import arrive, begin_kiosk, enter, fill, hour, send

CANARY = "Only I know this."


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that runs no script."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, java_script_enabled=False)
    yield context
    context.close()


def test_from_the_link_to_thanks_without_script_well_under_a_minute(phone: BrowserContext, served: str) -> None:
    page, token = phone.new_page(), hour(served)
    began = time.monotonic()
    arrive(page, served, token)
    assert token not in page.url
    for name in checking_in.SLIDERS:
        page.locator(f'input[name="{name}"][value="8"]').tap()
    page.get_by_label("I felt heard").check()
    page.get_by_label("with my name").last.check()
    send(page)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert time.monotonic() - began < 30  # a person reads besides; nothing here takes the time away
    arrive(page, served, token)
    expect(page.get_by_role("heading", name="You have said how it was")).to_be_visible()
    page.get_by_role("link", name="Change what I said").click()
    expect(page.locator('input[name="bond"][value="8"]')).to_be_checked()
    assert token not in page.url


def test_by_keyboard_alone(page: Page, served: str) -> None:
    arrive(page, served, hour(served))
    page.locator("#bond").focus()
    for _name in checking_in.SLIDERS:
        page.keyboard.press("Space")
        for _step in range(6):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
    for name in checking_in.SLIDERS:
        expect(page.locator(f'input[name="{name}"][value="6"]')).to_be_checked()
    expect(page.get_by_label("I felt heard")).to_be_focused()


def test_what_was_missing_is_said_and_nothing_is_lost(phone: BrowserContext, served: str) -> None:
    page = phone.new_page()
    arrive(page, served, hour(served))
    page.fill("#comment", CANARY)
    send(page)
    expect(page.locator(".govuk-error-summary a")).to_have_count(4)
    expect(page.locator("#comment")).to_have_value(CANARY)
    fill(page)
    send(page)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_the_next_person_at_the_tablet_finds_nothing(browser: Browser, served: str) -> None:
    """No page behind the back button, no cookie more, no words in the next one's form."""
    context = browser.new_context()
    page = context.new_page()
    code = begin_kiosk(page, served)
    known = {(cookie["name"], cookie["value"]) for cookie in context.cookies()}
    assert {name for name, _value in known} <= {"kiosk", "session"}
    enter(page, code)
    fill(page, comment=CANARY)
    send(page)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    page.locator("#code").wait_for()
    assert {(cookie["name"], cookie["value"]) for cookie in context.cookies()} <= known
    for _back in range(8):
        try:
            page.go_back()
        except Error:  # a page that was sent, which the browser does not ask for again
            break
        assert CANARY not in page.content() and page.locator(".eleven").count() == 0
    other = context.browser and browser.new_context().new_page()
    assert other is not None
    enter(page_at(page, served), checking_in.code_for(other, served))
    expect(page.locator("#comment")).to_have_value("")
    expect(page.locator(".eleven input:checked")).to_have_count(0)
    assert CANARY not in page.content()
    context.close()


def page_at(page: Page, address: str) -> Page:
    page.goto(address + "/kiosk/")
    return page
