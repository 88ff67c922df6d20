"""Asking for jobs of a clinic, and looking at them, as a page does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from tests.web.jobs.conftest import NOW
from web.db import engine
from web.jobs import rows
from web.services import clinics


def ask(
    sessions: sessionmaker[Session], *, kind: str = "count", slug: str = "north", now: datetime = NOW, **given: Any
) -> bool:
    with sessions() as session:
        clinics.find(engine.writing(session), slug)
        asked = rows.ask(session, kind, given.pop("key", kind), asked_by="a test", now=now, **given)
        session.commit()
    return asked


def look(
    sessions: sessionmaker[Session], key: str = "count", *, slug: str = "north", now: datetime = NOW
) -> rows.Job | None:
    with sessions() as session:
        clinics.find(session, slug)
        return rows.look(session, key, now=now)
