"""States of the audit trail, and of a course that was opened in an emergency."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import walking

REASON = "They called in distress, and nobody can reach their therapist before tomorrow."


def trail(page: Page, address: str) -> None:
    """After the trail was checked."""
    walking.sign_in(page, address, "administrator")
    page.goto(address + "/audit/")
    page.get_by_role("button", name="Check it now").click()
    page.wait_for_url("**/audit/#chain")


def narrowed(page: Page, address: str) -> None:
    walking.sign_in(page, address, "administrator")
    page.goto(address + "/audit/?action=case.")


def nothing(page: Page, address: str) -> None:
    walking.sign_in(page, address, "administrator")
    page.goto(address + "/audit/?until=1999-01-01")


def asking(page: Page, address: str) -> None:
    """From the case of somebody who has a place."""
    walking.be(page, address, "coordinator")
    page.goto(address + "/queue/?state=all&words=Petra")
    walking.open_case(page, "Petra")
    page.get_by_role("link", name="Open their course in an emergency").click()
    page.wait_for_url("**/emergency/?client=*")


def without_a_reason(page: Page, address: str) -> None:
    asking(page, address)
    page.get_by_role("button", name="Open it for an hour").click()
    page.locator(".govuk-error-message").wait_for()


def opened(page: Page, address: str) -> None:
    asking(page, address)
    page.fill("#reason", REASON)
    page.get_by_role("button", name="Open it for an hour").click()
    page.wait_for_url(lambda url: url.rstrip("/").rsplit("/", 1)[-1] not in ("emergency", "") and "?" not in url)


def told_to_administrators(page: Page, address: str) -> None:
    opened(page, address)
    page.context.clear_cookies()
    walking.sign_in(page, address, "administrator")
    page.goto(address + "/audit/")


# (name, the way there, whether it is refused, what shows that one is there)
WALKS = (
    ("audit", trail, False, "#chain"),
    ("audit-filtered", narrowed, False, "main table"),
    ("audit-nothing", nothing, False, "main .state"),
    ("emergency", asking, False, "#reason"),
    ("emergency-without-a-reason", without_a_reason, True, ".govuk-error-message"),
    ("emergency-opened", opened, False, "main .notice"),
    ("audit-emergency", told_to_administrators, False, "#emergency-title"),
)
