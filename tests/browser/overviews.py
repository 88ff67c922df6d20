"""States of the clinic over time, and of the work beside the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Page
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.browser import walking
from tests.browser.serving import database_of
from web.db import engine
from web.db.tables import JobRow
from web.services import clinics

MARK = "a browser test"  # by whom these jobs were asked for


@contextmanager
def _clinic(address: str) -> Iterator[Session]:
    with engine.sessions(database_of(address))() as session:
        clinics.find(engine.writing(session), None)
        yield session
        session.commit()


def dashboard(page: Page, address: str) -> None:
    walking.be(page, address, "clinic_lead")
    page.goto(address + "/dashboard/")


def dashboard_opened(page: Page, address: str) -> None:
    """With every table open."""
    dashboard(page, address)
    for one in page.locator(".dashboard details > summary").all():
        one.click()


def jobs(page: Page, address: str) -> None:
    walking.be(page, address, "clinic_lead")
    page.goto(address + "/jobs/")


def busy(page: Page, address: str) -> None:
    """One job of each state, one of them stuck; of kinds that no worker takes up."""
    now = datetime.now(UTC)
    put(address, "fit", "running", progress=60, stage="trying", leased_until=now + timedelta(hours=1))
    put(address, "forgotten", "running", progress=20, leased_until=now - timedelta(minutes=20))
    put(address, "scarcity", "waiting", due_at=now + timedelta(hours=1))
    put(address, "learn_weights", "failed", result={"reason": "gave_up", "ended_at": now.isoformat()})
    put(address, "backtest", "done", result={"ended_at": now.isoformat()})
    jobs(page, address)


def put(address: str, kind: str, state: str, **more: Any) -> UUID:
    """A job in a state; its key is no real one's."""
    now = datetime.now(UTC)
    values = {"arguments": {}, "due_at": now, "created_at": now, "asked_by": MARK} | more
    with _clinic(address) as session:
        row = JobRow(kind=kind, key=f"{MARK} {kind}", state=state, **values)
        session.add(row)
        session.flush()
        return row.id


def leave(address: str) -> None:
    """No job of these is there any more."""
    with _clinic(address) as session:
        session.execute(delete(JobRow).where(JobRow.key.startswith(MARK)))


# (name, the way there, what proves that one has arrived, what puts things back)
WALKS = (
    ("dashboard", dashboard, ".months", lambda address: None),
    ("dashboard-tables", dashboard_opened, ".dashboard details[open]", lambda address: None),
    ("jobs", jobs, "#worker", leave),
    ("jobs-busy", busy, "#failed-title", leave),
)
