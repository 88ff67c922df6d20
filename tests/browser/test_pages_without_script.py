"""Every page in every state can be reached and read without a script, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.opening import as_it_stands, complaints, look_with_axe, opened, see
from tests.browser.pages import SCHEMES, STATES, WIDTHS, State


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_without_a_script(browser: Browser, served: str, state: State) -> None:
    with opened(browser, served, state, script=False) as (page, wrong):
        see(page, WIDTHS["phone"])
        with as_it_stands(browser, page) as copy:
            look_with_axe(copy, SCHEMES[:1])  # no script changes a colour
        assert not complaints(wrong, state)
        assert page.locator("h1").is_visible()
