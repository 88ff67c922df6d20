"""The ways to each state of the well-being check and of goals, as somebody in therapy and as somebody new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Page

from tests.browser import asking, walking
from web.services import demo_people, demo_requests, goals, intakes, links

Walk = Callable[[Page, str], None]


def someone_new(path: str, then: Callable[[Page], None] = lambda page: None) -> Walk:
    """Somebody who has asked for a therapist, on a page of their own."""

    def prepare(page: Page, address: str) -> None:
        asking.come_back(page, address, asking.asked(address))
        page.goto(address + path)
        then(page)

    return prepare


def someone_in_therapy(path: str) -> Walk:
    def prepare(page: Page, address: str) -> None:
        walking.be(page, address, demo_people.IN_THERAPY)
        page.goto(address + path)

    return prepare


def someone_booked(path: str) -> Walk:
    """Teo, whose first session is near."""

    def prepare(page: Page, address: str) -> None:
        asking.come_back(page, address, demo_people.link(demo_requests.BOOKED))
        page.goto(address + path)

    return prepare


def by_link(*, days: int = 7, then: Callable[[Page], None] = lambda page: None) -> Walk:
    """By a link for one well-being check."""

    def prepare(page: Page, address: str) -> None:
        token = _link(address, days)
        page.goto(f"{address}/well-being/link/{token}")
        page.wait_for_url("**/well-being/now")
        then(page)

    return prepare


def fill_in(page: Page, item_9: int = 0) -> None:
    items = page.locator('main .sheet input[type="radio"]').all()
    for name in {one.get_attribute("name") or "" for one in items}:
        page.locator(f'input[name="{name}"]').nth(1 if name != "phq-9:9" else item_9).check()
    page.get_by_role("button", name="Send").click()
    page.wait_for_load_state()


def seen_by_a_coordinator(page: Page, address: str) -> None:
    """The case of somebody who has just answered item 9 above zero."""
    someone_new(QUESTIONS, lambda there: fill_in(there, 1))(page, address)
    walking.be(page, address, "coordinator")
    page.goto(address + "/queue/")
    page.get_by_role("row").filter(has_text="PHQ-9, item 9").first.get_by_role("link").first.click()
    page.wait_for_url("**/queue/*-*")


def share_the_scores(page: Page) -> None:
    page.get_by_role("radio", name="My therapist, with my name").check()
    fill_in(page)
    page.wait_for_url("**/well-being/")


def share_a_goal(page: Page) -> None:
    page.locator("textarea").first.fill("Take the ferry again")
    page.get_by_role("button", name="Keep my goals").click()
    page.get_by_role("button", name="Let my therapist see it").click()
    page.wait_for_url("**/goals/?changed*")


def fill_in_half(page: Page) -> None:
    page.locator('input[name="phq-9:1"]').nth(2).check()
    page.locator('input[name="phq-9:2"]').nth(2).check()
    page.get_by_role("button", name="Send").click()
    page.wait_for_load_state()


def write_a_long_goal(page: Page) -> None:
    page.evaluate("document.querySelectorAll('textarea').forEach(area => area.removeAttribute('maxlength'))")
    page.locator("textarea").first.fill("a" * 400)
    page.get_by_role("button", name="Keep my goals").click()
    page.wait_for_load_state()


def rate_goals(page: Page) -> None:
    page.locator("textarea").first.fill("Take the ferry again")
    page.get_by_role("button", name="Keep my goals").click()
    page.locator('input[type="radio"][value="3"]').first.check()
    page.get_by_role("button", name="Keep this").click()
    page.wait_for_load_state()


def set_aside(page: Page, address: str) -> None:
    link = asking.asked(address)
    with asking.clinic_of(address) as session:
        now, client_id = datetime.now(UTC), _client(session, link)
        first = goals.add(session, client_id, "Sleep through the night", now=now)
        goals.add(session, client_id, "See friends again", now=now)
        goals.rate(session, client_id, {first: 4}, now=now)
        goals.end(session, client_id, first, now=now)
    asking.come_back(page, address, link)
    page.goto(address + "/goals/")


def _link(address: str, days: int) -> str:
    made, now = asking.asked(address), datetime.now(UTC)
    with asking.clinic_of(address) as session:
        until = now + timedelta(days=days)
        return links.make(session, links.WELL_BEING, _client(session, made), now=now, until=until)


def _client(session: Any, link: str) -> UUID:
    kept = intakes.of_link(session, link, now=datetime.now(UTC))
    assert kept is not None and kept.client_id is not None
    return kept.client_id


QUESTIONS, ERROR = "/well-being/questions", ".govuk-error-summary"
# (name, the way there, the rest of what ``tests.browser.pages.State`` asks for)
WALKS: tuple[tuple[str, Walk, Mapping[str, Any]], ...] = (
    ("well-being-due", someone_new("/well-being/"), {"shows": 'main a[href="/well-being/questions"]'}),
    ("well-being-questions", someone_new(QUESTIONS), {"shows": 'input[name="phq-9:9"]'}),
    ("well-being-too-few", someone_new(QUESTIONS, fill_in_half), {"shows": ERROR, "refused": True}),
    ("well-being-said", someone_in_therapy("/well-being/"), {"shows": "#before-title"}),
    ("well-being-told", someone_new(QUESTIONS, lambda page: fill_in(page, 1)), {"shows": "main .govuk-inset-text"}),
    ("well-being-shared", someone_new(QUESTIONS, share_the_scores), {"shows": "#before-title"}),
    ("well-being-flagged", seen_by_a_coordinator, {"shows": "#flags-title"}),
    ("well-being-link", by_link(), {"shows": 'input[name="phq-9:9"]'}),
    ("well-being-link-none", someone_new("/well-being/now"), {"shows": "#link"}),
    ("well-being-link-told", by_link(then=lambda page: fill_in(page, 1)), {"shows": "main .govuk-inset-text"}),
    ("well-being-link-used", by_link(then=fill_in), {"shows": "main h1"}),
    ("well-being-link-old", by_link(days=-1), {"shows": "main .button", "refused": True}),
    ("goals-none", someone_new("/goals/"), {"shows": "#words-1"}),
    ("goals-error", someone_new("/goals/", write_a_long_goal), {"shows": ERROR, "refused": True}),
    ("goals-rated", someone_new("/goals/", rate_goals), {"shows": "[role=status]"}),
    ("goals-shared", someone_new("/goals/", share_a_goal), {"shows": "#who-section [role=status]"}),
    ("goals-set-aside", set_aside, {"shows": "#ended-title"}),
    ("goals-own-doing", someone_booked("/goals/"), {"shows": "main .govuk-inset-text"}),
    ("goals-in-therapy", someone_in_therapy("/goals/"), {"shows": "#goals .card"}),
)
