"""Every page in a real browser: nothing from elsewhere, nothing that axe finds, no sideways scroll, large text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser.opening import complaints, look_with_axe, opened, see
from tests.browser.pages import SCHEMES, STATES, WIDTHS, State

LARGE = (320, 640)  # a phone's reflow, and a desktop at 200 %: a page half as wide


@pytest.mark.P10
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_goes_wrong_nothing_leaves_the_host_and_axe_finds_nothing(
    browser: Browser, served: str, state: State, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """With a script: phone and desktop, light and dark (a phone's dark at length), and text twice as large."""
    with opened(browser, served, state) as (page, wrong):
        looks = 0
        for name, width in WIDTHS.items():
            see(page, width)
            looks += look_with_axe(page, SCHEMES[: trials(1, 2) if name == "phone" else 2])
        for width in LARGE:
            see(page, width, 400)
        assert not complaints(wrong, state)
        assert page.locator('a[href="/help-now"], a[href^="tel:"]').first.is_visible()
        assert page.locator("h1").count() == 1
    tried(looks + len(LARGE))
