"""Signing in with more than a password: an app, a recovery code, a passkey; and a new password by mail."""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, Page, expect

from tests.browser import walking
from tests.browser.opening import look_with_axe, see
from tests.browser.pages import WIDTHS
from tests.browser.serving import database_of, served_demo
from tests.browser.test_journey import somebody
from tests.web.people.factors import app_code
from web.db import engine
from web.exchange.mail import Server
from web.jobs.sending import Sender
from web.services import demo_people

NEW = "kelp and sand and stones"


class Mailbox:
    """Keeps what a server is given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        body = message_from_bytes(envelope.content, policy=default).get_body()
        assert body is not None
        self.texts.append(body.get_content())
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def own_demo(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Iterator[str]:
    """A demo of one's own: its people get second factors, which would stand in the way of other tests."""
    with served_demo(tmp_path_factory.mktemp("second-factor"), demo, worker=False) as address:
        yield address


def set_up_app(page: Page, address: str) -> tuple[bytes, list[str]]:
    """The secret of the app of whoever is signed in, and their recovery codes."""
    page.goto(address + "/your-sign-in/app")
    page.locator(".by-hand summary").click()
    secret = base64.b32decode(page.locator(".by-hand code").inner_text().replace(" ", ""))
    page.fill("#code", app_code(secret))
    page.get_by_role("button", name="Set it up").click()
    page.locator("ol.recovery").wait_for()
    for width in (320, *WIDTHS.values()):
        see(page, width)
    page.set_viewport_size({"width": WIDTHS["phone"], "height": 844})
    assert max(code.bounding_box()["height"] for code in page.locator("ol.recovery code").all()) < 30, "on two lines"
    look_with_axe(page)
    return secret, page.locator("ol.recovery code").all_inner_texts()


def half_way(page: Page, address: str, role: str, password: str = demo_people.PASSWORD) -> None:
    walking.sign_in(page, address, role, password)
    page.wait_for_url("**/sign-in/second")


def type_code(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def test_an_app_and_then_a_recovery_code_let_in(browser: Browser, own_demo: str) -> None:
    with somebody(browser) as page:
        walking.sign_in(page, own_demo, "therapist")
        page.wait_for_url("**/caseload/")
        secret, codes = set_up_app(page, own_demo)
        see(page, WIDTHS["phone"])
        look_with_axe(page)
    with somebody(browser) as page:
        half_way(page, own_demo, "therapist")
        type_code(page, "000000")
        expect(page.locator(".govuk-error-summary")).to_contain_text("not right")
        look_with_axe(page)
        type_code(page, app_code(secret, steps=1))
        page.wait_for_url("**/caseload/")
    with somebody(browser) as page:
        half_way(page, own_demo, "therapist")
        type_code(page, codes[0])
        page.wait_for_url("**/your-sign-in/")
        expect(page.get_by_text("9 are left.")).to_be_visible()
        see(page, WIDTHS["phone"])
        look_with_axe(page)


def test_a_passkey_lets_in_without_a_password(browser: Browser, own_demo: str) -> None:
    with somebody(browser, width="desktop") as page:
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                   "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        walking.sign_in(page, own_demo, "coordinator")
        page.wait_for_url("**/queue/")
        page.goto(own_demo + "/your-sign-in/")
        page.get_by_role("button", name="Add a passkey").click()
        page.locator("ol.recovery").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        page.get_by_role("button", name="Use a passkey instead").click()
        page.wait_for_url("**/queue/")
        page.goto(own_demo + "/your-sign-in/")
        expect(page.get_by_text("Chrome on Linux").first).to_be_visible()
        page.goto(own_demo + "/sign-in/again?next=/your-sign-in/")
        page.get_by_role("button", name="Use your passkey").click()
        page.wait_for_url("**/your-sign-in/")
        page.get_by_role("button", name="Sign out", exact=False).first.click()
        half_way(page, own_demo, "coordinator")
        page.get_by_role("button", name="Use your passkey").click()
        page.wait_for_url("**/queue/")


def test_a_new_password_comes_by_mail_over_a_socket(browser: Browser, own_demo: str) -> None:
    with somebody(browser) as page, mail_server() as (box, smtp):
        page.goto(own_demo + "/sign-in")
        page.get_by_role("link", name="Forgotten your password?").click()
        page.fill("#email", demo_people.STAFF["clinic_lead"].email)
        page.get_by_role("button", name="Send the link").click()
        expect(page.get_by_role("status")).to_contain_text("on its way")
        server = Server(smtp, "care@tolmaren.example")
        Sender(engine.sessions(database_of(own_demo)), server, own_demo, UTC).send_due(now=datetime.now(UTC))
        [link] = [found[0] for text in box.texts if (found := re.findall(r"http\S+/sign-in/reset/\S+", text))]
        page.goto(link)
        page.wait_for_url("**/sign-in/reset")
        look_with_axe(page)
        page.fill("#password", NEW)
        page.get_by_role("button", name="Keep it").click()
        page.wait_for_url("**/sign-in?because=new")
        walking.sign_in(page, own_demo, "clinic_lead", NEW)
        page.wait_for_url("**/insights/")
