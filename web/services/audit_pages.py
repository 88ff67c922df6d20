"""A page of the audit trail: the events that are looked for, with names, and when the trail was last checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from web.db.queries import audit as rows
from web.db.queries import cases, people
from web.db.queries.audit import Wanted
from web.exchange.audit_files import Event
from web.services import audit_trail

MOST = 50
CHECKED = "audit.checked"


@dataclass(frozen=True, slots=True)
class Check:
    """When the trail was last checked, and what was found."""

    at: datetime
    n_good: int
    bad: int | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """Events, the number of all that are looked for, the names of people, what was ever done, and the last check."""

    events: tuple[Event, ...]
    n: int
    has_more: bool
    names: Mapping[str, str]
    staff: tuple[tuple[str, str], ...]
    actions: tuple[str, ...]
    check: Check | None


def look(session: Session, wanted: Wanted, *, before: int | None) -> Found:
    """The newest events that are looked for, with numbers below ``before``."""
    events = audit_trail.page(session, wanted, before=before, most=MOST + 1)
    keys = {event.actor: key for event in events if (key := audit_trail.person_of(event.actor))}
    names = cases.names(session, list(keys.values()))
    staff = {person.id: person.name for person, membership in people.everybody(session) if membership.has_joined}
    return Found(
        events=tuple(events[:MOST]),
        n=rows.count(session, wanted),
        has_more=len(events) > MOST,
        names={actor: names[key] for actor, key in keys.items() if key in names},
        staff=tuple(sorted(((str(key), name) for key, name in staff.items()), key=_by_name)),
        actions=tuple(rows.actions(session)),
        check=_last_check(session),
    )


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def _last_check(session: Session) -> Check | None:
    found = audit_trail.page(session, Wanted(action=CHECKED), before=None, most=1)
    if not found:
        return None
    said: Mapping[str, Any] = found[0].details
    return Check(found[0].at, int(said["n"]), said.get("bad"), said.get("trouble"))
