"""A refit in a process of its own, which may be killed at any moment."""

from __future__ import annotations

from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests import keys  # noqa: F401 - a child seals with the keys of tests, too
from tests.web.conftest import _QUICK
from web.db import engine
from web.services import clinics, models, refit

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.trust.refitted"])


def fit_again(url: str, told: Connection) -> None:
    """Say that one is ready, wait for the word, fit, and say which model serves then, which may be the old one."""
    models.METHOD = _QUICK
    sessions = engine.sessions(url)
    with sessions() as session:
        clinic = clinics.find(session, None)
    told.send("ready")
    told.recv()
    told.send(refit.run(sessions, clinic, now=lambda: datetime.now(UTC), goes_on=True).serving)
