"""From the list to the first session: a client asks, the therapist says yes and names a day, the client sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import asking, walking
from tests.browser.opening import look_with_axe, see
from tests.browser.pages import WIDTHS
from tests.browser.test_journey import somebody


@pytest.mark.parametrize("script", [True, False])
def test_a_request_is_made_accepted_and_booked(browser: Browser, served: str, script: bool) -> None:
    """On a phone, with and without a script; with one, axe looks at every page on the way."""
    link, day = asking.sent(served, name="Wren"), datetime.now(UTC) + timedelta(days=8)

    def look(page: object) -> None:
        if script:
            see(page, WIDTHS["phone"])  # type: ignore[arg-type]
            look_with_axe(page)  # type: ignore[arg-type]

    with somebody(browser, script=script) as client, somebody(browser, script=script) as therapist:
        asking.come_back(client, served, link)
        expect(client.locator("[data-kind=nothing]")).to_be_visible()
        client.get_by_role("link", name="Look at my list").click()
        client.get_by_role("link", name="Ask for Maren Oduya").click()
        client.locator("#second-1").check()
        look(client)
        client.get_by_role("button", name="Send my request").click()
        expect(client.locator("h1")).to_have_text("You have asked for Maren Oduya")
        look(client)

        walking.be(therapist, served, "therapist")
        therapist.goto(f"{served}/caseload/requests/{asking.key_of_choice(served, link)}")
        assert "Wren" not in therapist.content()
        therapist.fill("#day", f"{day:%Y-%m-%d}")
        therapist.fill("#time", "17:30")
        look(therapist)
        therapist.get_by_role("button", name="Say yes").click()
        expect(therapist.locator("h1")).to_have_text("Wren")
        expect(therapist.locator("main")).to_contain_text("wren@tolmaren.example")
        look(therapist)

        client.reload()
        expect(client.locator("h1")).to_contain_text(f"{day:%A} {day.day} {day:%B}, 17:30")
        with client.expect_download() as saved:
            client.get_by_role("link", name="Put it into my calendar").click()
        assert f"DTSTART:{day:%Y%m%d}T173000Z" in saved.value.path().read_text()
