"""From the first page to the list, as people go: phone and desktop, with and without a script, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import walking
from tests.browser.pages import WIDTHS
from web.cookies import INTAKE
from web.services import demo_people

ANSWERS = (
    *(walking.WORDS, "Grief and loss", "Sleep problems", "Monday evening, Tuesday evening", "70.50 €", "35 to 49"),
    *("Woman (matters)", "I felt heard", "6 of 10", "Sleep through the night"),
)


@contextmanager
def somebody(browser: Browser, *, width: str = "phone", script: bool = True, **more: Any) -> Iterator[Page]:
    """A new browser that nobody has used."""
    context = browser.new_context(viewport={"width": WIDTHS[width], "height": 844}, java_script_enabled=script, **more)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("width", "script"), [(width, script) for width in WIDTHS for script in (True, False)])
def test_from_the_first_question_to_five_people(browser: Browser, served: str, width: str, script: bool) -> None:
    with somebody(browser, width=width, script=script) as page:
        walking.answer_everything(page, served)
        said = page.locator("main").inner_text()
        for answer in ANSWERS:
            assert answer in said, answer
        walking.send(page)
        expect(page.locator("h1")).to_have_text("Five people we think you could work well with")
        assert len(walking.order_of(page)) == 5
        assert page.locator("svg.band[role=img]").count() == 5
        page.get_by_role("link", name="Show more people").click()
        expect(page.locator("[data-therapist]")).to_have_count(10)


def test_the_answers_follow_to_another_device_by_the_link(browser: Browser, served: str) -> None:
    with somebody(browser) as page:
        walking.begin(page, served)
        walking.answer_concerns(page)
        walking.go_on(page)
        page.goto(served + "/intake/link")
        link = page.locator("#own-link").input_value()
        assert link.startswith(served)
    with somebody(browser, width="desktop") as page:
        page.goto(link)  # as a scanner of mail does: nothing happens
        assert INTAKE.name not in {kept["name"] for kept in page.context.cookies()}
        page.goto(served + "/intake/concerns")
        expect(page.locator("h1")).to_have_text("We do not know which answers are yours")
        page.goto(link)
        page.get_by_role("button", name="Carry on").click()
        expect(page).to_have_url(served + "/intake/safety")
        page.get_by_role("link", name="Back", exact=True).click()
        expect(page.locator("#concern_text")).to_have_value(walking.WORDS)
        page.goto(served + "/intake/link")
        page.get_by_role("button", name="Forget me").click()
        page.goto(served + "/intake/concerns")
        expect(page.locator("h1")).to_have_text("We do not know which answers are yours")


def test_going_back_and_two_tabs_lose_nothing(browser: Browser, served: str) -> None:
    with somebody(browser) as page:
        walking.begin(page, served)
        walking.answer_concerns(page)
        walking.go_on(page)
        page.go_back()
        expect(page.locator("#first")).to_have_value("grief")
        other = page.context.new_page()
        other.goto(served + "/intake/expectations")
        page.goto(served + "/intake/about")
        page.select_option("#age_band", "from_35")
        other.fill("#goal_1", "Sleep")
        walking.go_on(page)
        walking.go_on(other)
        said = other.locator("main").inner_text()
        assert "Grief and loss" in said and "35 to 49" in said and "Sleep" in said


def test_an_error_takes_the_focus_leads_to_its_field_and_keeps_what_was_typed(browser: Browser, served: str) -> None:
    with somebody(browser) as page:
        walking.begin(page, served)
        page.fill("#concern_text", walking.LONG)
        walking.go_on(page)
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        assert page.title().startswith("Error:")
        expect(page.locator("#concern_text")).to_have_value(walking.LONG)
        page.get_by_role("link", name="Please choose at least one.").click()
        expect(page.locator("#first")).to_be_focused()


def test_three_people_stand_side_by_side(browser: Browser, served: str) -> None:
    with somebody(browser, width="desktop") as page:
        walking.be(page, served, demo_people.CLIENT)
        page.goto(served + "/matches/")
        names = [heading.inner_text() for heading in page.locator(".match h2").all()[:3]]
        for k in range(3):
            page.locator('input[name="with"]').nth(k).check()
        page.get_by_role("button", name="Compare side by side").click()
        assert [name.inner_text() for name in page.locator(".compare thead .name").all()] == names
        assert page.locator(".compare tbody tr").count() >= 9


@pytest.mark.parametrize("script", [True, False])
def test_what_matters_most_moves_the_list_and_says_so(browser: Browser, served: str, script: bool) -> None:
    with somebody(browser, width="desktop", script=script) as page:
        walking.answer_everything(page, served)
        walking.send(page)
        before = walking.order_of(page)
        page.goto(served + "/matches/?more")
        all_before = walking.order_of(page)
        assert all_before[:5] == before
        page.goto(served + "/matches/")
        if script:
            page.evaluate(
                "for (const each of ['h1', '#what-matters']) document.querySelector(each).dataset.same = 'page'"
            )
        page.locator("#what-matters > summary").click()
        page.locator('input[name="with"]').first.check()
        for factor, step in (("preference_fit", 2), ("concern_expertise", 2), ("alliance", -2)):
            if script:
                page.evaluate("document.querySelector('#matches').dataset.old = 'yes'")
            page.locator(f'#what-matters input[name="{factor}"][value="{step}"]').check()
            if script:
                expect(page.locator("#matches:not([data-old])")).to_be_visible()
        if not script:
            page.get_by_role("button", name="Put in my order").click()
        expect(page.locator(".chip.moved").first).to_be_visible()
        after = walking.order_of(page)
        assert after != before
        for place, (therapist, chip) in enumerate(zip(after, page.locator(".chip.moved").all(), strict=True), start=1):
            if therapist in all_before:
                moved = all_before.index(therapist) + 1 - place
                said = f"up {moved}" if moved > 0 else f"down {-moved}" if moved < 0 else "same place"
                assert chip.inner_text() == said
        if script:
            assert page.locator("[data-same=page]").count() == 2, "more than the list was loaded"
            ticked = page.locator('input[name="with"]:checked').evaluate_all("boxes => boxes.map((box) => box.value)")
            assert ticked == [before[0]] if before[0] in after else ticked == []
        assert page.locator(".moved-why").count() >= 1


@pytest.mark.parametrize("failure", [400, 403, 429, 503, "offline"])
def test_a_change_of_order_that_fails_leaves_the_list_and_says_so(
    browser: Browser, served: str, failure: int | str
) -> None:
    with somebody(browser, width="desktop") as page:
        walking.be(page, served, demo_people.CLIENT)
        page.goto(served + "/matches/")
        before = walking.order_of(page)
        page.route(
            "**/matches/order",
            lambda route: (
                route.abort() if failure == "offline" else route.fulfill(status=int(failure), body="<p>no</p>")
            ),
        )
        page.evaluate("document.getElementById('what-matters').open = true")  # all share this invented client
        page.locator('#what-matters input[name="access"][value="2"]').check()
        expect(page.get_by_role("alert").filter(has_text="could not be changed")).to_be_visible()
        assert walking.order_of(page) == before and len(before) == 5
        page.unroute("**/matches/order")
        page.locator('#what-matters input[name="access"][value="1"]').check()
        expect(page.locator(".chip.moved").first).to_be_visible()
        expect(page.get_by_text("could not be changed")).to_have_count(0)


def test_nobody_fits_and_there_is_a_way_out(browser: Browser, served: str) -> None:
    with somebody(browser) as page:
        walking.answer_everything(page, served)
        page.goto(served + "/intake/wishes?checked")
        walking.wish_for_nobody(page)
        walking.go_on(page)
        walking.send(page)
        expect(page.locator("h1")).to_have_text("Nobody fits all that you need right now")
        assert page.locator("#between-title + ul li").count() >= 2
        page.get_by_role("button", name="Please look for me").click()
        expect(page.get_by_text("The practice knows")).to_be_visible()
        page.locator(".ways a").first.click()
        expect(page).to_have_url(served + "/intake/wishes?checked")
        for trait in ("faith", "age_band"):
            page.locator(f'input[name="{trait}_strength"][value="matters"]').check()
        walking.go_on(page)
        walking.send(page)
        assert len(walking.order_of(page)) == 5


def test_a_yes_shows_whom_to_call_and_reaches_the_coordinator(browser: Browser, served: str) -> None:
    with somebody(browser) as page:
        walking.begin(page, served)
        page.goto(served + "/intake/safety")
        page.get_by_label("Yes", exact=True).check()
        walking.go_on(page)
        expect(page.get_by_role("link", name="Call 112").first).to_be_visible()
        expect(page.get_by_text("Your answer stands at the top of the list")).to_be_visible()
        page.fill("#name", "Runa of the browser")
        page.fill("#phone", "00 0000 017")
        page.get_by_role("button", name="Please call me").click()
        expect(page.get_by_text("The practice can reach you at 00 0000 017")).to_be_visible()
        walking.be(page, served, "coordinator")
        flags = page.locator("main table").first.locator("tbody .flag").all_inner_texts()
        danger = ("safety question", "PHQ-9, item 9")
        assert flags == sorted(flags, key=lambda said: not any(words in said for words in danger)), (
            "whoever is in danger stands on top"
        )
        row = page.locator("main tr", has_text="Runa of the browser").first
        expect(row).to_contain_text("Said yes to the safety question")
        expect(row).to_contain_text("00 0000 017")
        row.get_by_role("button").click()
        walking.be(page, served, "coordinator")
        expect(page.get_by_role("button", name="I am looking after this: Runa of the browser")).to_have_count(0)


def test_the_whole_intake_by_keyboard_alone(browser: Browser, served: str) -> None:
    with somebody(browser, width="desktop") as page:
        page.goto(served + "/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
        until(page, "Start")
        page.keyboard.press("Enter")
        page.wait_for_url("**/concerns")
        until_named(page, "first")
        page.keyboard.type("Grief")
        for step in walking.STEPS:
            page.wait_for_url(f"**/intake/{step}")
            if step == "practicalities":
                mistake_and_mend_by_keyboard(page)
            if step == "safety":
                until_named(page, "at_risk")
                page.keyboard.press("ArrowDown")  # from yes, which is not chosen by passing over it
                page.keyboard.press("Space")
            if step == "style":
                until_named(page, "lead")
                page.keyboard.press("ArrowRight")
            until(page, "Continue")
            page.keyboard.press("Enter")
        page.wait_for_url("**/intake/check")
        until_named(page, "consent")
        page.keyboard.press("Space")
        until(page, "Send")
        page.keyboard.press("Enter")
        page.wait_for_url("**/matches/")
        until(page, "Why this place?")
        page.keyboard.press("Enter")
        assert page.locator("details.order").first.get_attribute("open") is not None


def mistake_and_mend_by_keyboard(page: Page) -> None:
    """The summary of errors has the focus, and its link leads to the field."""
    until_named(page, "times")
    page.keyboard.press("Space")
    until_named(page, "max_fee")
    page.keyboard.type("seventy")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#max_fee")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("70")
    assert page.locator('input[name="times"]:checked').count() == 1


def until(page: Page, words: str) -> None:
    """Tab to what says this."""
    tab(page, f"document.activeElement.textContent.trim().startsWith({words!r})")


def until_named(page: Page, name: str) -> None:
    """Tab to the field of this name."""
    tab(page, f"document.activeElement.name === {name!r}")


def tab(page: Page, reached: str) -> None:
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(reached):
            return
    raise AssertionError(f"the keyboard does not reach: {reached}")
