"""The ways to a therapist's courses and development."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page

from tests.browser import asking, walking
from web.db.queries import directory, shared_courses
from web.db.tables import AlertRow, PlacementRow
from web.services import appointments, check_ins, clinics

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


def spoken(address: str, name: str, words: str) -> str:
    """The private link of somebody who has met the therapist once, found it hard, and shares that by name."""
    link = asking.accepted(address, name=name)
    key, now = asking.key_of_place(address, link), datetime.now(UTC)
    with asking.clinic_of(address) as session:
        clinic, place = clinics.find(session, None), session.get_one(PlacementRow, key)
        maren, at = directory.some(session, [asking.MAREN])[0], now - timedelta(hours=3)
        appointments.plan(session, clinic, place.client_id, maren.id, at, actor="a test", now=at - timedelta(days=1))
        appointments.hold(session, clinic, now=now)
        (held, _appointment, _said, _own) = shared_courses.sessions(session, place.client_id, maren.id)[0]
        said = check_ins.Said(2, 2, 2, 3, (), ("rigid",), words, check_ins.NAMED)
        assert check_ins.say_of(session, clinic, held.id, said, now) == check_ins.SAID
        raised = {"kind": "low_start", "session_number": 1, "figures": {}, "raised_at": now}
        session.add(AlertRow(dyad_id=held.dyad_id, **raised))
    return link


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
