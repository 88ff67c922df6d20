"""The demo clinic on a free port of this machine, served by a real server in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

READY_SECONDS = 180
_DATABASES: dict[str, str] = {}


@contextmanager
def served_demo(folder: Path) -> Iterator[str]:
    """``rapport demo`` until the block ends; its address."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "DATABASE"))}
    environment |= {"DATABASE_URL": f"sqlite:///{folder}/demo.sqlite", "PORT": str(port), "RAPPORT_WORKERS": "1"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "web.cli", "demo"], env=environment, stdout=log, stderr=log)
    try:
        wait_until_ready(port, server, folder / "server.log")
        address = f"http://localhost:{port}"
        _DATABASES[address] = environment["DATABASE_URL"]
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


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
