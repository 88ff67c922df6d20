"""Too much of everything: refused before it is parsed, without being read to its end, and nobody else is kept out."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from tests.browser.serving import free_port, wait_until_ready
from tests.trust.hostile.clinic import KEY, Caller, DryClinic
from web import patience

GIGABYTE, LIMIT = 10**9, 1_000_000
REFUSED = {400, 408, 413, 414, 415, 422, 431}
FORM, JSON, PARTS = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"
TARGETS = {
    "/sign-in": ("nobody", FORM),
    "/intake/concerns": ("somebody new", FORM),
    "/intake/safety": ("somebody new", FORM),
    "/queue/bulk": ("coordinator", FORM),
    "/check-ins/now": ("by the link of a mail", FORM),
    "/api/v1/matches": ("a program", JSON),
    "/api/v1/weights/preview": ("a program", JSON),
}


class Endless:
    """A body that goes on and on, and notes how much of it was wanted."""

    def __init__(self, beginning: bytes = b"") -> None:
        self.n_read, self._beginning = 0, beginning

    def read(self, size: int = -1) -> bytes:
        size = 65_536 if size < 0 else size
        assert self.n_read < 20 * LIMIT, "the whole of it is read"
        found, self._beginning = self._beginning[:size], self._beginning[size:]
        found += b"a" * (size - len(found))
        self.n_read += size
        return found

    readline = read


def sent(clinic: DryClinic, caller: Caller, path: str, kind: str, body: Endless, **environ: Any) -> int:
    """The answer to a body that is only promised, or that comes in chunks without an end."""
    cookies = "; ".join(f"{name}={value}" for name, value in caller.cookies.items())
    headers = {**caller.headers, **({"Cookie": cookies} if cookies else {})}
    made = EnvironBuilder(path, method="POST", content_type=kind, headers=headers).get_environ()
    status: list[str] = []
    answer = clinic.app({**made, **environ, "wsgi.input": body}, lambda said, headers, error=None: status.append(said))  # type: ignore[arg-type, misc]
    b"".join(answer)
    return int(status[0].split()[0])


@pytest.mark.S13
def test_a_gigabyte_is_refused_unread(
    dry: DryClinic, everybody: Mapping[str, Caller], tried: Callable[[int], None]
) -> None:
    cases = 0
    for path, (who, kind) in TARGETS.items():
        for name, environ in {
            "declared": {"CONTENT_LENGTH": str(GIGABYTE)},
            "in chunks": {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        }.items():
            for sort in {kind, PARTS}:
                body = Endless(b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" if sort == PARTS else b"")
                status = sent(dry, everybody[who], path, sort, body, **environ)
                expected = REFUSED | ({303} if path in {"/intake/safety", "/check-ins/now"} else set())
                assert status in expected, (path, name, sort, status)
                assert body.n_read <= 2.2 * LIMIT, (path, name, sort, body.n_read)
                cases += 1
    tried(cases)


BODIES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "10,000 parts": (
        PARTS,
        lambda: (
            b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nb\r\n' % k for k in range(10_000))
            + b"--x--\r\n"
        ),
    ),
    "10,000 files": (
        PARTS,
        lambda: b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nb\r\n' * 10_000 + b"--x--\r\n",
    ),
    "a part without an end": (
        PARTS,
        lambda: b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"a" * 900_000,
    ),
    "a header of a part": (
        PARTS,
        lambda: b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 900_000 + b"\r\n\r\nb\r\n--x--\r\n",
    ),
    "a boundary in every line": (PARTS, lambda: b"--x\r\n" * 190_000),
    "half boundaries": (PARTS, lambda: b"\r\n--" * 240_000),
    "300,000 fields": (FORM, lambda: b"a&" * 300_000),
    "200,000 fields of one name": (FORM, lambda: b"a=1&" * 200_000),
    "escapes": (FORM, lambda: b"a=" + b"%" * 900_000),
    "half escapes": (FORM, lambda: b"a=" + b"%e2%82" * 150_000),
    "JSON 50,000 deep": (JSON, lambda: b"[" * 50_000 + b"]" * 50_000),
    "objects 50,000 deep": (JSON, lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    "an intake 50,000 deep": (JSON, lambda: b'{"intake":' + b'{"style":' * 50_000 + b"1" + b"}" * 50_000 + b"}"),
    "a number of 10^6 digits": (JSON, lambda: b'{"top":' + b"9" * 1_000_000 + b"}"),
    "a number of 900,000 digits": (JSON, lambda: b'{"top":' + b"9" * 900_000 + b"}"),
    "a fraction of 900,000 digits": (JSON, lambda: b'{"top":0.' + b"9" * 900_000 + b"}"),
    "an exponent of 900,000 digits": (JSON, lambda: b'{"top":1e' + b"9" * 900_000 + b"}"),
    "a name of 900,000 letters": (JSON, lambda: b'{"' + b"a" * 900_000 + b'":1}'),
    "100,000 names": (JSON, lambda: b"{" + b",".join(b'"a%d":1' % k for k in range(70_000)) + b"}"),
    "one name 100,000 times": (JSON, lambda: b"{" + b",".join([b'"top":1'] * 100_000) + b"}"),
    "a list of 400,000": (JSON, lambda: b'{"intake":{"concerns":[' + b"1," * 400_000 + b"1]}}"),
    "escapes in JSON": (JSON, lambda: b'{"intake":{"client_id":"' + b"\\u0041" * 150_000 + b'"}}'),
    "an open text": (JSON, lambda: b'{"intake":"' + b"a" * 900_000),
    "white space": (JSON, lambda: b" " * 950_000 + b"{"),
    "gzip that is not asked for": (JSON, lambda: b"\x1f\x8b\x08\x00" + b"\x00" * 900_000),
}
SLOWEST = 60  # times what a harmless request of the same kind takes, at the least 50 ms


@pytest.mark.S13
def test_too_much_within_a_body_is_refused_at_once(
    dry: DryClinic, everybody: Mapping[str, Caller], tried: Callable[[int], None]
) -> None:
    for name, (kind, make) in BODIES.items():
        path, who = ("/api/v1/matches", "a program") if kind == JSON else ("/queue/bulk", "coordinator")
        usual = _cost(lambda: dry.send(everybody[who], "POST", path, data=b"{}", content_type=kind))[0]  # noqa: B023
        body = make()
        cost, status = _cost(lambda: dry.send(everybody[who], "POST", path, data=body, content_type=kind).status_code)  # noqa: B023
        assert status in REFUSED, (name, status)
        assert cost < max(SLOWEST * usual, 2.0), (name, cost, usual)
    tried(len(BODIES))


def _cost(work: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds of this process, what came of it)."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


TYPED = b"Content-Type: application/x-www-form-urlencoded\r\n"


def begun(path: bytes) -> bytes:
    """The beginning of a request that sends something."""
    return b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\n"


LINES = {
    "a header of a megabyte": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 10**6 + b"\r\n\r\n", 431),
    "10,000 headers": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 10_000 + b"\r\n", 431),
    "a cookie of 100 kB": (b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: intake=" + b"a" * 10**5 + b"\r\n\r\n", 431),
    "a line of a megabyte": (b"GET /" + b"a" * 10**6 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a query of 100 kB": (b"GET /?" + b"a=1&" * 25_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a gigabyte, declared": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + TYPED + b"Content-Length: 1000000000\r\n\r\n",
        413,
    ),
    "a gigabyte, asked for first": (
        begun(b"/api/v1/matches") + b"Expect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n",
        None,
    ),
    "a length below nothing": (b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
    "a length of 400 digits": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n",
        None,
    ),
    "two lengths": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        400,
    ),
    "a length and chunks": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\n",
        400,
    ),
    "the size of a chunk": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 10**5 + b"\r\n",
        None,
    ),
    "what stands beside a chunk": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;a="
        + b"b" * 10**6
        + b"\r\na\r\n",
        None,
    ),
    "what stands behind a body": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        + b"X: y\r\n" * 10**5
        + b"\r\n",
        None,
    ),
}
IMPATIENT = (
    "import sys, web.patience as p; p.READING_SECONDS, p.STANDING_SECONDS = {0}, {1}; from web.cli import main; main()"
)


@contextmanager
def serving(url: str, folder: Any, reading: float = 2.0, standing: float = 1.0) -> Iterator[int]:
    """The real server with two threads, that waits for less long; its port."""
    port, log = free_port(), folder / "log"
    told = {"DATABASE_URL": url, "SECRET_KEY": KEY, "RAPPORT_ENV": "production", "RAPPORT_THREADS": "2"}
    command = [
        sys.executable,
        "-c",
        IMPATIENT.format(reading, standing),
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    with log.open("wb") as stream:
        server = subprocess.Popen(command, env=os.environ | told, stdout=stream, stderr=stream)
    try:
        wait_until_ready(port, server, log)
        yield port
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: whoever was slow would be waited for
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def port(furnished: str, everybody: Mapping[str, Caller], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(furnished, tmp_path_factory.mktemp("served")) as found:
        yield found


def said(port: int, *parts: bytes, wait: float = 15) -> bytes:
    """What the server answers to all of that, up to the end of the connection."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            while more := connection.recv(65_536):
                found += more
        except (ConnectionError, TimeoutError):
            pass
    return found


