"""Who waits for a person of the clinic: flags that nobody has looked at, intakes that were sent, and one case."""

from __future__ import annotations

from collections.abc import Mapping
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
MOST = 200


@dataclass(frozen=True, slots=True)
class Flag:
    """A person shall look, or has looked: since when, when and who."""

    id: UUID
    kind: str
    raised_at: datetime
    seen_at: datetime | None
    seen_by: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An intake in the queue, with the flag for which it stands there, if any."""

    intake_id: UUID
    contact: Mapping[str, str]
    concerns: tuple[str, ...]
    sent_at: datetime | None
    is_risk: bool
    has_met: bool = False
    flag: Flag | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """Everybody who waits: flags first, the most urgent on top; then who sent an intake in the last weeks.

    A safety case stays in sight when somebody has taken it on, whether or not its intake was ever sent.
    """

    flagged: tuple[Waiting, ...]
    looked_after: tuple[Waiting, ...]
    sent: tuple[Waiting, ...]
    n_sent: int
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
    rows = cases.last_sent(session, since, MOST)
    risks = cases.flagged(session, [row.id for row in rows], "safety")
    met = cases.have_met(session, [row.client_id for row in rows if row.client_id])
    found = [_waiting(row, row.id in risks, flag=_flag(flag, {})) for flag, row in intakes.waiting_flags(session)]
    flagged = sorted(found, key=_urgency)
    sent = tuple(_waiting(row, row.id in risks, has_met=row.client_id in met) for row in rows)
    seen = intakes.flags_seen(session, "safety", since)
    names = cases.names(session, [flag.seen_by for flag, _row in seen if flag.seen_by])
    looked_after = tuple(_waiting(row, True, flag=_flag(flag, names)) for flag, row in seen)
    return Queue(tuple(flagged), looked_after, sent, cases.count_sent(session, since), cases.count_open(session, now))


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


def _waiting(row: IntakeRow, is_risk: bool, *, has_met: bool = False, flag: Flag | None = None) -> Waiting:
    concerns = tuple(row.answers.get("concerns", {}).get("concerns", ()))
    risk = is_risk or bool(row.answers.get("safety", {}).get("at_risk"))
    return Waiting(row.id, row.answers.get(CONTACT, {}), concerns, row.sent_at, risk, has_met, flag)


def _document(row: IntakeRow) -> dict[str, Any]:
    return {name: value for step in STEPS for name, value in row.answers.get(step, {}).items()}


def _flag(row: FlagRow, names: Mapping[UUID, str]) -> Flag:
    return Flag(row.id, row.kind, row.raised_at, row.seen_at, names.get(row.seen_by) if row.seen_by else None)


def _urgency(found: Waiting) -> tuple[int, datetime]:
    assert found.flag is not None
    return URGENCY.index(found.flag.kind), found.flag.raised_at
