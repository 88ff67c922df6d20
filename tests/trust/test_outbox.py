"""A worker that is killed again and again while it sends: no message is lost, and each keeps the one name it has.

Counted is what a mail server took, by Message-ID. A worker that dies after the server's yes and before its own note
sends that one message again, under the same Message-ID, for SMTP has no way to ask whether a message arrived (RFC 5321,
4.1.4 and 6.1): the server, or the reader's mail program, knows it by its name. So at most one a kill is handed over
again, and the test counts those too.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as MailSession
from sqlalchemy import func, select

from tests.trust.mailed import PROCESSES, send
from tests.web.waiting_room import the_clinic
from web.db import engine
from web.db.tables import OutboxRow
from web.db.tables.base import new_key


class Names:
    """A mail server's other end that keeps no more than the name of what it took."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server: SMTP, session: MailSession, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        return "250 OK"


@pytest.fixture
def names() -> Iterator[tuple[Names, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Names()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    yield found, f"smtp://127.0.0.1:{port}"
    controller.stop()


def promised(url: str, n: int) -> set[str]:
    """So many messages that are due; the names that they have for good."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    with engine.sessions(url)() as session:
        clinic = the_clinic(engine.writing(session))
        rows = [
            {"id": new_key(), "clinic_id": clinic.id, "kind": "booked", "key": f"booked:{k}", "params": {},
             "recipient": f"p{k}@there.example", "state": "waiting", "attempts": 0, "due_at": now, "created_at": now}
            for k in range(n)
        ]  # fmt: skip
        session.add_all(OutboxRow(**row) for row in rows)
        session.commit()
    return {f"<{row['id']}@harbour.example>" for row in rows}


def states(url: str) -> dict[str, int]:
    with engine.sessions(url)() as session:
        the_clinic(session)
        found = session.execute(select(OutboxRow.state, func.count(OutboxRow.id)).group_by(OutboxRow.state))
        return dict(found.tuples().all())


def wait_for(box: Names, n: int, seconds: float) -> None:
    """Until the server has taken so many, or until the time is over."""
    end = time.monotonic() + seconds
    while sum(box.taken.values()) < n and time.monotonic() < end:
        time.sleep(0.005)


@pytest.mark.F13
def test_a_worker_killed_while_it_sends_loses_nothing_and_names_nothing_twice(
    harbour: str, names: tuple[Names, str], trials: Callable[[int, int], int], tried: Callable[[int], None]
) -> None:
    n = trials(30, 10_000)
    seconds, lease, some = (10.0, 1.0, 6) if n < 1_000 else (2.0, 4.0, n)  # at length by the clock, else after a few
    box, smtp = names
    expected, kills, end = promised(harbour, n), 0, time.monotonic() + trials(60, 1_500)
    while states(harbour).get("waiting") and time.monotonic() < end:
        mine, its = PROCESSES.Pipe()
        child = PROCESSES.Process(target=send, args=(harbour, smtp, lease, its), daemon=True)
        child.start()
        mine.recv()
        wait_for(box, sum(box.taken.values()) + some, seconds)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        kills += 1
    again = sum(times - 1 for times in box.taken.values())
    assert states(harbour) == {"sent": n}
    assert set(box.taken) == expected  # none lost, and none under a second name
    assert kills > 1 and again <= kills
    print(f"\n{n} messages, {kills} kills, {again} handed over again under the same Message-ID")
    tried(n)
