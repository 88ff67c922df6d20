"""``make bench ONLY=proposals``: a proposal for 500 people and 200 therapists through the coordinator's pages.

From "Work out a proposal" until the page shows it: the job as the worker does it, and the page; then carrying it out.
In a process of its own, which is weighed before anything of the clinic was read, and at its heaviest. Time is the
processor's, so that a busy machine cuts nobody; how long it took by the clock is kept beside it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from benchmarks import clinics
from benchmarks.clinics import Stored
from benchmarks.report import Row, publish
from web import create_app, visits
from web.db import engine, mapping
from web.jobs.worker import Worker
from web.services import clinics as clinic_service
from web.services import intakes, people, proposals
from web.settings import Settings

COMMAND = "make bench ONLY=proposals"
N_PEOPLE, N_THERAPISTS, REPEATS = 500, 200, 3
SECONDS, MEGABYTES = 3.0, 250.0
SECRET = "benchmark" * 8
NOTES = (
    "From the press of the button to the finished page: asking, the job, the page with fifty people of 500.",
    "Idle is the process with the application made, before model and directory were read; the median of three.",
)


def main() -> bool:
    with clinics.temporary() as folder:
        clinic = clinics.stored(folder, clinics.invented(N_THERAPISTS, N_PEOPLE))
        person = _waiting(clinic)
        found = [_measured(clinic, person, commits=k == REPEATS - 1) for k in range(REPEATS)]
    seconds, megabytes = (statistics.median(one[name] for one in found) for name in ("cpu", "megabytes"))
    last = found[-1]
    work = f"a proposal for {N_PEOPLE} people and {N_THERAPISTS} therapists"
    rows = [
        Row(work, f"{seconds:.2f} s", "", seconds / SECONDS, f"<= {SECONDS:.0f} s", seconds <= SECONDS),
        Row(f"{work}, above idle", f"{megabytes:.0f} MB", "", megabytes / MEGABYTES, f"<= {MEGABYTES:.0f} MB",
            megabytes <= MEGABYTES),
        Row(f"carrying it out, {last['n_placed']} places", f"{last['commit']:.2f} s", "", None, "", None),
    ]  # fmt: skip
    return publish("proposals", COMMAND, rows, NOTES, {"rounds": found})


def _waiting(clinic: Stored) -> UUID:
    """Everybody waits, and somebody coordinates; the key of that person."""
    now = datetime.now(UTC)
    with clinic.session(writes=True) as session:
        for intake in clinic.people[:N_PEOPLE]:
            kept = intakes.of_link(session, intakes.begin(session, now=now), now=now)
            assert kept is not None
            for step, said in intakes.by_step(mapping.answers_of(intake)).items():
                kept = intakes.save(session, kept, step, said, now=now)
            intakes.send(session, kept, consent="bench", now=now)
        email, password = "coordinator@clinic.example", "harbour lights in late autumn"
        person = people.create(session, email, "Sam Field", "coordinator", password=password, now=now)
        people.change(session, email, "active", now=now)
    return person


def _measured(clinic: Stored, person: UUID, *, commits: bool) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.proposals", clinic.url, str(person), "commit" if commits else ""]
    said = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found


def work(url: str, person: UUID, *, commits: bool) -> dict[str, Any]:
    """One round, in this process."""
    client, token = _coordinator(url, person)
    client.get("/proposals/")
    idle = _peak(anew=True)
    began, clock = time.process_time(), time.monotonic()
    path = str(client.post("/proposals/", data={"csrf_token": token}).location)
    assert Worker(engine.sessions(url)).once()
    page = client.get(path)
    cpu, wall = time.process_time() - began, time.monotonic() - clock
    peak = _peak()
    with engine.sessions(url)() as session:
        clinic_service.find(session, None)
        found = proposals.look(session, UUID(path.rsplit("/", 1)[1]), now=datetime.now(UTC))
    assert page.status_code == 200 and found is not None and found.result is not None
    told = {
        "cpu": cpu, "wall": wall, "megabytes": peak - idle, "bytes of the page": len(page.data),
        "n_placed": sum(line["therapist"] is not None for line in found.result["lines"]),
    }  # fmt: skip
    if commits:
        said = {"csrf_token": token, "revision": found.revision}
        told["commit"] = _seconds(lambda: client.post(f"{path}/commit", data=said), 303)
    return told


def _coordinator(url: str, person: UUID) -> tuple[FlaskClient, str]:
    """A browser in which the coordinator is signed in, and a token for its forms."""
    app = create_app(Settings(environment="test", database_url=url, secret_key=SECRET))
    with engine.sessions(url)() as session:
        clinic_service.find(engine.writing(session), None)
        signed_in = people.sign_in(session, person, now=datetime.now(UTC))
        session.commit()
    client = app.test_client()
    with client.session_transaction() as kept:
        kept[visits.SIGN_IN], kept["csrf_token"] = signed_in, "0" * 40
    return client, str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("0" * 40))  # type: ignore[arg-type]


def _seconds(ask: Callable[[], Any], status: int) -> float:
    began = time.process_time()
    assert ask().status_code == status
    return time.process_time() - began


def _peak(*, anew: bool = False) -> float:
    """The most memory that this process has held, in MB; ``anew``: from now on."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    print(json.dumps(work(sys.argv[1], UUID(sys.argv[2]), commits=sys.argv[3:] == ["commit"])))
