"""Every page in every state can be reached and read without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.opening import complaints, opened
from tests.browser.pages import STATES, State


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_without_a_script(browser: Browser, served: str, state: State) -> None:
    with opened(browser, served, state, script=False) as (page, wrong):
        assert not complaints(wrong, state)
        assert page.locator("h1").is_visible()
