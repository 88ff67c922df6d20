"""Who works here: the door, the five of the demo, and a profile that changes the next list."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import walking
from tests.browser.opening import look_with_axe, see
from tests.browser.pages import WIDTHS
from tests.browser.serving import served_demo
from tests.browser.test_journey import somebody
from web.services import demo_people

HOMES = {
    "coordinator": "/queue/",
    "therapist": "/caseload/",
    "clinic_lead": "/insights/",
    "administrator": "/people/",
}


@pytest.mark.parametrize("role", HOMES)
def test_each_role_comes_in_by_hand_and_goes_out(browser: Browser, served: str, role: str) -> None:
    with somebody(browser) as page:
        walking.sign_in(page, served, role, "a password that is not theirs")
        expect(page.locator(".govuk-error-summary")).to_contain_text("do not belong together")
        expect(page.locator("#email")).to_have_value(demo_people.STAFF[role].email)
        walking.sign_in(page, served, role)
        expect(page).to_have_url(served + HOMES[role])
        page.get_by_role("button", name="Sign out").click()
        page.goto(served + HOMES[role])
        assert page.url.startswith(served + "/sign-in")


@pytest.mark.parametrize("script", [True, False])
def test_one_click_makes_one_each_of_the_five(browser: Browser, served: str, script: bool) -> None:
    first = {"client": "/matches/", "client_in_therapy": "/check-ins/"} | HOMES
    with somebody(browser, width="desktop", script=script) as page:
        page.goto(served + "/tour/")
        for persona in ("client", "client_in_therapy", "therapist", "coordinator", "clinic_lead"):
            page.locator(f'.strip button[value="{persona}"]').click()
            expect(page).to_have_url(served + first[persona])
            expect(page.locator(f'.strip button[value="{persona}"]')).to_have_attribute("aria-current", "true")


def test_a_therapist_changes_a_style_and_without_a_place_is_in_no_new_list(browser: Browser, served: str) -> None:
    with somebody(browser, width="desktop") as page:
        for places, is_there, lead in (("0", False, "-1"), ("2", True, "1")):
            walking.be(page, served, "therapist")
            page.goto(served + "/caseload/profile/style")
            page.locator(f'input[name="lead"][value="{lead}"]').check()
            walking.save(page)
            expect(page.locator(".govuk-notification-banner")).to_contain_text("How you like to work")
            page.goto(served + "/caseload/profile/style")
            expect(page.locator(f'input[name="lead"][value="{lead}"]')).to_be_checked()
            page.goto(served + "/caseload/profile/capacity")
            page.fill("#capacity", places)
            walking.save(page)
            walking.come_back(page, served, demo_people.CLIENT)
            page.goto(served + "/matches/")
            page.get_by_role("button", name="Bring it up to date").click()
            page.goto(served + "/matches/?more")
            assert ("t01" in walking.order_of(page)) is is_there


def test_help_is_there_when_the_database_is_gone_and_the_page_says_what_could_not_be_told(
    browser: Browser, tmp_path: Path, demo: Path
) -> None:
    with served_demo(tmp_path, demo) as address, somebody(browser) as page:
        walking.begin(page, address)
        page.goto(address + "/intake/safety")
        for path in tmp_path.glob("demo.sqlite*"):
            with path.open("r+b") as file:  # in place: the server has it open
                file.write(os.urandom(path.stat().st_size))
        page.get_by_label("Yes", exact=True).check()
        walking.go_on(page)
        expect(page.get_by_text("We could not tell the practice")).to_be_visible()
        expect(page.get_by_role("link", name="Call 112").first).to_be_visible()
        see(page, WIDTHS["phone"])
        look_with_axe(page)
        answer = page.goto(address + "/help-now")
        assert answer is not None
        assert answer.status == 200
        expect(page.get_by_role("link", name="Call 112").first).to_be_visible()
