"""A therapist on the page of a course, and the client who sees what came of it; with a script and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import walking
from tests.browser.test_journey import somebody
from tests.browser.therapist_walks import at, course_of, spoken


@pytest.mark.parametrize("script", [True, False])
def test_a_therapist_rates_reads_and_answers_the_client_sees_it_and_takes_consent_back(
    browser: Browser, served: str, script: bool
) -> None:
    name, words, answer = f"Bo{script:d}", "There was a plan to get through.", "Thank you. We go slower next time."
    link = spoken(served, name, words)
    with somebody(browser, script=script) as page:
        course_of(name)(page, served)
        expect(page.get_by_text(words)).to_have_count(0)
        expect(page.locator(".ask-for")).to_have_count(0)
        page.get_by_label("7", exact=True).check()
        page.get_by_role("button", name="Keep my rating").click()
        expect(page.locator(".ask-for")).to_contain_text("A hard beginning")
        expect(page.locator("#session-1")).to_contain_text("You found it better than they did (you: 7, they: 2.25)")
        expect(page.locator("#session-1")).to_contain_text(words)
        page.get_by_role("button", name="I have read it").click()
        expect(page.locator("#session-1")).to_contain_text("Your client can see that")
        page.locator("#session-1 summary").click()
        page.locator("#session-1 textarea").fill(answer)
        page.get_by_role("button", name="Keep the answer").click()
        expect(page.locator(".govuk-notification-banner")).to_contain_text("Your client sees it on their page")
        page.get_by_label("We talked about it", exact=True).check()
        page.get_by_role("button", name="Close this note").click()
        expect(page.locator(".ask-for")).to_have_count(0)
        page.goto(f"{served}/intake/link/{link}")
        page.get_by_role("button", name="Carry on").click()
        page.wait_for_load_state()
        page.goto(served + "/check-ins/")
        expect(page.locator("main")).to_contain_text("read it on")
        expect(page.locator("main")).to_contain_text(answer)
        page.get_by_role("button", name="Do not show it any more").click()
        walking.be(page, served, "therapist")
        course_of(name)(page, served)
        expect(page.locator("main")).to_contain_text("does not share what they say")
        expect(page.locator("main")).not_to_contain_text(words)
        at("/development/")(page, served)
        expect(page.locator("h1")).to_have_text("Your development")
