"""Carrying a proposal out in a process of its own, which may be killed at any moment."""

from __future__ import annotations

from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from uuid import UUID

from tests import keys  # noqa: F401 - a child seals with the keys of tests, too
from web.db import engine
from web.services import clinics, proposal_commits

# one process that has all loaded, and that each child is a copy of: starting a fresh one takes a second
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.trust.killed"])


def carry_out(url: str, key: UUID, revision: int, told: Connection) -> None:
    """Say that one is ready, wait for the word, carry it out, and say that it is done once that is so."""
    sessions = engine.sessions(url)
    with sessions() as session:
        clinics.find(session, None)
    told.send("ready")
    told.recv()
    with sessions() as session:
        clinic = clinics.find(engine.writing(session), None)
        proposal_commits.commit(session, clinic, key, revision, actor="a test", now=datetime.now(UTC))
        session.commit()
    told.send("done")
