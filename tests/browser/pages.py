"""Every page in every designed state, as ``make screenshots`` takes them and the tests look at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class State:
    """A page in one state: its name, its address, and what to do there first."""

    name: str
    path: str
    prepare: Callable[[Page], None] = lambda page: None


def open_every_person(page: Page) -> None:
    """The lists of all three people, and how one score is made."""
    for person in page.locator("details.person").all():
        if person.get_attribute("open") is None:
            person.locator("> summary").click()
    page.locator("details.order > summary").first.click()


STATES = (
    State("start", "/"),
    State("start-all-open", "/", open_every_person),
    State("help-now", "/help-now"),
    State("api-reference", "/api/v1/"),
    State("not-found", "/nothing-here"),
)
WIDTHS = {"phone": 390, "desktop": 1280}
SCHEMES = ("light", "dark")
