"""From the button on the page to the model that serves, through real worker processes, one of which is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from tests import keys
from tests.browser.serving import free_port, wait_until_ready
from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, token_of
from tests.web.jobs.asking import look
from web.db import engine
from web.db.queries import versions
from web.db.tables import AuditEventRow, DyadRow, JobRow, RatingRow, SessionRow
from web.jobs.rows import Job

SECONDS = 120
DYADS = 50  # so few that a fit takes seconds


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    """Most ratings were taken back since the model that serves was fitted."""
    made = desk_of(clinic, tmp_path)
    with made.session() as session:
        few = select(DyadRow.id).order_by(DyadRow.id).limit(DYADS)
        kept = select(SessionRow.id).where(SessionRow.dyad_id.in_(few))
        session.execute(delete(RatingRow).where(RatingRow.session_id.not_in(kept)))
    return made


def process(desk: Desk, *words: str) -> subprocess.Popen[bytes]:
    kept = keys.environment()
    told = kept | {"DATABASE_URL": desk.url, "RAPPORT_ENV": "development"}
    return subprocess.Popen(
        [sys.executable, "-m", "web.cli", *words], env=told, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def job(desk: Desk) -> Job:
    found = look(engine.sessions(desk.url), "fit", slug="harbour", now=datetime.now(UTC))
    assert found is not None
    return found


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def serving(desk: Desk) -> str | None:
    with desk.session() as session:
        return versions.serving_model(session)


@pytest.mark.F9
def test_a_killed_fit_changes_nothing_and_the_next_worker_does_it(desk: Desk, tried: Callable[[int], None]) -> None:
    lead, before = desk.browser("clinic_lead"), serving(desk)
    for _ in range(2):
        answer = lead.post("/insights/model/fit", data={"csrf_token": token_of(lead)})
        assert answer.status_code == 303 and answer.location.endswith("/insights/model#fit-now")
    with desk.session() as session:
        asked = select(func.count(AuditEventRow.id)).where(AuditEventRow.action == "model.asked")
        assert (session.scalar(select(func.count(JobRow.id))), session.scalar(asked)) == (1, 1)

    first = process(desk, "worker")
    until(lambda: job(desk).stage == "estimating")
    first.kill()
    first.wait()
    assert (job(desk).state, serving(desk)) == ("running", before)
    assert "A new model is being made" in lead.get("/insights/model").text

    with desk.session() as session:  # the lease runs out
        session.execute(update(JobRow).values(leased_until=datetime.now(UTC) - timedelta(seconds=1)))
    second = process(desk, "worker", "--once")
    assert second.wait(timeout=SECONDS) == 0
    done = job(desk)
    assert (done.state, done.attempts, done.result["serves"], done.result["is_new"]) == ("done", 2, True, True)
    assert serving(desk) == done.result["version"] != before
    page = lead.get("/insights/model").text
    assert "The new model serves" in page and done.result["version"] in page and str(before) in page
    with desk.session() as session:
        actor = session.scalar(select(AuditEventRow.actor).where(AuditEventRow.subject == done.result["version"]))
        assert actor == str(desk.staff["clinic_lead"].id)
    tried(1)


def test_a_worker_without_work_ends_at_once(desk: Desk) -> None:
    idle = process(desk, "worker")
    assert idle.stderr is not None and b"worker begun" in idle.stderr.readline()
    idle.send_signal(signal.SIGTERM)
    assert idle.wait(timeout=20) == 0


def test_a_worker_ends_when_the_server_beside_it_was_killed(desk: Desk) -> None:
    words = f"[{sys.executable!r}, '-m', 'web.cli', 'worker', '--under', str(os.getpid())]"
    told = f"import os, subprocess; subprocess.run({words}, env=os.environ | {{'DATABASE_URL': {desk.url!r}}})"
    server = subprocess.Popen([sys.executable, "-c", told], stderr=subprocess.PIPE)
    assert server.stderr is not None and b"worker begun" in server.stderr.readline()
    assert [folder for folder in Path("/proc").glob("[0-9]*") if _is_beside(folder, server.pid)]
    server.kill()
    server.wait()
    until(lambda: not [folder for folder in Path("/proc").glob("[0-9]*") if _is_beside(folder, server.pid)])


@pytest.mark.parametrize("flag", ["--worker", "--no-worker"])
def test_the_server_has_a_worker_that_ends_with_it(desk: Desk, tmp_path: Path, flag: str) -> None:
    port = free_port()
    server = process(desk, "serve", "--port", str(port), "--workers", "1", flag)
    try:
        wait_until_ready(port, server, tmp_path / "no.log")
        beside = [folder for folder in Path("/proc").glob("[0-9]*") if _is_beside(folder, server.pid)]
        assert len(beside) == (flag == "--worker")
    finally:
        server.terminate()
        assert server.wait(timeout=40) == 0
    assert not [folder for folder in beside if _is_beside(folder, server.pid)]


def _is_beside(folder: Path, parent: int) -> bool:
    try:
        return f"worker\0--under\0{parent}\0" in (folder / "cmdline").read_text()
    except (OSError, UnicodeDecodeError):
        return False
