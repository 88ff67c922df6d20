"""Every page in a real browser: nothing from elsewhere, nothing that axe finds, no sideways scroll, keyboard, zoom."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pages import SCHEMES, STATES, WIDTHS, State

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
VIEWS = [(width, scheme, True) for width in WIDTHS for scheme in SCHEMES] + [("phone", "light", False)]


def opened(
    browser: Browser, address: str, state: State, width: str, scheme: Any, script: bool
) -> tuple[Page, list[str]]:
    """The page in its state, and everything that went wrong on the way."""
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 844}, color_scheme=scheme, java_script_enabled=script
    )
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((address, "data:")) else wrong.append(asked.url))
    page.goto(address + state.path)
    state.prepare(page)
    return page, wrong


@pytest.mark.P10
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_goes_wrong_and_nothing_leaves_the_host(
    browser: Browser, served: str, state: State, tried: Callable[[int], None]
) -> None:
    for width, scheme, script in VIEWS:
        page, wrong = opened(browser, served, state, width, scheme, script)
        if state.name == "not-found":
            wrong = [said for said in wrong if "404" not in said]
        assert not wrong, (width, scheme, script, wrong)
        if script:
            too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert too_wide <= 0, f"{width}: the page scrolls sideways by {too_wide} px"
        page.context.close()
    tried(len(VIEWS))


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_axe_finds_nothing(browser: Browser, served: str, state: State) -> None:
    for width, scheme, _ in VIEWS[:-1]:
        page, _ = opened(browser, served, state, width, scheme, True)
        page.evaluate(AXE.read_text())
        found = page.evaluate(f"axe.run(document, {json.dumps(RULES)})")
        faults = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]]
        assert not faults, (width, scheme, faults)
        assert len(found["passes"]) > 10
        page.context.close()


def test_the_keyboard_reaches_the_page_and_opens_a_list(browser: Browser, served: str) -> None:
    page, _ = opened(browser, served, STATES[0], "desktop", "light", True)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    second = page.locator("details.person").nth(1)
    second.locator("> summary").focus()
    page.keyboard.press("Enter")
    assert second.get_attribute("open") is not None
    page.context.close()


def test_help_is_one_step_away_from_every_page(browser: Browser, served: str) -> None:
    for state in STATES:
        page, _ = opened(browser, served, state, "phone", "light", True)
        assert page.locator('a[href="/help-now"], a[href^="tel:"]').first.is_visible(), state.name
        page.context.close()


def test_the_text_can_be_twice_as_large(browser: Browser, served: str) -> None:
    """A desktop at 200 % is a page half as wide."""
    for state in STATES:
        context = browser.new_context(viewport={"width": 640, "height": 400}, device_scale_factor=2)
        page = context.new_page()
        page.goto(served + state.path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), state.name
        context.close()
