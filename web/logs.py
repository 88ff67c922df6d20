"""Logs as JSON lines that hold ids, counts and places, and nothing that a person wrote.

Keys outside the allow-list are dropped, so that a careless ``log.info(..., comment=…)`` cannot leak. A request is named
by the template of its route. A failure is named by its type and by the lines that it passed through, not by its text.
Other libraries' messages are text of unknown content: of them, only who spoke and where is kept.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
import uuid
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, request

ALLOWED = frozenset(
    {
        *("event", "level", "at", "request_id", "method", "route", "status", "ms", "clinic_id", "token_id"),
        *("error", "places", "logger", "environment", "workers", "job"),
    }
)
_TOP = Path(__file__).resolve().parents[1]
_PLACES = 12

log = structlog.get_logger()


def configure() -> None:
    """One JSON line an event on standard error, for this package and for every other that uses ``logging``."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=_StandardError(),
    )
    logging.basicConfig(handlers=[_Elsewhere()], level=logging.WARNING, force=True)


def install(app: Flask) -> None:
    """One line a request: method, template of the route, status, milliseconds."""

    @app.before_request
    def begin() -> None:
        g.request_id, g.began = uuid.uuid4().hex, time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if "began" in g:
            response.headers["X-Request-Id"] = g.request_id
            log.info("request", **_said_of_request(), status=response.status_code)
        return response


def failure(error: BaseException) -> None:
    """A failure by its type and the places that it passed through."""
    log.error("failure", **_said_of_request(), error=type(error).__name__, places=places(error))


def places(error: BaseException) -> list[str]:
    """``file:line function`` from the outermost to the innermost call, files relative to the project."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def only_allowed(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list."""
    for key in _not_allowed(event):
        del event[key]
    return event


def _not_allowed(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key not in ALLOWED]


def _said_of_request() -> dict[str, object]:
    if not request:
        return {}
    caller = g.get("caller")
    return {
        "request_id": g.get("request_id"),
        "method": request.method if request.method in _METHODS else "other",
        "route": request.url_rule.rule if request.url_rule else None,
        "ms": round(1000 * (time.perf_counter() - g.began), 1) if "began" in g else None,
    } | ({"clinic_id": str(caller.clinic_id), "token_id": str(caller.token_id)} if caller else {})


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _short(filename: str) -> str:
    path = Path(filename)
    return path.relative_to(_TOP).as_posix() if path.is_relative_to(_TOP) else f"…/{path.parent.name}/{path.name}"


class _StandardError:
    """Standard error as it is when a line is written, not as it was when logging was set up."""

    def __call__(self, *args: object) -> structlog.PrintLogger:
        return structlog.PrintLogger(sys.stderr)


class _Elsewhere(logging.Handler):
    """What other libraries log: who and where, without the text."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        place = f"{_short(record.pathname)}:{record.lineno} {record.funcName}"
        log.warning("library", logger=record.name, error=kind, places=[place])
