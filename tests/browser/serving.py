"""The demo clinic on a free port of this machine, served by a real server in a process of its own.

Its database is made once a test run, as ``rapport demo`` makes it, and copied for each server.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests import keys

READY_SECONDS = 180
BROWSERS = ("chromium-headless-shell", "chromium")  # the first costs less than half of the work
_DATABASES: dict[str, str] = {}
_SHARED: dict[str, Path] = {}


def chromium() -> str | None:
    """The browser of this system, never one that was downloaded; None without one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def demo_database(shared: Path) -> Path:
    """The demo's database as its first start leaves it: whoever comes first makes it, the others wait."""
    made, unfinished = shared / "demo.sqlite", shared / "unfinished.sqlite"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            command = [sys.executable, "-m", "web.cli", "demo", "--no-serve"]
            with said_by(made).open("wb") as said:
                subprocess.run(command, env=_environment(unfinished), check=True, stdout=said, stderr=subprocess.STDOUT)
            unfinished.rename(made)
    return made


def once(address: str, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What comes of something long with the demo, which a whole test run does once: whoever comes first does it."""
    shared = _SHARED[address]
    known = shared / f"{name}.json"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not known.exists():
            known.write_text(json.dumps(work()))
    found: dict[str, Any] = json.loads(known.read_text())
    return found


def said_by(demo: Path) -> Path:
    """What the command said while it made the demo's database."""
    return demo.with_suffix(".said")


@contextmanager
def served_demo(folder: Path, database: Path, *, worker: bool = True) -> Iterator[str]:
    """A copy of the demo's database in a folder, served as the demo serves it until the block ends; its address.

    Without a ``worker`` nothing happens beside the pages: no clock ticks there, and no job is done.
    """
    port, own = free_port(), folder / "demo.sqlite"
    shutil.copyfile(database, own)
    environment = _environment(own) | {"PORT": str(port), "RAPPORT_ENV": "demo", "RAPPORT_WORKERS": "1"}
    with (folder / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "web.cli", "serve", "--worker" if worker else "--no-worker"]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until_ready(port, server, folder / "server.log")
        address = f"http://localhost:{port}"
        _DATABASES[address], _SHARED[address] = environment["DATABASE_URL"], database.parent
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def _environment(database: Path) -> dict[str, str]:
    return keys.environment() | {"DATABASE_URL": f"sqlite:///{database}"}


def database_of(address: str) -> str:
    """The database of a served demo, for states to which no click leads."""
    return _DATABASES[address]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not come up:\n{log.read_text()[-2000:]}")
