"""Promised messages against a real mail server: each sent once, refused ones tried again, none with a word too many."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as MailSession
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from web.commands import worker
from web.db import engine
from web.db.tables import OutboxRow
from web.exchange.mail import Server
from web.jobs import sending
from web.jobs.sending import LEASE, RETRY_AFTER, Sender
from web.jobs.tending import tend
from web.services import clinics, letters, outbox
from web.settings import Settings

Sessions = sessionmaker[Session]
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)


class Postbox:
    """A server's other end: keeps what it takes, and says ``answer`` to recipients."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: MailSession, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.answer

    async def handle_DATA(self, server: SMTP, session: MailSession, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


def sender(sessions: Sessions, url: str) -> Sender:
    return Sender(sessions, Server(url, "care@harbour.example"), "https://harbour.example", UTC)


def promise(
    sessions: Sessions, kind: str = "booked", key: str = "1", *, slug: str = "north",
    to: str = "ada@there.example", **params: str,
) -> None:  # fmt: skip
    with sessions() as session:
        clinics.find(engine.writing(session), slug)
        outbox.promise(session, kind, key, to, now=NOW, **params)
        session.commit()


def rows(sessions: Sessions, slug: str = "north") -> list[tuple[str, int]]:
    with sessions() as session:
        clinics.find(session, slug)
        return [(row.state, row.attempts) for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]


def test_what_was_promised_in_every_clinic_is_sent_once(sessions: Sessions, postbox: tuple[Postbox, str]) -> None:
    box, url = postbox
    promise(sessions, "request_received")
    promise(sessions, "request_made", "2", slug="south", to="sam@here.example", answer_by="2026-03-05T12:00:00+00:00")
    assert [sender(sessions, url).send_due(now=SOON) for _ in range(2)] == [2, 0]
    first, second = sorted(box.taken, key=lambda message: message["To"])
    assert (first["To"], second["To"]) == ("ada@there.example", "sam@here.example")
    assert "care@harbour.example" in first["From"] and first["Auto-Submitted"] == "auto-generated"
    assert "https://harbour.example/request/" in first.get_content()
    assert "Please answer by Thursday 5 March, 12:00 (UTC)." in second.get_content()
    assert rows(sessions) == rows(sessions, "south") == [("sent", 1)]


def recipients(sessions: Sessions) -> list[str]:
    with sessions() as session:
        clinics.find(session, "north")
        return list(session.scalars(select(OutboxRow.recipient).order_by(OutboxRow.id)))


LINKS_OF_MAILS = dict.fromkeys(letters.LINKS, f"/a/{'A' * 22}")


@pytest.mark.parametrize("kind", letters.KINDS)
def test_no_message_says_more_than_that_there_is_something_to_see(kind: str) -> None:
    when = {"answer_by": NOW.isoformat()} if kind == "request_made" else {}
    for address in ("https://harbour.example", None):
        said = letters.letter(kind, when, clinic_name="Harbour", address=address, zone=UTC, paths=LINKS_OF_MAILS)
        words = (said.subject + said.text).lower()
        assert not any(word in words for word in ("therap", "session", "maren", "ada", "/intake/link"))
        assert len(said.subject) < 50 and "None" not in said.text and "\n\n\n" not in said.text
        assert ("https://" in said.text) is (address is not None)


def test_two_workers_send_a_message_once(sessions: Sessions, postbox: tuple[Postbox, str]) -> None:
    box, url = postbox
    for key in range(6):
        promise(sessions, key=str(key))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: sender(sessions, url).send_due(now=SOON), range(2)))
    assert sum(done) == len(box.taken) == len({message["Message-ID"] for message in box.taken}) == 6


