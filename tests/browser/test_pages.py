"""Every page in a real browser: nothing from elsewhere, nothing that axe finds, no sideways scroll, large text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.opening import complaints, opened
from tests.browser.pages import SCHEMES, STATES, WIDTHS, State

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.P10
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_goes_wrong_nothing_leaves_the_host_and_axe_finds_nothing(
    browser: Browser, served: str, state: State, tried: Callable[[int], None]
) -> None:
    """With a script: phone and desktop, light and dark, and text twice as large (a page half as wide)."""
    with opened(browser, served, state) as (page, wrong):
        page.evaluate(AXE)
        for width in WIDTHS.values():
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate(TOO_WIDE) <= 0, f"{width} px: the page scrolls sideways"
            for scheme in SCHEMES:
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
                found = page.evaluate(f"axe.run(document, {json.dumps(RULES)})")
                faults = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]]
                assert not faults, (width, scheme, faults)
                assert len(found["passes"]) > 10
        for width in (320, 640):
            page.set_viewport_size({"width": width, "height": 400})
            assert page.evaluate(TOO_WIDE) <= 0, f"{width} px: the page scrolls sideways"
        assert not complaints(wrong, state)
        assert page.locator('a[href="/help-now"], a[href^="tel:"]').first.is_visible()
        assert page.locator("h1").count() == 1
    tried(len(WIDTHS) * len(SCHEMES) + 2)
