"""The queue and a case in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from matcher import vocabulary as v
from web.cards import moment_words, name_of
from web.services.contacting import OUTCOMES, Contact
from web.services.queue import Case, Flag, Queue, Waiting
from web.wording.casework import CONTACTED, SAFETY
from web.wording.intake import TITLES, sections
from web.wording.language import _, label, lazy, ngettext

FLAGS: Mapping[str, tuple[Any, str]] = {
    "safety": (lazy("A safety flag stands"), "risk"),
    "no_match": (lazy("Nobody fits what they need"), "caution"),
    "choose_for_me": (lazy("Wants somebody to choose for them"), ""),
}
CONTACT: Mapping[str, Any] = {"name": lazy("Name"), "email": lazy("E-mail"), "phone": lazy("Telephone")}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the queue."""

    id: UUID
    name: str
    reach: tuple[str, ...]
    brings: str
    since: str
    flags: tuple[str, ...]
    tone: str
    flag_id: UUID
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Lists:
    """For whom a person is asked."""

    flagged: tuple[Row, ...]
    looked_after: tuple[Row, ...]
    n_risks: int
    n_open: int


@dataclass(frozen=True, slots=True)
class CaseFlag:
    """A flag of a case, and who looks after it; ``words`` are why it stands, ``what`` is to be done about it."""

    id: UUID
    words: tuple[str, ...]
    what: tuple[str, ...]
    tone: str
    raised: str
    seen: str


@dataclass(frozen=True, slots=True)
class CallFor:
    """They are to be called: with whom they work, and for how long that has stood open."""

    id: UUID
    therapist: str
    since: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A case at a glance."""

    id: UUID
    name: str
    reach: tuple[tuple[str, str], ...]
    flags: tuple[CaseFlag, ...]
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    begun: str
    sent: str


def lists(found: Queue, now: datetime) -> Lists:
    """The queue in words."""
    flagged = tuple(_row(waiting, now) for waiting in found.flagged)
    return Lists(
        flagged=flagged,
        looked_after=tuple(_row(waiting, now) for waiting in found.looked_after),
        n_risks=sum(row.tone == "risk" for row in flagged),
        n_open=found.n_open,
    )


def case(found: Case, now: datetime, currency: str) -> Shown:
    """A case in words."""
    said = sections(found.document, places=found.places, therapists=found.therapists, currency=currency)
    return Shown(
        id=found.id,
        name=name_of(found.id, found.contact),
        reach=tuple((str(CONTACT[key]), found.contact[key]) for key in CONTACT if found.contact.get(key)),
        flags=tuple(_flag(flag, now) for flag in found.flags),
        sections=tuple((str(TITLES[step]), tuple(answers)) for step, answers in said.items() if answers),
        begun=moment_words(found.started_at),
        sent=moment_words(found.sent_at) if found.sent_at else "",
    )


def contacts(found: Iterable[Contact], now: datetime) -> tuple[CallFor, ...]:
    """Whom to call, in words."""
    return tuple(CallFor(one.alert_id, one.therapist, waited(one.since, now)) for one in found)


def contact_outcomes() -> tuple[tuple[str, str], ...]:
    """(code, words) of what may have come of a call."""
    return tuple((code, str(CONTACTED[code])) for code in OUTCOMES)


def waited(since: datetime, now: datetime) -> str:
    """How long ago that was."""
    minutes = max(int((now - since).total_seconds()) // 60, 0)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 60:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    if minutes < 48 * 60:
        return ngettext("%(num)d hour", "%(num)d hours", minutes // 60)
    return ngettext("%(num)d day", "%(num)d days", minutes // (24 * 60))


def _row(waiting: Waiting, now: datetime) -> Row:
    tone = FLAGS[waiting.flag.kind][1]
    return Row(
        id=waiting.intake_id,
        name=name_of(waiting.intake_id, waiting.contact),
        reach=tuple(_reach(waiting.contact)),
        brings=", ".join(label(v.CONCERNS, code) for code in waiting.concerns) or _("Has not said yet"),
        since=waited(waiting.flag.raised_at, now),
        flags=_words(waiting.flag),
        tone=tone,
        flag_id=waiting.flag.id,
        seen=_seen(waiting.flag),
    )


def _reach(contact: Mapping[str, str]) -> Iterable[str]:
    return (contact[key] for key in ("phone", "email") if contact.get(key))


def _flag(flag: Flag, now: datetime) -> CaseFlag:
    what = tuple(str(SAFETY[source][1]) for source in _sources(flag))
    return CaseFlag(flag.id, _words(flag), what, FLAGS[flag.kind][1], waited(flag.raised_at, now), _seen(flag))


def _words(flag: Flag) -> tuple[str, ...]:
    """Why a person is asked for: the answers that ask for it, or the kind of flag."""
    return tuple(str(SAFETY[source][0]) for source in _sources(flag)) or (str(FLAGS[flag.kind][0]),)


def _sources(flag: Flag) -> tuple[str, ...]:
    """The answers for which a flag stands; before they were noted, there was one question that raised it."""
    return flag.sources or (("safety_question",) if flag.kind == "safety" else ())


def _seen(flag: Flag) -> str:
    """Who looks after a flag, and since when; empty where nobody does."""
    if flag.seen_at is None:
        return ""
    moment = moment_words(flag.seen_at)
    if flag.seen_by:
        return _("%(name)s has looked after this since %(moment)s", name=flag.seen_by, moment=moment)
    return _("Somebody has looked after this since %(moment)s", moment=moment)
