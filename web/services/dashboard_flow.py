"""From an intake to the third session: how far people came, how long it took, and where they are lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import told_cells, waiting_times
from matcher.evaluation.waiting import Waiting as Waiting
from matcher.suppression import Span
from web.db.queries import dashboard as rows
from web.services.dashboard_spans import TIME, Calendar, Counted, Groups, span_labels, spans_of

STEPS = ("sent", "seen", "asked", "first", "third")
OPEN, GONE = "open", "gone"
STOPPED = "stopped"
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way: how many reached it, how many stand there now, and how many have left there.

    Each is None where it would point at few people.
    """

    name: str
    n_reached: int | None
    n_open: int | None
    n_gone: int | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Days to the first session of those who sent their intake in a span of months; None where they are few."""

    span: Span
    found: Waiting | None


@dataclass(frozen=True, slots=True)
class Begin:
    """The funnel and the waits, as everything stood at the end of ``as_of``; None where nothing may be told yet."""

    as_of: int | None
    steps: tuple[Step, ...]
    total: Waiting | None
    periods: tuple[Wait, ...]
    groups: Mapping[str, Mapping[str, Waiting | None]]


@dataclass(frozen=True, slots=True)
class Way:
    """A client's way: step → when, and when it ended without a session."""

    client: UUID
    reached: Mapping[str, datetime]
    gone_at: datetime | None


def begin(session: Session, calendar: Calendar, groups: Groups) -> Begin:
    """The ways of all clients who have sent an intake here."""
    ways = _ways(session)
    marks = [
        Counted(way.client, calendar.month(at), side=step)
        for way in ways
        for step, at in (*way.reached.items(), *([(GONE, way.gone_at)] if way.gone_at else []))
    ]
    spans = spans_of(marks, calendar.until)
    if not spans:
        return Begin(None, (), None, (), {})
    as_of = spans[-1].last
    return _as_it_stood(ways, groups, calendar, as_of)


def _as_it_stood(ways: list[Way], groups: Groups, calendar: Calendar, as_of: int) -> Begin:
    """Everything as it stood at the end of a month."""
    end = calendar.end(as_of)
    ways = [way for way in ways if way.reached["sent"] < end]
    names = sorted({name for of_client in groups.values() for name in of_client})
    counted = [Counted(way.client, calendar.month(way.reached["sent"])) for way in ways]
    spans = spans_of(counted, as_of)
    own = {name: [groups.get(way.client, {}).get(name, "") for way in ways] for name in names}
    tables, cuts = _told_of({TIME: span_labels(counted, spans)} | own, ways, counted, calendar, as_of)
    stages = [_stage(way, end) for way in ways]
    told = told_cells([str(way.client) for way in ways], tables | _by_stage(stages))

    def waiting(table: str, label: str) -> Waiting | None:
        own = [way for way, at in zip(ways, tables[table], strict=True) if at == label]
        return _waits(own, calendar.end(cuts[table, label])) if label in told.cells[table] else None

    return Begin(
        as_of=as_of,
        steps=tuple(_step(step, stages, told.cells, told.total) for step in STEPS),
        total=_waits(ways, end) if told.total else None,
        periods=tuple(Wait(span, waiting(TIME, str(k))) for k, span in enumerate(spans)),
        groups={name: {label: waiting(name, label) for label in sorted({*own[name]} - {""})} for name in names},
    )


def _told_of(
    tables: Mapping[str, list[str]], ways: list[Way], counted: list[Counted], calendar: Calendar, as_of: int
) -> tuple[dict[str, list[str]], dict[tuple[str, str], int]]:
    """The labels of each table, "" for who came too late to be told of under theirs; and up to which month each is."""
    kept, cuts = {}, {}
    for name, labels in tables.items():
        for label in sorted(set(labels)):
            under = [way for way, own in zip(ways, labels, strict=True) if own == label]
            cuts[name, label] = _cut(under, calendar, as_of)
        kept[name] = [own if one.month <= cuts[name, own] else "" for one, own in zip(counted, labels, strict=True)]
    return kept, cuts