@pytest.mark.S13
def test_too_much_before_a_body_is_refused_by_the_server(port: int, tried: Callable[[int], None]) -> None:
    for name, (text, status) in LINES.items():
        answer = said(port, text)
        assert b"HTTP/1.1 5" not in answer and b"HTTP/1.1 2" not in answer, (name, answer[:80])
        if status is not None:
            assert answer.startswith(f"HTTP/1.1 {status} ".encode()) or answer == b"", (name, answer[:80])
        assert is_alive(port), name
    tried(len(LINES))


@pytest.mark.S13
def test_a_body_in_chunks_is_cut_off_long_before_a_gigabyte(port: int, tried: Callable[[int], None]) -> None:
    head = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + TYPED + b"Transfer-Encoding: chunked\r\n\r\n"
    n_sent, chunk = 0, b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(head)
        try:
            while n_sent < GIGABYTE:
                connection.sendall(chunk)
                n_sent += 65_536
        except (ConnectionError, TimeoutError):
            pass
    assert n_sent < 64 * LIMIT and is_alive(port)
    tried(1)


def is_alive(port: int, wait: float = 10) -> bool:
    """Whether somebody else is served meanwhile."""
    answer = said(port, b"GET /help-now HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", wait=wait)
    return answer.startswith(b"HTTP/1.1 200 ")


