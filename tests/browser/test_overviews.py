"""The dashboard on paper, and the jobs page while one looks at it."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser import overviews


def test_on_paper_each_chart_stands_with_its_table(browser: Browser, served: str) -> None:
    page = browser.new_page(viewport={"width": 760, "height": 1000})
    overviews.dashboard(page, served)
    table = page.locator(".dashboard details table").first
    expect(table).not_to_be_visible()
    page.emulate_media(media="print")
    assert table.evaluate("e => e.getBoundingClientRect().height") > 100
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in {
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    }
    assert page.locator(".dashboard summary").first.evaluate("e => getComputedStyle(e).display") == "none"
    page.close()


def test_the_board_tells_what_is_new_and_leaves_the_focus_where_it_is(browser: Browser, served: str) -> None:
    page = browser.new_page()
    try:
        overviews.busy(page, served)
        page.get_by_role("button", name="Do it again").focus()
        held = page.evaluate("document.activeElement.id")
        overviews.put(served, "propose", "waiting", due_at=overviews.datetime(2099, 1, 1, tzinfo=overviews.UTC))
        expect(page.locator("#board")).to_contain_text("A proposal for the waiting list is worked out", timeout=20_000)
        assert held and page.evaluate("document.activeElement.id") == held
    finally:
        overviews.leave(served)
        page.close()


def test_without_a_script_a_failed_job_is_asked_for_again(browser: Browser, served: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    try:
        overviews.busy(page, served)
        page.get_by_role("button", name="Do it again").click()
        expect(page.get_by_role("status")).to_contain_text("It is asked for once more.")
        expect(page.get_by_role("button", name="Do it again")).to_have_count(0)
    finally:
        overviews.leave(served)
        page.close()