def test_a_slow_server_leaves_each_message_its_whole_lease(
    sessions: Sessions, postbox: tuple[Postbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes 400 seconds, a lease 300: another worker would send those that were leased from the beginning."""
    for key in range(3):
        promise(sessions, key=str(key))
    elapsed, leases = [0.0], []
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: elapsed[0]))
    deliver = sending.deliver

    def slowly(connection: Any, message: Any) -> None:
        with sessions() as session:
            clinics.find(session, "north")
            leases.append(session.scalars(select(func.max(OutboxRow.due_at))).one())
        elapsed[0] += 400
        deliver(connection, message)

    monkeypatch.setattr(sending, "deliver", slowly)
    assert sender(sessions, postbox[1]).send_due(now=SOON) == 3
    assert leases == [SOON + timedelta(seconds=400 * k) + LEASE for k in range(3)]


def test_a_message_that_is_refused_for_now_is_tried_again_later_and_then_given_up(
    sessions: Sessions, postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    box.answer = "451 Try again later"
    promise(sessions)
    now = SOON
    for attempt, pause in enumerate(RETRY_AFTER, start=1):
        assert sender(sessions, url).send_due(now=now) == 0
        assert rows(sessions) == [("waiting", attempt)]
        assert sender(sessions, url).send_due(now=now + pause - timedelta(seconds=1)) == 0
        assert rows(sessions) == [("waiting", attempt)]
        now += pause
    sender(sessions, url).send_due(now=now)
    assert rows(sessions) == [("failed", len(RETRY_AFTER) + 1)] and box.taken == []


@pytest.mark.parametrize("to", ["gone@there.example", "a\nBcc: b@there.example", "no address"])
def test_an_address_that_is_none_fails_alone_and_the_next_message_goes_out(
    sessions: Sessions, postbox: tuple[Postbox, str], to: str
) -> None:
    box, url = postbox
    promise(sessions, key="1", to=to)
    if to.startswith("gone"):
        box.answer = "550 No such user"
        sender(sessions, url).send_due(now=SOON)
        box.answer = "250 OK"
    promise(sessions, key="2")
    sender(sessions, url).send_due(now=SOON)
    assert rows(sessions)[1] == ("sent", 1) and "Bcc" not in str(box.taken)
    if to != "no address":  # what the server takes is the server's to judge
        assert rows(sessions)[0] == ("failed", 1)


def test_a_message_that_nobody_can_write_holds_up_no_other(sessions: Sessions, postbox: tuple[Postbox, str]) -> None:
    promise(sessions, "of_a_later_release", "1")
    promise(sessions, key="2")
    assert sender(sessions, postbox[1]).send_due(now=SOON) == 1
    assert rows(sessions) == [("failed", 1), ("sent", 1)]


def test_a_server_that_is_away_costs_no_attempt(sessions: Sessions, postbox: tuple[Postbox, str]) -> None:
    url = postbox[1]
    promise(sessions)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert sender(sessions, f"smtp://127.0.0.1:{closed.getsockname()[1]}").send_due(now=SOON) == 0
    assert rows(sessions) == [("waiting", 0)]
    assert sender(sessions, url).send_due(now=SOON + timedelta(minutes=1)) == 1


def test_a_worker_that_died_while_sending_leaves_a_lease_that_runs_out(
    sessions: Sessions, postbox: tuple[Postbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, url = postbox
    promise(sessions)
    with monkeypatch.context() as patched:
        patched.setattr(Sender, "_settle", lambda *given, **more: None)
        sender(sessions, url).send_due(now=SOON)
    assert sender(sessions, url).send_due(now=SOON + LEASE - timedelta(seconds=1)) == 0
    assert sender(sessions, url).send_due(now=SOON + LEASE) == 1
    assert len(box.taken) == 2 and len({message["Message-ID"] for message in box.taken}) == 1


def test_old_news_is_not_sent_and_nobody_is_remembered_by_it(sessions: Sessions, postbox: tuple[Postbox, str]) -> None:
    promise(sessions, key="1")
    tend(sessions, now=NOW + outbox.TOO_OLD)
    assert recipients(sessions) == ["ada@there.example"]
    tend(sessions, now=NOW + outbox.TOO_OLD + timedelta(seconds=1))
    assert sender(sessions, postbox[1]).send_due(now=NOW + timedelta(days=4)) == 0
    assert rows(sessions) == [("failed", 0)] and recipients(sessions) == [""]
    promise(sessions, key="2")
    assert sender(sessions, postbox[1]).send_due(now=SOON) == 1
    assert recipients(sessions) == ["", ""]


@pytest.mark.parametrize(("environment", "url", "sends"), [
    ("test", None, False), ("test", "smtp://mail.example", True), ("demo", "smtp://mail.example", False),
])  # fmt: skip
def test_mail_is_sent_where_a_server_is_named_and_never_to_invented_people(
    environment: str, url: str | None, sends: bool
) -> None:
    read = Settings(environment=environment, smtp_url=url, mail_from="care@harbour.example")
    assert (worker._mail(read) is not None) is sends
