"""The edge of a request: opens the session when somebody asks for it, commits it once before the answer leaves.

Nothing inside commits. An error, or an answer that refuses (400 and above), leaves the database as it was. One answer
cannot wait for the end: whether a cry for help was written down. It is kept by ``kept``, which says so at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from web import logs
from web.db import engine

_SESSIONS = "rapport_sessions"
_SHOW_AGAIN = frozenset({409, 422})  # the page as it is now, with what stands against
READS = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask, sessions: Callable[[], Session]) -> None:
    """Give every request of the application its own session from ``sessions``."""
    app.extensions[_SESSIONS] = sessions
    app.after_request(_commit)
    app.teardown_request(_close)


def announce(*, writes: bool) -> None:
    """Say, before the session is opened, whether this request will write."""
    g.writes = writes


def session() -> Session:
    """The session of this request, opened at the first call."""
    if "session" not in g:
        opened = current_app.extensions[_SESSIONS]()
        if g.get("writes", False):
            engine.writing(opened)
        g.session = opened
    return g.session


def kept(work: Callable[[], object]) -> bool:
    """Do what writes with ``session`` and commit it now; whether it lasts. A failure is noted, and raises nothing.

    What comes after has a session of its own, so that it can still answer.
    """
    try:
        work()
        session().commit()
    except Exception as error:
        logs.failure(error)
        g.adrift = True
        return False
    else:
        return True
    finally:
        _close(None)


def undo() -> None:
    """Take back what this request has changed so far: a page that says so shows what is kept."""
    session().rollback()


def is_adrift() -> bool:
    """Whether the database failed this request: what is left of it asks for nothing there."""
    return g.get("adrift", False)


def keep() -> None:
    """Commit at the end, although the answer refuses: that somebody was refused is worth knowing."""
    g.keep = True


def afterwards(work: Callable[[Session], None]) -> None:
    """Have a mark written once the answer has left, in a session of its own; nobody waits for it, or learns of it."""
    g.setdefault("afterwards", []).append(work)


def shows(note: Callable[[Session], None]) -> None:
    """Have ``note`` write down that this request shows a client, if it does: before the answer leaves."""
    g.look = note


def _commit(response: Response) -> Response:
    opened, look = g.get("session"), g.pop("look", None) if _is_looked_at(response) else None
    if opened is not None:
        if response.status_code < 400 or g.get("keep", False):
            if look is not None and g.get("writes", False):
                look(opened)
                look = None
            opened.commit()
        else:
            opened.rollback()
    if look is not None:
        with current_app.extensions[_SESSIONS]() as apart:
            look(engine.writing(apart))
            apart.commit()
    for work in g.pop("afterwards", ()):
        response.call_on_close(partial(_write, current_app.extensions[_SESSIONS], work))
    return response


def _is_looked_at(response: Response) -> bool:
    """Whether an answer shows what was asked for: not one that leads on, refuses, knows of nothing, or has failed."""
    shown = response.status_code
    return shown < 300 or (shown in _SHOW_AGAIN and request.method not in READS)


def _write(sessions: Callable[[], Session], work: Callable[[Session], None]) -> None:
    try:
        with sessions() as opened:
            work(engine.writing(opened))
            opened.commit()
    except Exception as error:
        logs.failure(error)


def _close(error: BaseException | None) -> None:
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()
