"""Jobs, messages and the worker in words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from web.cards import moment_words
from web.services.running import DAYS, Board, Mail, Running
from web.wording.events import say_actor
from web.wording.language import _, ngettext
from web.wording.running import say_doing, say_kind, say_why

MOST_DONE = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A job in words; ``progress`` is None where it does not run."""

    id: UUID
    what: str
    words: str
    progress: int | None
    since: str
    who: str
    tone: str
    may_again: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The board; ``seen`` names all that may change while one looks."""

    worker: str
    worker_more: str
    is_alive: bool
    runs: tuple[Line, ...]
    waits: tuple[Line, ...]
    failed: tuple[Line, ...]
    done: tuple[Line, ...]
    mail: tuple[tuple[str, str, str], ...]
    mail_words: str
    may_send: bool
    seen: str


def shown(found: Board, *, now: datetime, sends_mail: bool) -> Shown:
    """Everything in words."""
    of = {state: tuple(one for one in found.jobs if one.state == state) for state in ("running", "waiting", "failed")}
    done = sorted((one for one in found.jobs if one.state == "done"), key=_ended, reverse=True)
    worker, more = _worker(found, now)
    lines = {state: tuple(_line(one, found.is_alive) for one in some) for state, some in of.items()}
    lasted = tuple(_line(one, found.is_alive) for one in done[:MOST_DONE])
    mail = _mail(found.mail)
    words = "" if sends_mail else _("No mail server is set, so that no message can be sent: see SMTP_URL.")
    told = repr((worker, more, lines, lasted, mail, words, found.mail.n_to_try))
    return Shown(
        worker, more, found.is_alive, lines["running"], lines["waiting"], lines["failed"], lasted, mail, words,
        found.mail.n_to_try > 0, hashlib.sha256(told.encode()).hexdigest()[:16],
    )  # fmt: skip


def _ended(one: Running) -> datetime:
    return one.ended_at or one.asked_at


def _worker(found: Board, now: datetime) -> tuple[str, str]:
    how = _("It looks around once a minute, and is heard of while it is at a job: so it was in the last three minutes.")
    if found.seen_at is None:
        return _("No worker was ever here"), _("Ask whoever runs the server to start one: rapport worker")
    minutes = max(round((now - found.seen_at).total_seconds() / 60), 0)
    if found.is_alive:
        return _("A worker is at work"), how
    ago = ngettext("%(num)d minute", "%(num)d minutes", minutes) if minutes < 120 else ""
    last = _("It was last heard of %(ago)s ago.", ago=ago) if ago else _(
        "It was last heard of on %(moment)s (UTC).", moment=moment_words(found.seen_at)
    )  # fmt: skip
    return _("No worker seems to run"), f"{last} " + _("Ask whoever runs the server to start one: rapport worker")


def _line(one: Running, is_alive: bool) -> Line:
    since = moment_words(_ended(one))
    return Line(
        id=one.id,
        what=say_kind(one.kind),
        words=_words(one, is_alive),
        progress=one.progress if one.state == "running" else None,
        since=since,
        who=say_actor(one.asked_by) if one.asked_by else _("somebody"),
        tone="caution" if one.is_stuck else "risk" if one.state == "failed" else "",
        may_again=one.may_again,
    )


def _words(one: Running, is_alive: bool) -> str:
    if one.is_stuck:
        return _("Stuck: its worker has stopped. The next one takes it up and begins it again.")
    if one.state == "running":
        return say_doing(one.kind, one.stage)
    if one.state == "failed":
        return say_why(one.kind, one.reason)
    if one.state == "waiting":
        return _("Waits for its turn.") if is_alive else _("Waits for a worker.")
    return _("Done.")


def _mail(mail: Mail) -> tuple[tuple[str, str, str], ...]:
    recent = _("of those from the last %(num)s days", num=DAYS)
    return (
        (f"{mail.n_waiting:,}", ngettext("message waits", "messages wait", mail.n_waiting), _("to be sent")),
        (f"{mail.n_sent:,}", ngettext("was sent", "were sent", mail.n_sent), recent),
        (f"{mail.n_failed:,}", ngettext("was not sent", "were not sent", mail.n_failed), recent),
    )
