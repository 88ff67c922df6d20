"""The worker does what was asked, tells how far it is, and says in a code why something could not be done."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from matcher.errors import InvalidInput
from tests.web.jobs.asking import ask, look
from tests.web.jobs.conftest import NOW
from web import logs
from web.db.tables import ClinicRow
from web.jobs.kinds import Asked, Report
from web.jobs.rows import LEASE, Job
from web.jobs.tending import tend
from web.jobs.worker import Worker
from web.services import clinics
from web.services.clinics import Clinic
from web.services.models import Overtaken

Sessions = sessionmaker[Session]
SECRET = "grandmother-4711"


def after(sessions: Sessions, kind: Callable[..., Mapping[str, Any]], *, slug: str = "north") -> Job:
    """How a job stands after a worker has met it."""
    ask(sessions, now=datetime.now(UTC), slug=slug, arguments={"to": 3})
    assert Worker(sessions, {"count": kind}).once()
    found = look(sessions, slug=slug, now=datetime.now(UTC))
    assert found is not None
    return found


def raising(error: BaseException) -> Callable[..., Mapping[str, Any]]:
    def kind(*given: Any) -> Mapping[str, Any]:
        raise error

    return kind


def test_a_job_is_done_for_its_clinic_and_tells_how_far_it_is(sessions: Sessions) -> None:
    seen = []

    def count(opened: Sessions, clinic: Clinic, asked: Asked, report: Report) -> Mapping[str, Any]:
        for k in range(asked.arguments["to"]):
            report(30 * k, f"number {k}")
            found = look(sessions, slug=clinic.slug, now=datetime.now(UTC))
            assert found is not None
            seen.append((clinic.slug, asked.by, found.state, found.progress, found.stage))
        return {"counted": 3}

    found = after(sessions, count, slug="south")
    assert seen == [("south", "a test", "running", 30 * k, f"number {k}") for k in range(3)]
    assert (found.state, found.result["counted"]) == ("done", 3)
    assert Worker(sessions, {"count": count}).once() is False


@pytest.mark.parametrize(
    ("error", "reason"),
    [(Overtaken("x"), "overtaken"), (InvalidInput("ratings.score", SECRET, "not on the scale"), "refused"),
     (RuntimeError(SECRET), "error")],
)  # fmt: skip
def test_what_cannot_be_done_ends_with_a_code_and_nothing_personal(
    sessions: Sessions, error: Exception, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    found = after(sessions, raising(error))
    assert (found.state, found.result["reason"]) == ("failed", reason)
    assert SECRET not in json.dumps(dict(found.result)) + capsys.readouterr().err


def test_trouble_with_the_database_is_tried_again(sessions: Sessions) -> None:
    found = after(sessions, raising(OperationalError("", {}, Exception())))
    assert (found.state, found.attempts) == ("waiting", 1)


def test_a_worker_that_is_told_to_end_gives_its_job_back(sessions: Sessions) -> None:
    """A real signal in the middle of the work; the handlers of this process are put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def slow(*given: Any) -> Mapping[str, Any]:
        Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        end = datetime.now(UTC) + LEASE
        while datetime.now(UTC) < end:
            pass
        return {}

    ask(sessions, now=datetime.now(UTC))
    worker = Worker(sessions, {"count": slow})
    try:
        worker.install()
        worker.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    found = look(sessions, now=datetime.now(UTC))
    assert found is not None and (found.state, found.attempts, found.progress) == ("waiting", 0, 0)


def test_a_worker_whose_job_was_claimed_by_another_says_nothing(sessions: Sessions) -> None:
    from web.db import engine
    from web.db.tables import JobRow
    from web.services import clinics

    def overslept(opened: Sessions, clinic: Clinic, asked: Asked, report: Report) -> Mapping[str, Any]:
        with sessions() as session:
            clinics.enter(engine.writing(session), clinic)
            session.query(JobRow).one().attempts = 2
            session.commit()
        report(50, "asleep")
        pytest.fail("it goes on")

    found = after(sessions, overslept)
    assert (found.state, found.progress, found.result) == ("running", 0, {})


def test_a_worker_that_has_done_what_was_due_is_heard_of(sessions: Sessions) -> None:
    tend(sessions, now=NOW)
    with sessions() as session:
        assert clinics.every(session)
        assert set(session.scalars(select(ClinicRow.tended_at))) == {NOW}
