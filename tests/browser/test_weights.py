"""The weights with the keyboard alone: tuned, their effect seen, published and gone back on."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser import walking
from tests.browser.test_journey import somebody

MOST_STOPS = 60
USUAL = "12"  # of 100, for what is easy to reach, in the weights that Rapport brings


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is there; it has to be seen there."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"{wanted} is not reached within {MOST_STOPS} stops")


def test_weights_are_tuned_published_and_gone_back_on_with_the_keyboard(browser: Browser, served: str) -> None:
    with somebody(browser, width="desktop") as page:
        walking.be(page, served, "clinic_lead")
        walking.set_aside(page, served)
        if page.locator("#access").input_value() != USUAL:
            walking.go_back(page, served)
        page.goto(served + "/weights/")
        sent: list[str] = []
        page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)

        tab_to(page, '[data-mirrors="access"]')
        for _press in range(30):
            page.keyboard.press("ArrowRight")
        typed = page.locator("#access").input_value()
        assert float(typed) == float(USUAL) + 30
        expect(page.locator("#preview")).to_contain_text(re.compile(r"The first five change in \d+ of \d+ lists"))
        expect(page.locator("#later-list")).to_be_visible()
        expect(page.locator(".unkept")).to_be_visible()
        assert {*sent} == {f"{served}/weights/preview"}
        assert len(sent) < 30  # asked when the hand rests, not at each press

        words = page.locator(".slope").get_attribute("aria-label")
        tab_to(page, "#later-list")
        page.keyboard.press("Enter")
        expect(page.locator("#preview")).to_contain_text("List 2 of")
        assert page.locator(".slope").get_attribute("aria-label") != words
        expect(page.locator("#later-list")).to_be_focused()
        assert page.locator("#access").input_value() == typed

        page.locator("#access").focus()
        tab_to(page, "#tune .save .button:not([formaction])")
        page.keyboard.press("Enter")
        expect(page.locator(".govuk-notification-banner")).to_contain_text("The draft is kept")
        tab_to(page, "[data-when-kept]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/weights/publish")
        tab_to(page, "#note")
        page.keyboard.type("People wait too long")
        if page.locator("#seen").count():
            tab_to(page, "#seen")
            page.keyboard.press("Space")
        tab_to(page, "form.card .button")
        page.keyboard.press("Enter")
        expect(page.locator(".govuk-notification-banner")).to_contain_text("Your weights serve now")
        share = float(page.locator("#access").input_value())
        assert share == round(100 * float(typed) / (100 + 30), 2)

        tab_to(page, 'a[href="/weights/history"]')
        page.keyboard.press("Enter")
        expect(page.locator("tbody tr").first).to_contain_text("People wait too long")
        page.goto(served + "/weights/back/release")
        if page.locator("#seen").count():
            tab_to(page, "#seen")
            page.keyboard.press("Space")
        tab_to(page, "form .button")
        page.keyboard.press("Enter")
        expect(page.locator(".govuk-notification-banner")).to_contain_text("The earlier weights serve again")
        assert page.locator("#access").input_value() == USUAL


def test_number_and_slider_follow_each_other_and_a_wrong_number_is_said_at_once(browser: Browser, served: str) -> None:
    with somebody(browser) as page:
        walking.be(page, served, "clinic_lead")
        walking.set_aside(page, served)
        page.goto(served + "/weights/")
        slider = page.locator('[data-mirrors="access"]')
        page.fill("#access", "47")
        assert slider.input_value() == "47"
        expect(page.locator("#preview .slope")).to_be_visible()
        page.fill("#access", "a lot")
        expect(page.locator("#preview")).to_contain_text("type a number from 0 to 100")
        assert page.locator("#access").input_value() == "a lot"
        assert slider.input_value() == "47"
        page.fill("#access", "12,5")
        expect(page.locator("#preview .said-moves")).to_be_visible()
