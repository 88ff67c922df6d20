"""The ways to a client's own data: seen, about to be erased, and gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page

from tests.browser.wellbeing_walks import ERROR, Walk, someone_in_therapy, someone_new

ERASE = "main button.govuk-button--warning"


def not_sure(page: Page) -> None:
    page.click(ERASE)
    page.wait_for_selector(ERROR)


def erase(page: Page) -> None:
    page.check("#sure")
    page.click(ERASE)
    page.wait_for_url("**/my-data/erased")


WALKS: tuple[tuple[str, Walk, Mapping[str, Any]], ...] = (
    ("my-data", someone_in_therapy("/my-data/"), {"shows": "#erase-title"}),
    ("my-data-erase", someone_new("/my-data/erase", not_sure), {"shows": ERROR, "refused": True}),
    ("my-data-erased", someone_new("/my-data/erase", erase), {"shows": "main .lead"}),
)
