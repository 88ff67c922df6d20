"""Sending what is promised in a process of its own, which may be killed at any moment."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests import keys  # noqa: F401 - a child seals with the keys of tests, too
from web.db import engine
from web.exchange.mail import Server
from web.jobs import sending
from web.jobs.sending import Sender
from web.services import clinics

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.trust.mailed"])


def send(url: str, smtp: str, lease_seconds: float, told: Connection) -> None:
    """Say that one has begun, and send until killed, as the worker does, with a lease that a test can wait for."""
    sending.LEASE = timedelta(seconds=lease_seconds)
    sender = Sender(engine.sessions(url), Server(smtp, "care@harbour.example"), "https://harbour.example", UTC)
    with engine.sessions(url)() as session:
        clinics.find(session, None)
    told.send("ready")
    while True:
        if not sender.send_due(now=datetime.now(UTC)):
            time.sleep(0.05)
