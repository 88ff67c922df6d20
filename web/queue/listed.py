"""The waiting list in words: its lines, its filters with what each would leave, and the way to the next page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from matcher import vocabulary as v
from web.cards import moment_words, name_of
from web.queue.filters import USUAL, address, is_narrowed
from web.services.waiting_list import PAGE, Filters, Line, WaitingList
from web.wording.casework import BINDING, CLOSED, FLAGS, ORDERS, PRIORITIES
from web.wording.casework import STATES as STATE_WORDS
from web.wording.language import _, label, ngettext

SHOWN_STATES = ("open", "held", "asked", "placed", "closed")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the waiting list."""

    id: UUID
    tick: str
    name: str
    chips: tuple[tuple[str, str], ...]
    days: str
    is_over: bool
    priority: str
    brings: str
    state: str
    state_more: str
    reach: str
    can_be_ticked: bool
    is_idle: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a filter, with how many it would leave."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The waiting list, as far as it is looked at."""

    rows: tuple[Row, ...]
    said: str
    found: str
    tabs: tuple[tuple[str, str, int, bool], ...]
    flags: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    concerns: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    over_words: str
    filters: Filters
    kept: Mapping[str, str]
    is_narrowed: bool
    wide: str
    before: str | None
    after: str | None
    stamp: str
    n: int
    n_over: int
    priority_words: tuple[Choice, ...]
    reasons: tuple[Choice, ...]


def page(found: WaitingList, filters: Filters, now: datetime, ticked: frozenset[UUID] = frozenset()) -> Page:
    """A page of the waiting list in words."""
    counts = found.by_filter
    number = min(filters.page, found.n_pages)
    return Page(
        rows=tuple(_row(line, now) for line in found.lines),
        said=_said(found, now),
        found=_found(found, number),
        tabs=tuple(
            (str(STATE_WORDS[state]), url_for("queue.home", **address(filters, state=state)), found.by_state[state],
             state == filters.state or (state == "open" and filters.state == "waiting"))
            for state in SHOWN_STATES
        ),
        flags=_choices(FLAGS, filters.flag, {code: counts[code] for code in FLAGS}),
        priorities=_choices(
            {str(k): PRIORITIES[k] for k in (2, 1, 0)},
            None if filters.priority is None else str(filters.priority),
            {str(k): counts[f"p{k}"] for k in PRIORITIES},
        ),
        concerns=tuple(Choice(code, label(v.CONCERNS, code), code == filters.concern) for code in v.CONCERNS.codes),
        orders=tuple(Choice(code, str(words), code == filters.order) for code, words in ORDERS.items()),
        over_words=_("Over %(days)s days (%(n)s)", days=found.target_days, n=counts["over"]),
        filters=filters,
        kept=address(filters, page=number),
        is_narrowed=is_narrowed(filters),
        wide=url_for("queue.home", **address(USUAL, state=filters.state)),
        before=url_for("queue.home", **address(filters, page=number - 1)) if number > 1 else None,
        after=url_for("queue.home", **address(filters, page=number + 1)) if number < found.n_pages else None,
        stamp=found.stamp,
        n=found.n,
        n_over=counts["over"],
        priority_words=tuple(Choice(str(k), str(words), False) for k, words in PRIORITIES.items()),
        reasons=tuple(Choice(code, str(words), False) for code, words in CLOSED.items()),
    )  # fmt: skip


def days_words(since: datetime, now: datetime) -> str:
    """How many whole days somebody has waited."""
    days = max((now - since).days, 0)
    return ngettext("%(num)d day", "%(num)d days", days) if days else _("today")


def concerns_words(codes: tuple[str, ...]) -> str:
    """What somebody brings."""
    return ", ".join(label(v.CONCERNS, code) for code in codes) or _("Has not said yet")


def _row(line: Line, now: datetime) -> Row:
    state, more = _state(line, now)
    return Row(
        id=line.intake_id,
        tick=f"{line.intake_id}.{line.revision}",
        name=name_of(line.intake_id, line.contact),
        chips=tuple(_chips(line)),
        days=days_words(line.waiting_since, now),
        is_over=line.is_over,
        priority=str(PRIORITIES[line.priority]) if line.priority else "",
        brings=concerns_words(line.concerns),
        state=state,
        state_more=more,
        reach=line.contact.get("phone") or line.contact.get("email") or "",
        can_be_ticked=line.state != "closed",
        is_idle=line.state == "waiting",
    )


def _chips(line: Line) -> list[tuple[str, str]]:
    found = [(str(FLAGS["safety"]), "risk")] if line.is_risk else []
    if line.finds_nobody:
        words = str(FLAGS["nobody"])
        found.append((f"{words}: {BINDING[line.binding]}" if line.binding else words, "caution"))
    return found


def _state(line: Line, now: datetime) -> tuple[str, str]:
    """Where a case stands, and with whom or until when."""
    if line.state == "closed":
        return str(STATE_WORDS["closed"]), str(CLOSED.get(line.closed_because or "", ""))
    if line.state == "placed":
        return str(STATE_WORDS["placed"]), line.therapist or ""
    if line.state == "waiting" or line.until is None:
        return str(STATE_WORDS[line.state]), line.therapist or ""
    until = _("until %(moment)s", moment=moment_words(line.until)) if line.until > now else _("the time is over")
    return str(STATE_WORDS[line.state]), f"{line.therapist}, {until}"


def _said(found: WaitingList, now: datetime) -> str:
    n = found.by_state["open"]
    if not n or found.longest_since is None:
        return _("Nobody waits. We promise a place within %(days)s days.", days=found.target_days)
    people = ngettext("%(num)d person", "%(num)d people", n)
    longest = days_words(found.longest_since, now)
    return _("%(people)s · longest %(longest)s · target %(days)s days", people=people, longest=longest,
             days=found.target_days)  # fmt: skip


def _found(found: WaitingList, number: int) -> str:
    if found.n_pages == 1:
        return ngettext("%(num)d case", "%(num)d cases", found.n)
    first = (number - 1) * PAGE + 1
    return _("%(first)s to %(last)s of %(n)s", first=first, last=first + len(found.lines) - 1, n=found.n)


def _choices(words: Mapping[str, Any], chosen: str | None, counts: Mapping[str, int]) -> tuple[Choice, ...]:
    return tuple(Choice(code, f"{said} ({counts[code]})", code == chosen) for code, said in words.items())
