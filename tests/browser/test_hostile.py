"""What people wrote, as a real browser reads it; and pages for which nobody else is needed."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, Route

from tests.browser.opening import opened
from tests.browser.pages import State, as_, at
from tests.browser.serving import served_demo
from tests.trust.hostile import stored
from tests.trust.hostile.payloads import MARK, MARKUP

SOME = MARKUP[::9]
SHOWN = (
    State("waiting list", as_("coordinator", "/queue/")),
    State("profile", as_("therapist", "/caseload/profile")),
    State("therapists", at("/therapists")),
)
# every element that came of what somebody wrote
CAME_OF = f"""[...document.querySelectorAll('*')].filter(one => one.localName.includes('{MARK}')
    || [...one.attributes].some(a => a.name.startsWith('on') || a.name === 'style' || a.name.includes('{MARK}'))
    || /^(javascript|data|vbscript):/i.test(one.href || one.action || '')).map(one => one.outerHTML.slice(0, 80))"""
ASKED = "performance.getEntriesByType('resource').map(one => one.name).sort()"
DENIED = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"
PAGES = ("/", "/help-now", "/therapists", "/how-it-works", "/sign-in")


@pytest.fixture(scope="module")
def filled(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo, in which everything that somebody wrote is markup."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copy(demo, folder / "written.sqlite")
    assert stored.fill(f"sqlite:///{folder / 'written.sqlite'}", SOME) > 300
    with served_demo(folder, folder / "written.sqlite", worker=False) as address:
        yield address


def runs(browser: Browser, address: str, state: State, change: Callable[[Page], None] = lambda page: None) -> list[str]:
    """What a browser does with the payloads of a page; a page without any would prove nothing."""
    with opened(browser, address, state) as (page, wrong):
        page.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
        change(page)
        page.reload()
        page.locator("h1").first.wait_for()
        assert MARK in page.content(), f"{state.name}: nothing of what was written is shown"
        return wrong + page.evaluate(CAME_OF)


@pytest.mark.S9
def test_what_people_wrote_runs_nowhere(browser: Browser, filled: str, tried: Callable[[int], None]) -> None:
    """No dialog, no error, nothing that the policy had to stop, no element that is not ours."""
    for state in SHOWN:
        assert not runs(browser, filled, state), state.name
    tried(len(SHOWN) * len(SOME))


@pytest.mark.S9
def test_what_is_not_escaped_would_be_found(browser: Browser, filled: str) -> None:
    """The planted hole: a page comes without its escapes."""

    def unescaped(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=html.unescape(answer.text()))

    assert runs(browser, filled, SHOWN[0], lambda page: page.route("**/queue/", unescaped))


@pytest.fixture(scope="module")
def cut_off(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser for which there is no host but this one."""
    told = browser_type_launch_args | {"args": [*browser_type_launch_args["args"], DENIED]}
    found = browser_type.launch(**told)
    yield found
    found.close()


def seen(browser: Browser, address: str, path: str, more: str = "") -> tuple[str, list[str]]:
    """(the page as it stands in the end, everything that it asked for); ``more`` is put into it on its way."""

    def longer(route: Route) -> None:
        answer = route.fetch()
        kept = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
        route.fulfill(status=200, headers=kept, body=answer.text().replace("</body>", f"{more}</body>"))

    with opened(browser, address, State(path, at("/help-now"))) as (page, _):
        if more:
            page.route(address + path, longer)
        page.goto(address + path, wait_until="networkidle")
        text = re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", page.content())
        return text, page.evaluate(ASKED)


@pytest.mark.P10
def test_pages_are_the_same_where_nobody_else_can_be_reached(
    browser: Browser, cut_off: Browser, served: str, tried: Callable[[int], None]
) -> None:
    for path in PAGES:
        usual, alone = seen(browser, served, path), seen(cut_off, served, path)
        assert usual == alone, path
        assert alone[1] and all(asked.startswith(served) for asked in alone[1]), alone[1]
    tried(len(PAGES))


@pytest.mark.P10
def test_a_page_that_needs_somebody_else_would_be_found(cut_off: Browser, served: str) -> None:
    """The planted hole: a picture from elsewhere, and a policy that lets it in."""
    _, asked = seen(cut_off, served, "/therapists", '<img src="https://elsewhere.example/x.png" alt="">')
    assert not all(one.startswith(served) for one in asked)