def _by_stage(stages: list[str]) -> dict[str, list[str]]:
    """Where people stand, and who came to each step, as tables of labels."""
    came = {f"to {step}": [step if _came(stage, step) else "" for stage in stages] for step in STEPS[1:]}
    return {STOPPED: stages} | came


def _cut(ways: list[Way], calendar: Calendar, as_of: int) -> int:
    """Up to which month these people are told of: what came later is too little yet. −1 for no month at all."""
    marks = [
        Counted(way.client, calendar.month(way.reached[step]), side=step)
        for way in ways
        for step in ("sent", "first")
        if step in way.reached
    ]
    spans = spans_of(marks, as_of)
    return spans[-1].last if spans else -1


def _waits(ways: list[Way], end: datetime) -> Waiting:
    found = [_waited(way, end) for way in ways]
    return waiting_times([days for days, _ in found], [seen for _, seen in found])


def _ways(session: Session) -> list[Way]:
    sent, seen, ended = rows.sent(session), rows.listed(session), rows.closed(session)
    asked, placed = rows.asked(session), rows.placed(session)
    sessions = _sessions(session)
    found = []
    for client, at in sent.items():
        met = [moment for moment in sessions.get(client, ()) if moment >= at]
        reached = {"sent": at}
        chosen = [moments[client] for moments in (asked, placed) if client in moments]
        for step, moment in (
            ("seen", seen.get(client)), ("asked", min(chosen, default=None)),
            ("first", met[0] if met else None), ("third", met[2] if len(met) > 2 else None),
        ):  # fmt: skip
            if moment is not None:
                reached[step] = max(moment, at)
        gone = ended.get(client)
        found.append(Way(client, reached, gone if gone is not None and "first" not in reached else None))
    return found


def _sessions(session: Session) -> dict[UUID, list[datetime]]:
    """Client → when they had sessions, in order: appointments held, first sessions of places, and what was rated.

    A session is known by the first of these that tells of its day.
    """
    days: dict[UUID, dict[object, datetime]] = {}
    for client, at, _ in rows.held(session):
        days.setdefault(client, {}).setdefault(at.date(), at)
    for client, at, ended_at in rows.booked(session):
        if ended_at is None or ended_at > at:
            days.setdefault(client, {}).setdefault(at.date(), at)
    held_of = {client: set(own) for client, own in days.items()}
    for client, _, at in rows.ratings(session):
        if client not in held_of:  # what is known only by its rating, as sessions that were brought in
            days.setdefault(client, {}).setdefault(at.date(), at)
    return {client: sorted(own.values()) for client, own in days.items()}


def _stage(way: Way, end: datetime) -> str:
    """The last step that was reached, and whether somebody stands there still."""
    last = next(step for step in reversed(STEPS) if step in way.reached and way.reached[step] < end)
    return f"{last} {GONE if way.gone_at is not None and way.gone_at < end else OPEN}"


def _came(stage: str, step: str) -> bool:
    """Whether somebody whose way has come to a stage has been at a step."""
    return STEPS.index(stage.partition(" ")[0]) >= STEPS.index(step)


def _step(step: str, stages: list[str], told: Mapping[str, frozenset[str]], total: bool) -> Step:
    def count(state: str) -> int | None:
        name = f"{step} {state}"
        n = stages.count(name)
        return n if n == 0 or name in told[STOPPED] else None

    is_told = total if step == STEPS[0] else step in told[f"to {step}"]
    n = sum(_came(stage, step) for stage in stages)
    return Step(step, n if is_told or n == 0 else None, count(OPEN), count(GONE))


def _waited(way: Way, end: datetime) -> tuple[float, bool]:
    """Whole days to the first session, or as long as that was not known to come; and whether it came."""
    at = way.reached.get("first")
    if at is not None and at < end:
        return _days(way.reached["sent"], at), True
    until = min(end, way.gone_at) if way.gone_at is not None else end
    return _days(way.reached["sent"], max(until, way.reached["sent"])), False


def _days(since: datetime, until: datetime) -> float:
    return float((until - since).total_seconds() // DAY)