SLOW = {
    "a head that stands still": (b"GET / HTTP/1.1\r\nHost: loc", b"", 0),
    "a head in drops": (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X: y\r\n", 0.2),
    "a body that stands still": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + TYPED + b"Content-Length: 500\r\n\r\na=",
        b"",
        0,
    ),
    "a body in drops": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + TYPED + b"Content-Length: 500000\r\n\r\na=",
        b"a",
        0.2,
    ),
    "chunks in drops": (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + TYPED + b"Transfer-Encoding: chunked\r\n\r\n",
        b"1\r\na\r\n",
        0.2,
    ),
}


@pytest.mark.S13
def test_whoever_sends_slowly_keeps_nobody_out(port: int, tried: Callable[[int], None]) -> None:
    """More slow callers than there are threads: each is let go, and somebody else is served all the while."""
    answers: dict[str, bytes] = {}
    threads = [Thread(target=lambda n=name: answers.update({n: drip(port, *SLOW[n])}), daemon=True) for name in SLOW]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    assert is_alive(port, wait=20)
    for thread in threads:
        thread.join(timeout=30)
    assert answers.keys() == SLOW.keys(), "some are still waited for"
    for name, answer in answers.items():
        assert answer == b"" or answer[:13] in {b"HTTP/1.1 408 ", b"HTTP/1.1 400 ", b"HTTP/1.1 413 "}, (
            name,
            answer[:80],
        )
        assert answer.count(b"HTTP/1.1 ") <= 1, (name, answer[:200])
    tried(len(SLOW))


def drip(port: int, head: bytes, drop: bytes, seconds: float, most: float = 20) -> bytes:
    """Send a beginning and then a drop now and then, until the server has had enough; what it answered."""
    found, end = b"", time.monotonic() + most
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head)
        connection.settimeout(seconds or 1)
        while time.monotonic() < end:
            try:
                more = connection.recv(65_536)
                found += more
                if not more:
                    return found
            except TimeoutError:
                if drop and not found:
                    connection.sendall(drop)
            except ConnectionError:
                return found
    raise AssertionError("the server still waits")


@pytest.mark.S13
def test_a_connection_is_waited_for_so_long_and_no_longer(
    monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """Drops come all the time: with an end they are let go; the planted hole, no end, takes them all."""
    monkeypatch.setattr(patience, "READING_SECONDS", 0.3)
    with pytest.raises(patience.TooSlow):
        _taken(30)
    monkeypatch.setattr(patience, "STANDING_SECONDS", 0.1)
    monkeypatch.setattr(patience, "READING_SECONDS", 60)
    with pytest.raises(patience.TooSlow):
        _taken(3, seconds=0.3)
    monkeypatch.setattr(patience, "STANDING_SECONDS", 60)
    assert _taken(30) == 30
    tried(3)


def _taken(n: int, seconds: float = 0.03) -> int:
    """How many drops are taken."""
    here, there = socket.socketpair()
    told: list[object] = []
    waiting = patience.Patient(here, told.append)
    waiting.begin()

    def send() -> None:
        for _ in range(n):
            time.sleep(seconds)
            there.send(b"a")

    Thread(target=send, daemon=True).start()
    taken = 0
    try:
        while taken < n:
            taken += len(waiting.recv(1))
    except patience.TooSlow:
        assert told == [waiting]
        raise
    return taken
