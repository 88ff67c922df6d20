"""A page opened in one of its states, and everything that went wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.browser.pages import WIDTHS, State


@contextmanager
def opened(browser: Browser, address: str, state: State, *, script: bool = True) -> Iterator[tuple[Page, list[str]]]:
    """The page in its state, and everything that went wrong on the way."""
    context = browser.new_context(viewport={"width": WIDTHS["phone"], "height": 844}, java_script_enabled=script)
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((address, "data:")) else wrong.append(asked.url))
    try:
        state.prepare(page, address)
        yield page, wrong
    finally:
        context.close()


def complaints(wrong: list[str], state: State) -> list[str]:
    """What went wrong, but for the browser's own remark about an answer that refuses."""
    return [said for said in wrong if not (state.refused and "the server responded with a status of 4" in said)]
