"""Who waits for a person of the clinic: flags that nobody has looked at, those that are looked after, and one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import cases, directory, intakes
from web.db.tables import FlagRow, IntakeRow
from web.services.intakes import CONTACT, STEPS

URGENCY = ("safety", "no_match", "choose_for_me")  # whom to call first
WEEKS = 6


@dataclass(frozen=True, slots=True)
class Flag:
    """A person shall look, or has looked: since when, when and who; ``sources`` are the answers that ask for it."""

    id: UUID
    kind: str
    raised_at: datetime
    seen_at: datetime | None
    seen_by: str | None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An intake with the flag for which it stands in the queue."""

    intake_id: UUID
    contact: Mapping[str, str]
    concerns: tuple[str, ...]
    is_risk: bool
    flag: Flag


@dataclass(frozen=True, slots=True)
class Queue:
    """For whom a person is asked, the most urgent first, and how many intakes were begun and not sent.

    A safety case stays in sight when somebody has taken it on, whether or not its intake was ever sent.
    """

    flagged: tuple[Waiting, ...]
    looked_after: tuple[Waiting, ...]
    n_open: int


@dataclass(frozen=True, slots=True)
class Case:
    """One intake, with all that is needed to put it into words."""

    id: UUID
    contact: Mapping[str, str]
    document: Mapping[str, Any]
    flags: tuple[Flag, ...]
    started_at: datetime
    sent_at: datetime | None
    places: Mapping[tuple[float, float], str]
    therapists: Mapping[str, str]


def waiting(session: Session, *, now: datetime) -> Queue:
    """The queue of the clinic that the session has entered."""
    since = now - timedelta(weeks=WEEKS)
    rows = intakes.waiting_flags(session)
    risks = cases.flagged(session, [row.id for _flag, row in rows], "safety")
    flagged = sorted((_waiting(row, row.id in risks, _flag(flag, {})) for flag, row in rows), key=_urgency)
    seen = intakes.flags_seen(session, "safety", since)
    names = cases.names(session, [flag.seen_by for flag, _row in seen if flag.seen_by])
    looked_after = tuple(_waiting(row, True, _flag(flag, names)) for flag, row in seen)
    return Queue(tuple(flagged), looked_after, cases.count_open(session, now))


def named(session: Session, client_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, Mapping[str, str]]]:
    """Client → (intake, how they can be reached)."""
    found = {}
    for client_id, intake_id in cases.intakes_of(session, client_ids).items():
        row = cases.by_id(session, intake_id)
        found[client_id] = (intake_id, row.answers.get(CONTACT, {}) if row is not None else {})
    return found


def case(session: Session, intake_id: UUID) -> Case | None:
    """One case; None where the clinic has no such intake."""
    row = cases.by_id(session, intake_id)
    if row is None:
        return None
    flags = cases.flags(session, intake_id)
    names = cases.names(session, [flag.seen_by for flag in flags if flag.seen_by])
    return Case(
        id=row.id,
        contact=row.answers.get(CONTACT, {}),
        document=_document(row),
        flags=tuple(sorted((_flag(flag, names) for flag in flags), key=lambda flag: URGENCY.index(flag.kind))),
        started_at=row.started_at,
        sent_at=row.sent_at,
        places={(place.latitude, place.longitude): place.name for place in intakes.places(session)},
        therapists=directory.names(session),
    )


def _waiting(row: IntakeRow, is_risk: bool, flag: Flag) -> Waiting:
    concerns = tuple(row.answers.get("concerns", {}).get("concerns", ()))
    risk = is_risk or bool(row.answers.get("safety", {}).get("at_risk"))
    return Waiting(row.id, row.answers.get(CONTACT, {}), concerns, risk, flag)


def _document(row: IntakeRow) -> dict[str, Any]:
    return {name: value for step in STEPS for name, value in row.answers.get(step, {}).items()}


def _flag(row: FlagRow, names: Mapping[UUID, str]) -> Flag:
    seen_by = names.get(row.seen_by) if row.seen_by else None
    return Flag(row.id, row.kind, row.raised_at, row.seen_at, seen_by, tuple(row.sources))


def _urgency(found: Waiting) -> tuple[int, datetime]:
    return URGENCY.index(found.flag.kind), found.flag.raised_at
