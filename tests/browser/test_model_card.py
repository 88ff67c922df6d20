"""A fit on its way is told on the page as it goes, and to ears only where something is new."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser import models, walking
from tests.browser.test_journey import somebody


def test_a_fit_on_its_way_is_told_without_a_reload(browser: Browser, served: str) -> None:
    models.fitting(served)
    try:
        with somebody(browser, width="desktop") as page:
            walking.be(page, served, "clinic_lead")
            page.goto(served + "/insights/model")
            expect(page.locator("#fit-now progress")).to_have_attribute("value", "60")
            expect(page.locator("#fit-now [aria-current=step]")).to_have_text("Trying the new model on later sessions")
            page.evaluate("document.querySelector('#fit-now .fit').dataset.mine = 'kept'")
            page.wait_for_timeout(5_000)
            expect(page.locator("#fit-now [data-mine=kept]")).to_be_visible()  # nothing is new: nothing is replaced
            models.told(served, progress=95, stage="publishing")
            expect(page.locator("#fit-now progress")).to_have_attribute("value", "95")
            models.served(served)
            expect(page.locator("#fit-now [data-state=serves]")).to_be_visible()
            page.get_by_role("link", name="Show it on this page").click()
            expect(page.get_by_role("button", name="Fit now")).to_be_visible()
    finally:
        models.restore(served)


def test_without_a_script_one_looks_again(browser: Browser, served: str) -> None:
    models.fitting(served)
    try:
        with somebody(browser, script=False) as page:
            walking.be(page, served, "clinic_lead")
            page.goto(served + "/insights/model")
            models.served(served)
            page.get_by_role("link", name="Look again").click()
            expect(page.locator("#fit-now [data-state=serves]")).to_be_visible()
    finally:
        models.restore(served)
