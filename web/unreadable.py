"""Requests that the server cannot even read: answered as a problem, and logged, without a word of what was sent.

gunicorn quotes the request in its log and in its answer. A body whose length was told wrongly is the next "request", so
that quote may be what a person wrote.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from web import logs
from web.patience import Patient
from web.problems import KINDS, REFERENCE, TYPE

_STATUS = (
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.ParseException, 400),
)


class SilentLogger(Logger):
    """gunicorn's log through ours, which keeps who spoke and where, and drops the text."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does it, and then no handler of its own."""
        super().setup(cfg)
        for name in (self.error_log, self.access_log):
            name.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class Worker(ThreadWorker):
    """gunicorn's worker with threads, that tells nobody what it could not read, and waits for nobody for ever."""

    def handle(self, conn: Any) -> Any:
        """Read and answer a request, the reading of which has an end."""
        if not isinstance(conn.sock, Patient):
            conn.sock = Patient(conn.sock, lambda client: self._refuse(client, 408, "TooSlow"))
        conn.sock.begin()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request, the head of which has been read."""
        conn.sock.head_is_read()
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that could not be read."""
        status = next((status for kind, status in _STATUS if isinstance(exc, kind)), 500)
        if status >= 500:
            logs.failure(exc)
        self._refuse(client, status, type(exc).__name__)

    def _refuse(self, client: Any, status: int, error: str) -> None:
        """Note what kind of request it was, and answer where there still is somebody."""
        if status < 500:
            logs.log.warning("request unreadable", status=status, error=error)
        try:
            write_nonblock(client, answer(status))
        except OSError:
            logs.log.info("request unreadable", status=status, error="Disconnected")


def answer(status: int) -> bytes:
    """The whole answer, for a connection that is closed after it."""
    title, detail = KINDS[status]
    problem = {
        "type": f"{REFERENCE}#problem-{status}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [],
    }
    body = json.dumps(problem).encode() + b"\n"
    head = (
        f"HTTP/1.1 {status} {title}\r\nConnection: close\r\nContent-Type: {TYPE}\r\nCache-Control: no-store\r\n"
        f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
