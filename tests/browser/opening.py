"""A page opened in one of its states, everything that went wrong on the way, and what can be seen to be wrong on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Response

from tests.browser.pages import SCHEMES, WIDTHS, State

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # of what passes only the rule is told: three times as fast
}
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
REPORT = "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))"
REMARK = "the server responded with a status of 4"


@contextmanager
def opened(browser: Browser, address: str, state: State, *, script: bool = True) -> Iterator[tuple[Page, list[str]]]:
    """The page in its state, and everything that went wrong on the way; that list grows while one stays."""
    context = browser.new_context(viewport={"width": WIDTHS["phone"], "height": 844}, java_script_enabled=script)
    context.add_init_script(REPORT)
    page, wrong, answers = context.new_page(), [], []

    def answered(response: Response) -> None:
        if response.request.is_navigation_request():
            answers.append(response.status)
        elif response.status >= 400:
            wrong.append(f"{response.status} {response.url}")

    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((address, "data:")) else wrong.append(asked.url))
    page.on("response", answered)
    try:
        state.reach(page, address)
        if (answers[-1] >= 400) is not state.refused:
            wrong.append(f"the answer is {answers[-1]}")
        yield page, wrong
    finally:
        context.close()
        state.leave(address)


def complaints(wrong: list[str], state: State) -> list[str]:
    """What went wrong, but for the browser's own remark about an answer that refuses."""
    return [said for said in wrong if not (state.refused and REMARK in said)]


def see(page: Page, width: int, height: int = 844) -> None:
    """Change the window; nothing on the page may stick out of it."""
    page.set_viewport_size({"width": width, "height": height})
    assert page.evaluate(TOO_WIDE) <= 0, f"{width} px: the page scrolls sideways"


@contextmanager
def as_it_stands(browser: Browser, page: Page) -> Iterator[Page]:
    """The page as it came out without a script, where axe can run: it needs timers, which a page without script lacks.

    The scripts of the page are not loaded here either.
    """
    context = browser.new_context(viewport=page.viewport_size)
    copy, html = context.new_page(), page.content()
    copy.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    copy.route("**/*.js*", lambda route: route.abort())
    try:
        copy.goto(page.url)
        assert copy.evaluate("!document.body.classList.contains('js-enabled')"), "a script of the page has run"
        yield copy
    finally:
        context.close()


def look_with_axe(page: Page, schemes: Sequence[str] = SCHEMES) -> int:
    """Light and dark, in the window as it is: axe finds nothing. How often it looked.

    The schemes differ in their colours alone (``tests/web/test_look.py``): in the second axe looks at
    what colours change.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    for scheme in schemes:
        rules = COLOURS if scheme == "dark" else RULES
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        found = page.evaluate(f"axe.run(document, {json.dumps(rules)})")
        faults = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]]
        assert not faults, (page.viewport_size, scheme, faults)
        assert len(found["passes"]) > (10 if rules is RULES else 0)
    return len(schemes)
