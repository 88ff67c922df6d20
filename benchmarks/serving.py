"""Servers as processes of their own on the loopback: started, asked, weighed, and always stopped."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from benchmarks.clinics import Stored
from web.exchange.schema import intake_document

PATIENCE = 60.0
POLL = 0.005
UNLIMITED = "100000000 per minute"
PATH = "/api/v1/matches"
PROC = Path("/proc")
COMPILED, CODE = "compiled", "PYTHONPYCACHEPREFIX"
NOT_OURS = ("RAPPORT_", "GUNICORN_", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Running:
    """A server that answers, and how long it took to."""

    process: subprocess.Popen[bytes]
    port: int
    seconds: float


@dataclass(frozen=True)
class Asking:
    """Requests for lists: their bodies, taken in turn, and the token."""

    bodies: tuple[bytes, ...]
    token: str

    @classmethod
    def of(cls, clinic: Stored, n_people: int) -> Asking:
        people = clinic.people[:n_people]
        bodies = [json.dumps({"intake": intake_document(intake)}).encode() for intake in people]
        return cls(tuple(bodies), clinic.token)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}


@contextmanager
def rapport(
    clinic: Stored, folder: Path, *, workers: int, environment: str = "production", code: str = COMPILED
) -> Iterator[Running]:
    """``rapport serve`` as anybody would start it, with limits that nothing here meets.

    Python keeps what it compiled in ``code``, a folder in ``folder``.
    """
    told = {
        "RAPPORT_ENV": environment,
        "SECRET_KEY": "benchmark" * 8,
        "DATABASE_URL": clinic.url,
        "RAPPORT_ADDRESS_LIMIT": UNLIMITED,
        "RAPPORT_API_LIMIT": UNLIMITED,
    }
    port = free_port()
    command = [str(Path(sys.executable).parent / "rapport"), "serve"]
    words = [*command, "--port", str(port), "--workers", str(workers)]
    with _running(words, told | {CODE: str(folder / code)}, port, folder) as server:
        yield server


@contextmanager
def bare(folder: Path, *, workers: int, answer: bytes = b"{}", code: str = COMPILED) -> Iterator[Running]:
    """A bare Flask application on the same server with the same settings."""
    port, file = free_port(), folder / "answer.json"
    file.write_bytes(answer)
    command = [sys.executable, "-m", "benchmarks.peers.bare", str(port), str(workers), str(file)]
    with _running(command, {CODE: str(folder / code)}, port, folder) as server:
        yield server


@contextmanager
def one_row(folder: Path, *, workers: int, code: str = COMPILED) -> Iterator[Running]:
    """A bare Flask application that inserts one row a request, on the same server with the same settings."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.peers.one_row", str(port), str(workers), str(folder / "row.sqlite")]
    with _running(command, {CODE: str(folder / code)}, port, folder) as server:
        yield server


@contextmanager
def bare_page(folder: Path, *, workers: int, size: int) -> Iterator[Running]:
    """The same, whose page has so many bytes."""
    from benchmarks.peers.bare import bare as application

    empty = len(application(b"").test_client().get("/page").data)
    with bare(folder, workers=workers, answer=b"x" * (size - empty)) as server:
        yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: Sequence[str], told: Mapping[str, str], port: int, folder: Path) -> Iterator[Running]:
    """The process in a group of its own, from its start to the first 200 on /healthz, until the end of the block."""
    log = folder / f"{port}.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    with log.open("wb") as stream:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, env=environment | told, start_new_session=True
        )
        try:
            yield Running(process, port, _until_alive(process, port, began, log))
        finally:
            _stop(process)


def _until_alive(process: subprocess.Popen[bytes], port: int, began: float, log: Path) -> float:
    while time.perf_counter() - began < PATIENCE:
        if process.poll() is not None:
            break
        if _alive(port):
            return time.perf_counter() - began
        time.sleep(POLL)
    raise SystemExit(f"the server did not answer: {log.read_text(errors='replace')[-2000:]}")


def _alive(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asked to end; whoever is left of its group after that is ended."""
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(server: Running, asking: Asking, *, n: int | None = None, for_seconds: float | None = None) -> int:
    """One connection, kept open: so many requests, or as many as there is time for; how many were answered."""
    done, began = 0, time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as connection:
        for body in cycle(asking.bodies):
            if done == n or (for_seconds is not None and time.perf_counter() - began >= for_seconds):
                break
            _answer(connection, asking, body)
            done += 1
    return done


def answer(server: Running, asking: Asking) -> bytes:
    """The answer to the first of the requests."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as connection:
        return _answer(connection, asking, asking.bodies[0])


def _answer(connection: http.client.HTTPConnection, asking: Asking, body: bytes) -> bytes:
    connection.request("POST", PATH, body, asking.headers)
    response = connection.getresponse()
    found = response.read()
    if response.status != 200:
        raise SystemExit(f"{PATH} answered {response.status}: {found[:500]!r}")
    return found


def ask_together(server: Running, asking: Asking, threads: int, n: int) -> None:
    """So many requests from each of some threads at once, from the very first."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: ask(server, asking, n=n), range(threads)))


def rate(server: Running, asking: Asking, threads: int, for_seconds: float) -> float:
    """Answers a second to some threads that never pause."""
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(lambda _: ask(server, asking, for_seconds=for_seconds), range(threads)))
    return done / (time.perf_counter() - began)


JOBS = "--under"  # how the worker of jobs beside the server is started


def can_weigh() -> bool:
    return (PROC / "self/status").exists()


def memory(server: Running) -> dict[str, float]:
    """Of the server's only worker, in MB (10^6 bytes): resident, its peak, and what it does not share."""
    (worker,) = (pid for pid in _children(server.process.pid) if JOBS not in _words(pid))
    status = _numbers(PROC / str(worker) / "status")
    shares = _numbers(PROC / str(worker) / "smaps_rollup")
    own = shares["Private_Clean"] + shares["Private_Dirty"]
    return {"resident": status["VmRSS"], "peak": status["VmHWM"], "own": own}


def _words(pid: int) -> list[str]:
    return (PROC / str(pid) / "cmdline").read_text().split("\0")


def _children(parent: int) -> list[int]:
    pids = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
    return [pid for pid in pids if _parent(pid) == parent]


def _parent(pid: int) -> int | None:
    try:
        said = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    return int(said.rpartition(")")[2].split()[1])


def _numbers(path: Path) -> dict[str, float]:
    """The lines of a status file that say kB, in MB."""
    lines = [line.split() for line in path.read_text().splitlines()]
    return {words[0].rstrip(":"): int(words[1]) * 1024 / 1e6 for words in lines if words[-1] == "kB"}
