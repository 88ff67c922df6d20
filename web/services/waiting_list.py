"""The waiting list as a coordinator works through it: filtered, sorted and cut into pages, with what each filter finds.

Nobody is ranked here: that nobody fits somebody, and what stands between, is read from the list that was made last.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db import crypto
from web.db.queries import clinics, waiting_list
from web.db.queries.waiting_list import Asked, Bearing
from web.services.clinics import Clinic
from web.services.intakes import CONTACT

STATES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "open": ("waiting", "held", "asked"),
        "waiting": ("waiting",),
        "held": ("held",),
        "asked": ("asked",),
        "placed": ("placed",),
        "closed": ("closed",),
        "all": (),
    }
)
FLAGS = waiting_list.FLAGS
ORDERS = waiting_list.ORDERS
PAGE = 50
_STAMP = re.compile(r"(?:[0-9]{1,15}-){4}[0-9]{1,17}")
LONGEST_WORDS = 100
_PLACE, _LONGEST_SEALED = "addresses.words", 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody looks for on the waiting list. The names are those in the address of the page."""

    state: str = "open"
    flag: str | None = None
    priority: int | None = None
    over: bool = False
    concern: str | None = None
    words: str = ""
    order: str = "urgency"
    page: int = 1


def sealed(clinic: Clinic, words: str) -> str:
    """Words that somebody is looked for by, as an address may hold them: only this clinic's pages read them.

    A name in an address would stand in the browser's history and in the log of every proxy on the way.
    """
    return urlsafe_b64encode(crypto.seal(_PLACE, clinic.id, words.encode())).decode().rstrip("=")


def unsealed(clinic: Clinic, said: str) -> str:
    """What was sealed for an address of this clinic; anything else asks for nothing."""
    if len(said) > _LONGEST_SEALED or not said.isascii():
        return ""
    try:
        return crypto.open_sealed(_PLACE, clinic.id, urlsafe_b64decode(said + "=" * (-len(said) % 4))).decode()
    except (ValueError, crypto.Tampered, crypto.NoKey):
        return ""


@dataclass(frozen=True, slots=True)
class Line:
    """A case on the waiting list. ``binding`` is the requirement that leaves nobody, where nobody fits."""

    intake_id: UUID
    client_id: UUID
    revision: int
    contact: Mapping[str, str]
    concerns: tuple[str, ...]
    state: str
    closed_because: str | None
    therapist: str | None
    until: datetime | None
    waiting_since: datetime
    is_over: bool
    priority: int
    is_risk: bool
    finds_nobody: bool
    binding: str | None


@dataclass(frozen=True, slots=True)
class WaitingList:
    """A page of the waiting list: ``n`` cases in all, and how many each state and each filter would leave."""

    lines: tuple[Line, ...]
    n: int
    n_pages: int
    by_state: Mapping[str, int]
    by_filter: Mapping[str, int]
    longest_since: datetime | None
    target_days: int
    stamp: str


def page(session: Session, clinic: Clinic, filters: Filters, *, now: datetime) -> WaitingList:
    """What somebody looks for, as it is now."""
    target = clinics.by_id(session, clinic.id).wait_target_days
    over_since = now - timedelta(days=target)
    bearing = waiting_list.bearing(session)
    asked = _asked(filters, over_since, bearing)
    n, n_pages, rows = waiting_list.page(session, asked, filters.page, PAGE)
    bound = _bound(session, [row[0].client_id for row in rows if row[0].client_id in bearing.nobody])
    found = waiting_list.by_filter(session, STATES[filters.state], over_since, bearing)
    by_state = waiting_list.by_state(session)
    return WaitingList(
        lines=tuple(_line(row, over_since, bearing, bound) for row in rows),
        n=n,
        n_pages=n_pages,
        by_state={name: sum(by_state.get(state, 0) for state in states or by_state) for name, states in STATES.items()},
        by_filter={name: int(value) for name, value in found._mapping.items() if name != "longest"},
        longest_since=found.longest,
        target_days=target,
        stamp=stamp(session, now=now),
    )


def stamp(session: Session, *, now: datetime) -> str:
    """What the waiting list is now, in a word that is another one after every change."""
    numbers = "-".join(map(str, waiting_list.stamp(session)))
    return f"{numbers}-{int(now.timestamp() * 1_000_000)}"


def changes(session: Session, seen: str, *, now: datetime) -> int:
    """How many cases are not any more as they were when a stamp was made; 0 where the stamp cannot be read."""
    if _STAMP.fullmatch(seen) is None:
        return 0
    *numbers, moment = seen.split("-")
    if numbers == stamp(session, now=now).split("-")[:-1]:
        return 0
    since = datetime.fromtimestamp(int(moment) / 1_000_000, UTC)
    return max(waiting_list.changed_since(session, since), 1)  # one that began before the stamp may have ended after it


def binding(refusals: Mapping[str, Sequence[str]]) -> str | None:
    """The requirement that stands alone between somebody and most therapists, or else the one that does so most often.

    ``refusals`` maps a therapist to the codes that stand against them.
    """
    alone = Counter(codes[0] for codes in refusals.values() if len(codes) == 1)
    counted = alone or Counter(code for codes in refusals.values() for code in codes)
    return min(counted, key=lambda code: (-counted[code], code)) if counted else None


def _asked(filters: Filters, over_since: datetime, bearing: Bearing) -> Asked:
    return Asked(
        states=STATES[filters.state],
        flag=filters.flag,
        priority=filters.priority,
        waiting_since=over_since if filters.over else None,
        concern=filters.concern,
        words=filters.words.strip()[:LONGEST_WORDS],
        order=filters.order,
        bearing=bearing,
    )


def _bound(session: Session, client_ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """Client → the requirement that leaves nobody, of those whose newest list has nobody in it."""
    newest = waiting_list.newest_lists(session, client_ids)
    refusals = waiting_list.refusals(session, [row.id for row in newest.values()])
    return {client_id: binding(refusals[row.id]) for client_id, row in newest.items()}


def _line(row: Any, over_since: datetime, bearing: Bearing, bound: Mapping[UUID, str | None]) -> Line:
    case, intake, place, therapist = row
    return Line(
        intake_id=intake.id,
        client_id=case.client_id,
        revision=case.revision,
        contact=intake.answers.get(CONTACT, {}),
        concerns=tuple(intake.answers.get("concerns", {}).get("concerns", ())),
        state=place.state if place is not None and case.state == "waiting" else case.state,
        closed_because=case.closed_reason,
        therapist=therapist,
        until=place.until if place is not None else None,
        waiting_since=case.waiting_since,
        is_over=case.state == "waiting" and case.waiting_since <= over_since,
        priority=case.priority,
        is_risk=case.client_id in bearing.safety,
        finds_nobody=case.client_id in bound,
        binding=bound.get(case.client_id),
    )
