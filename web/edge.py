"""The edge of a request: opens the session when somebody asks for it, commits it once before the answer leaves.

Nothing inside commits. An error, or an answer that refuses (400 and above), leaves the database as it was.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, current_app, g
from sqlalchemy.orm import Session

_SESSIONS = "rapport_sessions"


def install(app: Flask, sessions: Callable[[], Session]) -> None:
    """Give every request of the application its own session from ``sessions``."""
    app.extensions[_SESSIONS] = sessions
    app.after_request(_commit)
    app.teardown_request(_close)


def session() -> Session:
    """The session of this request, opened at the first call."""
    if "session" not in g:
        g.session = current_app.extensions[_SESSIONS]()
    return g.session


def _commit(response: Response) -> Response:
    opened = g.get("session")
    if opened is not None:
        if response.status_code < 400:
            opened.commit()
        else:
            opened.rollback()
    return response


def _close(error: BaseException | None) -> None:
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()
