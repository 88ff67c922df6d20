"""A batch that meets a conflict, and a therapist who leaves: the coordinator's way through the pages."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import waitlist, walking
from tests.browser.test_journey import somebody


def worked_out(page: Page) -> None:
    """Wait until the page shows what was found."""
    expect(page.locator("#lines-title")).to_be_visible(timeout=60_000)


def line_of(page: Page, name: str) -> Locator:
    """The line about somebody; others may name them as who needed the place more."""
    return page.locator("table.lines tr", has=page.locator("summary", has_text=name))


def test_a_batch_with_a_conflict(browser: Browser, served: str) -> None:
    with waitlist.three_wait(served) as names, somebody(browser) as page:
        walking.be(page, served, "coordinator")
        page.goto(served + "/proposals/")
        page.get_by_role("button", name="Work out a proposal").click()
        worked_out(page)
        row = line_of(page, names[0])
        row.locator("summary").click()
        row.get_by_role("button", name="Keep them together").click()
        expect(page.locator(".notice")).to_contain_text("You have changed it since it was worked out.")
        page.get_by_role("button", name="Work it out again").first.click()
        worked_out(page)
        expect(line_of(page, names[0])).to_contain_text("Kept")
        page.get_by_role("link", name="Carry it out").click()
        waitlist.close(served, names[1])
        page.locator("main form button").press("Enter")
        expect(page.locator("h1")).to_have_text("Something changed meanwhile")
        expect(page.locator(".against")).to_contain_text(names[1])
        assert names[0] not in page.locator(".against").inner_text()
        page.get_by_role("button", name="Work it out again").click()
        worked_out(page)
        page.get_by_role("link", name="Carry it out").click()
        page.locator("main form button").click()
        expect(page.locator(".notice")).to_contain_text("Carried out.")


def test_somebody_leaves_and_their_caseload_moves(browser: Browser, served: str) -> None:
    with waitlist.one_placed(served) as (client, therapist), somebody(browser) as page:
        walking.be(page, served, "coordinator")
        page.goto(served + "/departures/")
        page.get_by_role("link", name=therapist).click()
        page.get_by_role("button", name="They take nobody new").click()
        expect(page.locator(".notice")).to_contain_text("Nobody new comes to them.")
        page.get_by_role("button", name="Work out who takes over").click()
        worked_out(page)
        expect(page.locator("table.lines")).to_contain_text(client)
        page.get_by_role("link", name="Carry it out").click()
        page.locator("main form button").click()
        expect(page.locator(".notice")).to_contain_text("Carried out.")
        page.goto(served + "/departures/")
        page.get_by_role("link", name=therapist).click()
        expect(page.locator("tr", has_text=client)).to_contain_text("now with")
        page.locator("details.card > summary").click()
        page.get_by_role("button", name="They are back").click()
        expect(page.locator("main")).to_contain_text("From this moment nobody new comes to them.")
