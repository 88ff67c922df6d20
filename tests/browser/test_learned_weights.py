"""Learning from ratings is told on the tuning page as it goes, without a reload that would lose what somebody types."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser import models, walking
from tests.browser.test_journey import somebody


def test_what_was_learned_appears_while_somebody_tunes(browser: Browser, served: str) -> None:
    models.learning(served)
    try:
        with somebody(browser, width="desktop") as page:
            walking.be(page, served, "clinic_lead")
            walking.set_aside(page, served)
            page.goto(served + "/weights/")
            page.fill("#access", "33")
            expect(page.locator("#learned progress")).to_have_attribute("value", "39")
            models.told(served, progress=57, stage="part 4")
            expect(page.locator("#learned progress")).to_have_attribute("value", "57")
            expect(page.locator("#learned [aria-current=step]")).to_contain_text("4 of 5")
            models.learned(served)
            expect(page.locator("#learned .taught")).to_be_visible(timeout=30_000)
            expect(page.locator("#learned-heard")).to_have_text("Learned from your ratings")
            assert page.locator("#access").input_value() == "33"
            page.get_by_role("button", name="Start a draft from these").click()
            expect(page.locator(".govuk-notification-banner")).to_contain_text("A draft from your ratings")
            walking.set_aside(page, served)
    finally:
        models.forgotten(served)


def test_without_a_script_one_looks_again(browser: Browser, served: str) -> None:
    models.learning(served)
    try:
        with somebody(browser, script=False) as page:
            walking.be(page, served, "clinic_lead")
            page.goto(served + "/weights/")
            models.learned(served)
            page.locator("#learned").get_by_role("link", name="Look again").click()
            expect(page.locator("#learned .taught")).to_be_visible()
    finally:
        models.forgotten(served)
