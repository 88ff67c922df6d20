"""What the server cannot read is answered as a problem, and neither answer nor log holds a word of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.serving import free_port, wait_until_ready
from tests.web.conftest import Clinic

CANARY = "grandmother-4711"
SENT = {
    "no request line": (f'{{"intake":{{"client_id":"{CANARY}"}}}}\r\n\r\n', 400),
    "a method of its own": (f"{CANARY.upper()}!{{}} / HTTP/1.1\r\n\r\n", 400),
    "a strange version": (f"GET / HTTP/{CANARY}\r\n\r\n", 400),
    "a broken header name": (f"GET / HTTP/1.1\r\n{CANARY} x: y\r\n\r\n", 400),
    "a transfer coding": (f"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {CANARY}\r\n\r\n", 400),
    "a length that is none": (f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {CANARY}\r\n\r\n", 400),
    "a broken chunk": (
        f"POST /api/v1/matches HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n",
        None,
    ),
    "a long line": (f"GET /{CANARY * 400} HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "many headers": ("GET / HTTP/1.1\r\n" + f"X-{CANARY}: y\r\n" * 100 + "\r\n", 431),
    "a body longer than told": (
        "POST /api/v1/matches HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
        f"{{}}{CANARY} and what she said\r\n\r\n",
        None,
    ),
}


@dataclass(frozen=True)
class Serving:
    port: int
    log: Path


@pytest.fixture(scope="module")
def serving(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    port, log = free_port(), tmp_path_factory.mktemp("server") / "log"
    environment = os.environ | {
        "DATABASE_URL": clinic.database_url,
        "SECRET_KEY": "s" * 32,
        "RAPPORT_ENV": "production",
    }
    command = [sys.executable, "-m", "web.cli", "serve", "--port", str(port), "--workers", "1"]
    with log.open("wb") as stream:
        server = subprocess.Popen(command, env=environment, stdout=stream, stderr=stream)
    try:
        wait_until_ready(port, server, log)
        yield Serving(port, log)
    finally:
        server.terminate()
        server.wait(timeout=30)


def send(port: int, text: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while part := connection.recv(65_536):
            found += part
    return found.decode()


@pytest.mark.S13
def test_neither_answer_nor_log_quotes_it(serving: Serving, tried: Callable[[int], None]) -> None:
    for name, (text, status) in SENT.items():
        said = send(serving.port, text)
        assert CANARY not in said.lower(), name
        assert "<html" not in said, name
        if status is not None:
            head, body = said.split("\r\n\r\n", 1)
            assert head.startswith(f"HTTP/1.1 {status} "), (name, head)
            assert json.loads(body)["status"] == status, name
    lines = serving.log.read_text().splitlines()
    assert CANARY not in "\n".join(lines).lower()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert sum(line["event"] == "request unreadable" for line in told) >= 7
    assert not [line for line in lines if not line.startswith(("{", "Rapport listens"))]
    tried(len(SENT))
