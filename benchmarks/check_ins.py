"""``make bench ONLY=check_ins``: a check-in that is posted and kept, beside one row that is inserted.

Both through the same server with the same number of processes and threads, on SQLite whose every commit is written
through to the disk. At ten a second requests are sent when they are due, whether the last one was answered or not, and
timed from when they were due.
"""

from __future__ import annotations

import hashlib
import http.client
import secrets
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import insert, select

from benchmarks import clinics, serving
from benchmarks.clinics import Stored
from benchmarks.report import Row, publish
from benchmarks.serving import Running
from web.db.tables import AppointmentRow, DyadRow, LinkRow, SessionRow
from web.db.tables.base import new_key

COMMAND = "make bench ONLY=check_ins"
WORKERS, THREADS, POSTS, REPEATS = 2, 4, 200, 5
A_SECOND, OPEN_LOOP_SECONDS = 10, 30
SHARE, SLOWEST_MS = 1 / 3, 200
PATH = "/check-ins/now"
NOTES = (
    "a check-in: link and session locked, its facts read, a check-in, a rating and the used link written, one commit",
    "one row: BEGIN IMMEDIATE, INSERT, COMMIT in a bare Flask application on the same server",
)


def main() -> bool:
    figures: dict[str, object] = {}
    with clinics.temporary() as folder:
        clinic = clinics.stored(folder, clinics.invented(100, 600))
        n = POSTS * (REPEATS + 1) + A_SECOND * OPEN_LOOP_SECONDS
        posts = iter(bodies(clinic, n))
        with (
            serving.rapport(clinic, folder, workers=WORKERS) as ours,
            serving.one_row(folder, workers=WORKERS) as floor,
        ):
            rows = [throughput(ours, floor, posts, figures), tail(ours, posts, figures)]
    return publish("check_ins", COMMAND, rows, NOTES, figures)


def bodies(clinic: Stored, n: int) -> list[bytes]:
    """What so many clients send, each about an hour of their own."""
    now, tokens = datetime.now(UTC), [secrets.token_urlsafe(16) for _ in range(n)]
    with clinic.session(writes=True) as session:
        dyads = session.scalars(select(DyadRow)).all()
        sessions, held, links = [], [], []
        for k, token in enumerate(tokens):
            dyad, key = dyads[k % len(dyads)], new_key()
            own = {"clinic_id": clinic.id, "session_id": key}
            began = now - timedelta(hours=2, minutes=k)
            sessions.append({"id": key, "clinic_id": clinic.id, "dyad_id": dyad.id, "number": 1_000 + k})
            held.append(own | {"client_id": dyad.client_id, "therapist_id": dyad.therapist_id, "begins_at": began,
                               "state": "held", "made_at": began, "made_by": "bench", "ended_at": now})  # fmt: skip
            links.append(own | {"kind": "check_in", "client_id": dyad.client_id, "made_at": now,
                                "token_hash": hashlib.sha256(token.encode()).digest(),
                                "expires_at": now + timedelta(days=7)})  # fmt: skip
        for kind, rows in ((SessionRow, sessions), (AppointmentRow, held), (LinkRow, links)):
            session.execute(insert(kind), rows)
    return [urlencode(_said(k, token)).encode() for k, token in enumerate(tokens)]


def _said(k: int, token: str) -> dict[str, str]:
    marks = {name: str((k + j) % 11) for j, name in enumerate(("bond", "goals", "way", "overall"))}
    return {"token": token, **marks, "helped": "heard", "comment": "We went at my pace today.", "shown_to": "named"}


def throughput(ours: Running, floor: Running, posts: Iterator[bytes], figures: dict[str, object]) -> Row:
    """Posts a second to some threads that never pause, ours and the floor in turn."""
    pairs = []
    for _ in range(REPEATS + 1):
        some = [next(posts) for _ in range(POSTS)]
        pairs.append((rate(ours, some), rate(floor, some)))
    pairs = pairs[1:]
    figures["posts a second, ours and one row"] = pairs
    mine, theirs = (statistics.median(pair[k] for pair in pairs) for k in (0, 1))
    ratio = statistics.median(a / b for a, b in pairs)
    return Row("check-ins posted, SQLite with full sync", f"{mine:.0f} a second", f"one row {theirs:.0f}", ratio,
               ">= 1/3", ratio >= SHARE)  # fmt: skip


def tail(ours: Running, posts: Iterator[bytes], figures: dict[str, object]) -> Row:
    """The slowest hundredth at ten a second."""
    some = [next(posts) for _ in range(A_SECOND * OPEN_LOOP_SECONDS)]
    began = time.perf_counter() + 0.1

    def send(k: int) -> float:
        due = began + k / A_SECOND
        time.sleep(max(due - time.perf_counter(), 0))
        _post(ours, [some[k]])
        return time.perf_counter() - due

    with ThreadPoolExecutor(A_SECOND * 2) as pool:
        times = np.array(list(pool.map(send, range(len(some))))) * 1e3
    slow, middle = float(np.quantile(times, 0.99)), float(np.median(times))
    figures["ms at ten a second: median, p99, slowest"] = [middle, slow, float(times.max())]
    return Row("the slowest hundredth at 10 a second", f"{slow:.0f} ms", f"median {middle:.0f} ms", None,
               f"<= {SLOWEST_MS} ms", slow <= SLOWEST_MS)  # fmt: skip


def rate(server: Running, some: Sequence[bytes]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda k: _post(server, some[k::THREADS]), range(THREADS)))
    return len(some) / (time.perf_counter() - began)


def _post(server: Running, some: Sequence[bytes]) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=serving.PATIENCE)) as connection:
        for body in some:
            connection.request("POST", PATH, body, headers)
            response = connection.getresponse()
            found = response.read()
            if response.status != 303:
                raise SystemExit(f"{PATH} answered {response.status}: {found[:300]!r}")
