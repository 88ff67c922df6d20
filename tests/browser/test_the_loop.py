"""The loop on a phone: a course that falls reaches somebody, and what clients say changes the next list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.browser import asking, checking_in, walking
from tests.browser.opening import look_with_axe, see
from tests.browser.pages import WIDTHS
from tests.browser.serving import database_of, served_demo
from tests.browser.test_journey import somebody
from tests.browser.therapist_walks import course_of
from tests.browser.working_on import at_risk, comes
from web.db import engine
from web.db.queries import directory
from web.db.tables import CheckInRow, DyadRow, SessionRow
from web.jobs.worker import Worker
from web.services import clinics, models, releases, watching

HARD = (0, 1, 0, 1)
STEADY = ((10, 10, 10, 10), (9, 10, 9, 10), (10, 10, 10, 10), (9, 10, 9, 10))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Iterator[str]:
    """A served demo of one's own, in which nothing happens beside the pages: the clock ticks when a test says so."""
    with served_demo(tmp_path_factory.mktemp("alone"), demo, worker=False) as address:
        yield address


def look(page: Page) -> None:
    see(page, WIDTHS["phone"])
    look_with_axe(page)


def tick(address: str) -> None:
    """What the clock does about courses, now."""
    with asking.clinic_of(address) as session:
        clinic, now = clinics.find(session, None), datetime.now(UTC)
        sight = watching.see(session, clinic, now=now)
        assert sight is not None
        watching.note(session, clinic, sight, now=now)


def say(page: Page, address: str, token: str, mark: int, *, by_name: bool) -> None:
    """Say something by the link of an hour, as it was mailed."""
    checking_in.arrive(page, address, token)
    for name in checking_in.SLIDERS:
        page.locator(f'input[name="{name}"][value="{mark}"]').check()
    if by_name:
        page.get_by_label("with my name").last.check()
    checking_in.send(page)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_a_fall_is_one_note_for_the_therapist_or_a_call_for_the_coordinator(browser: Browser, alone: str) -> None:
    ilse = comes(alone, "Ilse", STEADY, shown_to="named")
    otto = comes(alone, "Otto", STEADY)
    with somebody(browser) as client, somebody(browser) as staff:
        say(client, alone, ilse.check_in, 2, by_name=True)
        look(client)
        say(client, alone, otto.check_in, 2, by_name=False)
        tick(alone)
        tick(alone)

        course_of("Ilse")(staff, alone)
        expect(staff.locator(".ask-for")).to_have_count(0)  # their own view first
        staff.get_by_label("8", exact=True).check()
        staff.get_by_role("button", name="Keep my rating").click()
        expect(staff.locator(".ask-for")).to_have_count(1)
        staff.get_by_text("How you could raise it").click()
        look(staff)
        course_of("Otto")(staff, alone)
        expect(staff.locator("main")).to_contain_text("does not share what they say")
        expect(staff.locator(".ask-for")).to_have_count(0)
        look(staff)

        at_risk(staff, alone)
        call = staff.locator("section", has=staff.locator("#please_contact-title"))
        expect(call.get_by_role("row", name="Otto")).to_have_count(1)
        expect(call.get_by_role("row", name="Otto")).to_contain_text("Maren Oduya")
        expect(call).not_to_contain_text("Ilse")
        for told in ("drop", "slide", "2 of 10", "score", "session 5"):
            assert told not in call.inner_text().lower()
        look(staff)

        course_of("Ilse")(staff, alone)
        staff.get_by_label("We talked about it", exact=True).check()
        staff.get_by_role("button", name="Close this note").click()
        expect(staff.locator(".govuk-notification-banner")).to_be_visible()
        expect(staff.locator(".ask-for")).to_have_count(0)


def test_what_clients_say_changes_the_next_list_once_a_release_has_counted_it(
    browser: Browser, alone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten say that it was hard with the last of five, of whom little was known: the next five are others."""
    monkeypatch.setattr(models, "METHOD", {"ceiling": "gaussian", "blocks": []})  # a plain model, in seconds
    serve_plain(alone)
    link = asking.sent(alone, name="")
    with somebody(browser) as client, somebody(browser) as lead:
        *_others, last = next_list(client, alone, link, "Sleep through the night")
        ten = [
            comes(alone, f"Kin{k}", (HARD,) * 3, with_whom=last, until=timedelta(days=15 + 3 * k)) for k in range(10)
        ]
        say(lead, alone, ten[0].check_in, 0, by_name=False)
        assert last in next_list(client, alone, link, "Go to bed in time")  # no model has read it yet
        released(alone, last, after=timedelta(days=30))

        walking.be(lead, alone, "clinic_lead")
        lead.goto(alone + "/insights/model")
        lead.get_by_role("button", name="Fit now").click()
        lead.locator("#fit-now [data-state=waiting]").wait_for()
        Worker(engine.sessions(database_of(alone))).once()
        lead.goto(alone + "/insights/model")
        expect(lead.locator("#fit-now [data-state=serves]")).to_be_visible()
        look(lead)

        assert last not in next_list(client, alone, link, "Get up in time")
        look(client)


def serve_plain(address: str) -> None:
    """A plain model of what was said so far serves: the next one is held against its like."""
    with asking.clinic_of(address) as session:
        clinic = clinics.find(session, None)
        models.publish(session, clinic, models.estimate(models.material(session), clinic), now=datetime.now(UTC))


def next_list(page: Page, address: str, link: str, goal: str) -> list[str]:
    """Somebody sends their answers once more, with another goal; the list that they get, first first."""
    page.goto(f"{address}/intake/link/{link}")
    page.get_by_role("button", name="Carry on").click()
    page.wait_for_url(lambda url: "/intake/link/" not in url)
    page.goto(address + "/intake/expectations?checked")
    page.fill("#goal_1", goal)
    walking.go_on(page)
    page.wait_for_url("**/intake/check")
    walking.send(page)
    return walking.order_of(page)


def released(address: str, therapist: str, *, after: timedelta) -> None:
    """What was said of a therapist is counted in a release, at whatever moment it comes."""
    with asking.clinic_of(address) as session:
        assert releases.release_due(session, clinics.find(session, None), now=datetime.now(UTC) + after) >= 1
        key = directory.some(session, [therapist])[0].id
        of_them = DyadRow.therapist_id == key
        found = (
            select(CheckInRow.release_id)
            .join(SessionRow, SessionRow.id == CheckInRow.session_id)
            .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        )
        assert None not in set(session.scalars(found.where(of_them)))
