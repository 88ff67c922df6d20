"""Carry a proposal out in a process of its own, which may be killed at any moment: ``killed.py URL KEY REVISION``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from uuid import UUID

from web.db import engine
from web.services import clinics, proposal_commits


def main(url: str, key: str, revision: str) -> None:
    sessions = engine.sessions(url)
    with sessions() as session:
        clinics.find(session, None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with sessions() as session:
        clinic = clinics.find(engine.writing(session), None)
        proposal_commits.commit(
            session, clinic, UUID(key), int(revision), actor="a test", now=datetime.now(UTC)
        )  # fmt: skip
        session.commit()
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
