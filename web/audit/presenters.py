"""The trail in words: who did what to whom, when, and how to look for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from web import cards
from web.exchange.audit_files import Event
from web.services import audit_trail
from web.services.audit_pages import Check, Found
from web.services.emergencies import Opened
from web.wording.audit import say_detail, say_kind, say_verdict
from web.wording.events import ACTORS, say_action, say_actor
from web.wording.language import _, ngettext
from web.wording.roles import say_role

_CODE = re.compile(r"[a-z_]{1,40}(?:\.[a-z_]{0,40})?")
_KEY = re.compile(r"[\w .=-]{1,100}")
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, as the address says it; what is none of ours asks for nothing."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""
    before: int | None = None

    def address(self, **changes: object) -> dict[str, str]:
        """What of it stands in an address. A change begins at the newest again."""
        said = {name: getattr(self, name) for name in ("actor", "action", "subject", "since", "until")} | changes
        return {name: str(value) for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list that opens."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One event: its number, when, who, what, to what, and what else was noted; each with its address."""

    number: int
    when: str
    who: str
    who_asked: Mapping[str, str]
    what: str
    whom: str
    whom_asked: Mapping[str, str]
    more: str


@dataclass(frozen=True, slots=True)
class Emergency:
    """A course that was opened in an emergency: by whom, when, why, until when."""

    who: str
    when: str
    until: str
    why: str
    is_open: bool
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows."""

    lines: tuple[Line, ...]
    count: str
    asked: Asked
    is_narrowed: bool
    older: Mapping[str, str] | None
    actors: tuple[Choice, ...]
    actions: tuple[Choice, ...]
    check_words: str
    check_when: str
    check_holds: bool
    emergencies: tuple[Emergency, ...]


def read(said: Mapping[str, str]) -> Asked:
    """What an address or a form looks for."""
    before = said.get("before", "")
    return Asked(
        actor=_matching(_KEY, said.get("actor", "")),
        action=_matching(_CODE, said.get("action", "")),
        subject=_matching(_KEY, said.get("subject", "").strip()),
        since=_day(said.get("since", "")),
        until=_day(said.get("until", "")),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None,
    )


def wanted(asked: Asked, zone: tzinfo) -> audit_trail.Wanted:
    """The same for the service: days are those of ``zone``, and the last one is within."""
    since = _begin(asked.since, zone) if asked.since else None
    until = _begin(asked.until, zone) + timedelta(days=1) if asked.until else None
    return audit_trail.wanted(
        actor=asked.actor, action=asked.action, subject=asked.subject, since=since, until=until
    )  # fmt: skip


def page(found: Found, asked: Asked, opened: Iterable[Opened], zone: tzinfo) -> Page:
    """The page of what was found."""
    older = asked.address() | {"before": str(found.events[-1].sequence)} if found.has_more else None
    return Page(
        lines=tuple(_line(event, asked, found.names, zone) for event in found.events),
        count=ngettext("%(num)d entry", "%(num)d entries", found.n),
        asked=asked,
        is_narrowed=bool(asked.address()),
        older=older,
        actors=_actors(found, asked),
        actions=_actions(found.actions, asked),
        check_words=_("Nobody has checked it here yet.") if found.check is None else _verdict(found.check),
        check_when="" if found.check is None else cards.moment_words(found.check.at, zone),
        check_holds=found.check is None or found.check.trouble is None,
        emergencies=tuple(_emergency(one, zone) for one in opened),
    )


def _line(event: Event, asked: Asked, names: Mapping[str, str], zone: tzinfo) -> Line:
    return Line(
        event.sequence,
        cards.moment_words(event.at, zone),
        say_actor(names.get(event.actor, event.actor)),
        asked.address(actor=event.actor),
        say_action(event.action),
        event.subject if len(event.subject) <= 2 * _SHORT else f"{event.subject[:_SHORT]}…",
        asked.address(subject=event.subject) if event.subject else {},
        ", ".join(say_detail(name, value) for name, value in sorted(event.details.items())),
    )


def _emergency(one: Opened, zone: tzinfo) -> Emergency:
    return Emergency(
        f"{one.person} ({say_role(one.role)})",
        cards.moment_words(one.begun_at, zone),
        cards.moment_words(one.ended_at or one.until, zone),
        one.reason,
        one.is_open,
        {"subject": str(one.client_id)},
    )


def _actors(found: Found, asked: Asked) -> tuple[Choice, ...]:
    words = [(code, str(said)) for code, said in ACTORS.items()]
    return tuple(Choice(value, name, value == asked.actor) for value, name in (*found.staff, *words))


def _actions(codes: Sequence[str], asked: Asked) -> tuple[Choice, ...]:
    kinds = sorted({code.partition(".")[0] for code in codes})
    return tuple(Choice(f"{kind}.", say_kind(kind), asked.action.partition(".")[0] == kind) for kind in kinds)


def _verdict(check: Check) -> str:
    return say_verdict(check.n_good, check.bad, check.trouble)


def _matching(pattern: re.Pattern[str], said: str) -> str:
    return said if pattern.fullmatch(said) else ""


def _day(said: str) -> str:
    """A day as it is typed; "" for what is none, and for the ends of the calendar, beyond which no moment can be."""
    try:
        day = date.fromisoformat(said.strip())
    except ValueError:
        return ""
    return day.isoformat() if date.min < day < date.max else ""


def _begin(day: str, zone: tzinfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), zone)
