"""``make screenshots``: every page in every state, phone and desktop, light and dark, with an index page."""

from __future__ import annotations

import html
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import QUIET
from tests.browser.pages import SCHEMES, STATES, WIDTHS, State
from tests.browser.serving import chromium, demo_database, served_demo

FOLDER = Path("build/screenshots")


def main() -> int:
    found = chromium()
    if found is None:
        print("*** No chromium on this machine: no screenshots. ***", file=sys.stderr)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory() as shared,
        tempfile.TemporaryDirectory() as folder,
        served_demo(Path(folder), demo_database(Path(shared))) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        taken = {state.name: take(browser, address, state) for state in STATES}
        browser.close()
    (FOLDER / "index.html").write_text(index(taken), encoding="utf-8")
    print(f"{sum(map(len, taken.values()))} screenshots of {len(taken)} states: {FOLDER}/index.html")
    return 0


def take(browser: Browser, address: str, state: State) -> list[str]:
    """The pictures of a state: the way there is walked once, then the window changes."""
    context = browser.new_context(device_scale_factor=1, viewport={"width": WIDTHS["phone"], "height": 844})
    page = context.new_page()
    state.reach(page, address)
    names = []
    for width, pixels in WIDTHS.items():
        page.set_viewport_size({"width": pixels, "height": 844 if width == "phone" else 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            page.evaluate("document.fonts.ready")
            page.evaluate("scrollTo(0, 0)")
            names.append(f"{state.name}-{width}-{scheme}.png")
            page.screenshot(path=FOLDER / names[-1], full_page=True)
    context.close()
    state.leave(address)
    return names


def index(taken: dict[str, list[str]]) -> str:
    sections = "\n".join(
        f"<h2>{html.escape(state)}</h2>\n" + "\n".join(figure(name) for name in names) for state, names in taken.items()
    )
    return f'<!doctype html><meta charset="utf-8"><title>Screenshots</title>\n{sections}\n'


def figure(name: str) -> str:
    shown = html.escape(name)
    return f'<a href="{shown}"><img src="{shown}" alt="{shown}" title="{shown}" width="240" loading="lazy"></a>'


if __name__ == "__main__":
    raise SystemExit(main())
