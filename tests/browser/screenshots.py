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
from tests.browser.serving import served_demo

FOLDER = Path("build/screenshots")


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("*** No chromium on this machine: no screenshots. ***", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served_demo(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        names = [
            take(browser, address, state, width, scheme) for state in STATES for width in WIDTHS for scheme in SCHEMES
        ]
        browser.close()
    (FOLDER / "index.html").write_text(index(names), encoding="utf-8")
    print(f"{len(names)} screenshots: {FOLDER}/index.html")
    return 0


def take(browser: Browser, address: str, state: State, width: str, scheme: str) -> str:
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 844 if width == "phone" else 800},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2 if width == "phone" else 1,
    )
    page = context.new_page()
    page.goto(address + state.path)
    page.evaluate("document.fonts.ready")
    state.prepare(page)
    name = f"{state.name}-{width}-{scheme}.png"
    page.screenshot(path=FOLDER / name, full_page=True)
    context.close()
    return name


def index(names: list[str]) -> str:
    figures = "\n".join(
        f'<figure><a href="{html.escape(name)}"><img src="{html.escape(name)}" alt="" width="320"></a>'
        f"<figcaption>{html.escape(name)}</figcaption></figure>"
        for name in names
    )
    return f'<!doctype html><meta charset="utf-8"><title>Screenshots</title>\n{figures}\n'


if __name__ == "__main__":
    raise SystemExit(main())
