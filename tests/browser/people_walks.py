"""The ways to each page about who works here and how they sign in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page

from tests.browser import asking, walking
from tests.browser.wellbeing_walks import Walk
from web.services import clinics, demo_people, invitations


def as_staff(role: str, path: str) -> Walk:
    """Somebody who has signed in with their password."""

    def prepare(page: Page, address: str) -> None:
        walking.sign_in(page, address, role)
        page.goto(address + path)

    return prepare


def one_of_them(page: Page, address: str) -> None:
    walking.sign_in(page, address, "administrator")
    page.goto(address + "/people/")
    page.get_by_role("link", name=demo_people.STAFF["coordinator"].name).click()
    page.wait_for_url("**/people/*-*")


def joining(page: Page, address: str) -> None:
    """Somebody new, by the link of their invitation."""
    now = datetime.now(UTC)
    with asking.clinic_of(address) as session:
        clinic, administrator = clinics.find(session, None), demo_people.person_id(session, "administrator")
        email = f"new-{uuid4().hex[:8]}@tolmaren.example"
        invited = invitations.invite(session, clinic, email, ["coordinator"], actor=str(administrator), now=now)
        path = invitations.link(session, invited, now=now)
    page.goto(address + path)
    page.wait_for_url("**/join")


def link_over(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in/reset/{'A' * 22}")
    page.wait_for_url("**/sign-in/reset")


WALKS: tuple[tuple[str, Walk, Mapping[str, Any]], ...] = (
    ("people-member", one_of_them, {"shows": "main h1"}),
    ("people-policy", as_staff("administrator", "/people/sign-in"), {"shows": "main form"}),
    ("keeping", as_staff("administrator", "/keeping/"), {"shows": "#months"}),
    ("your-sign-in", as_staff("therapist", "/your-sign-in/"), {"shows": "main h1"}),
    ("your-sign-in-app", as_staff("therapist", "/your-sign-in/app"), {"shows": "#code"}),
    ("join", joining, {"shows": "#password"}),
    ("forgotten", lambda page, address: page.goto(address + "/sign-in/forgotten"), {"shows": "#email"}),
    ("reset-link-over", link_over, {"shows": "main h1", "refused": True}),
)
