"""The ways to a therapist's courses and development."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser import walking

Walk = Callable[[Page, str], None]


def at(path: str) -> Walk:
    """As the therapist of the demo, on a page."""

    def walk(page: Page, address: str) -> None:
        walking.be(page, address, "therapist")
        page.goto(address + path)

    return walk


def course_of(name: str, then: Callable[[Page], None] = lambda page: None) -> Walk:
    """As the therapist of the demo, on the course of somebody invented."""

    def walk(page: Page, address: str) -> None:
        at("/courses/")(page, address)
        page.get_by_role("link", name=name, exact=True).click()
        page.locator("#course-title").wait_for()
        then(page)

    return walk


def shown(page: Page) -> None:
    """With what the client said last, and the ways to raise it."""
    look = page.get_by_role("link", name="Show me theirs without it")
    if look.count():
        look.click()
        page.locator(".four").first.wait_for()
    page.get_by_text("How you could raise it").click()


def answer_nothing(page: Page) -> None:
    page.get_by_text("Change your answer").first.click()
    page.locator("details[open] textarea").first.fill("")
    page.get_by_role("button", name="Keep the answer").first.click()


def plan_nothing(page: Page) -> None:
    page.locator("#day").fill("")
    page.locator("#time").fill("")
    page.get_by_role("button", name="Plan the session").click()


WRONG = ".govuk-error-summary"
WALKS: tuple[tuple[str, Walk, dict[str, Any]], ...] = (
    ("courses", at("/courses/"), {"shows": ".asks .card"}),
    ("course", course_of("Maja"), {"shows": ".tens"}),
    ("course-shown", course_of("Maja", shown), {"shows": ".ask-for"}),
    ("course-not-shared", course_of("Edvin"), {"shows": "#course-title"}),
    ("course-before", course_of("Teo"), {"shows": "#meet-title"}),
    ("course-answer-error", course_of("Maja", answer_nothing), {"refused": True, "shows": WRONG}),
    ("course-plan-error", course_of("Maja", plan_nothing), {"refused": True, "shows": WRONG}),
    ("development", at("/development/"), {"shows": ".findings .band"}),
)
