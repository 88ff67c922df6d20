"""Every page in every state can be reached and read without a script, on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser.opening import as_it_stands, complaints, look_with_axe, opened, see
from tests.browser.pages import SCHEMES, STATES, WIDTHS, State

# "audit-filtered" is a state of the page that "audit" is the first of
FIRST = list({state.name.partition("-")[0]: state for state in reversed(STATES)}.values())
# the first of each page's states, and every third of the others; at length all
WALKS = [
    pytest.param(state, marks=[] if state in FIRST or k % 3 == 0 else [pytest.mark.at_length], id=state.name)
    for k, state in enumerate(STATES)
]


@pytest.mark.P10
@pytest.mark.parametrize("state", WALKS)
def test_without_a_script(
    browser: Browser, served: str, state: State, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Axe looks at the first of each page's states, and at length at all."""
    with opened(browser, served, state, script=False) as (page, wrong):
        see(page, WIDTHS["phone"])
        if state in FIRST or trials(0, 1):
            with as_it_stands(browser, page) as copy:
                look_with_axe(copy, SCHEMES[:1])  # no script changes a colour
        assert not complaints(wrong, state)
        assert page.locator("h1").is_visible()
    tried(1)
