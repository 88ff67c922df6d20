"""The ways to the states of an intake that a wrong, or a telling, answer leads to."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import walking


def too_long(page: Page) -> None:
    page.fill("#concern_text", walking.LONG)
    walking.go_on(page)


def wrong_amount(page: Page) -> None:
    page.fill("#max_fee", "seventy")
    walking.go_on(page)


def send_nothing(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


def say_yes(page: Page) -> None:
    page.get_by_label("Yes", exact=True).check()
    walking.go_on(page)


def leave_number(page: Page) -> None:
    say_yes(page)
    page.fill("#phone", "00 0000 099")
    page.get_by_role("button", name="Please call me").click()


def change_an_answer(page: Page, address: str) -> None:
    walking.ask_in_haste(page, address)
    page.goto(address + "/intake/about?checked")
    page.select_option("#age_band", "from_35")
    walking.go_on(page)
    page.goto(address + "/matches/")
