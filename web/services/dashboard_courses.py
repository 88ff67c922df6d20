"""How clients find the work, how they fare, what is read of what they say, and how expectation goes with both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from matcher import INSTRUMENTS, pathway, reliable_change, told_cells
from matcher.evaluation.intervals import Interval, of_mean
from matcher.evaluation.pathway import Association
from matcher.suppression import Span
from web.db.queries import dashboard as rows
from web.services.clinics import Clinic
from web.services.dashboard_spans import TIME, Calendar, Counted, Groups, group_labels, span_labels, spans_of, within

ANSWERED_WITHIN = timedelta(days=7)
EARLY = 3  # ratings that make the alliance of a beginning
LATER = timedelta(weeks=6)  # a change in well-being is from the first score to the first one so much later
CHANGED = ("phq-9", "gad-7")
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of ``n`` records with its interval, by client; ``share`` of them count, where that is asked."""

    n: int
    mean: Interval
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A span of months and what is told of it; None where that would point at few people."""

    span: Span
    found: Mean | None


@dataclass(frozen=True, slots=True)
class Alliance:
    """Where on the clinic's scale ratings lie, 0 to 100: in all, over time, and attribute → group → mean."""

    total: Mean | None
    periods: tuple[Period, ...]
    groups: Mapping[str, Mapping[str, Mean | None]]


@dataclass(frozen=True, slots=True)
class Shares:
    """A share of ``n`` records, in all and over time."""

    total: Mean | None
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The change of a questionnaire's score from the first one on, and the share who are reliably better."""

    instrument: str
    better: str
    total: Mean | None
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A later score of a client beside their first; ``gain`` rises as they fare better."""

    client: UUID
    instrument: str
    first_at: datetime
    at: datetime
    difference: float
    gain: float
    is_better: bool


def alliance(session: Session, clinic: Clinic, calendar: Calendar, groups: Groups) -> Alliance:
    """Ratings by month and by group, decided together."""
    lowest, width = clinic.scale.lowest, clinic.scale.top - clinic.scale.lowest
    said = [
        Counted(client, calendar.month(at), 100 * (score - lowest) / width)
        for client, score, at in rows.ratings(session)
    ]
    spans = spans_of(said, calendar.until)
    said = within(said, spans)
    names = sorted({name for of_client in groups.values() for name in of_client})
    tables = {TIME: span_labels(said, spans)} | {
        name: group_labels(said, groups, name, calendar.until) for name in names
    }
    told = told_cells([str(one.client) for one in said], tables)
    return Alliance(
        total=_mean(said) if told.total else None,
        periods=_periods(said, spans, tables[TIME], told.cells[TIME]),
        groups={
            name: {
                label: _mean(_of(said, tables[name], label)) if label in told.cells[name] else None
                for label in sorted({groups.get(one.client, {}).get(name, "") for one in said} - {""})
            }
            for name in names
        },
    )


def check_ins(session: Session, calendar: Calendar) -> Shares:
    """After how many of the sessions that were held something was said."""
    return _shares(
        [Counted(who, calendar.month(at), 1.0 * is_rated, YES if is_rated else NO)
         for who, at, is_rated in rows.held(session)],
        calendar.until,
    )  # fmt: skip


def acknowledged(session: Session, calendar: Calendar) -> Shares:
    """How many of the check-ins that were ever shared by name were read in seven days, by the month these ended in."""
    found = []
    for who, said_at, read_at in rows.named_check_ins(session):
        is_read = read_at is not None and read_at - said_at <= ANSWERED_WITHIN
        found.append(Counted(who, calendar.month(said_at + ANSWERED_WITHIN), 1.0 * is_read, YES if is_read else NO))
    return _shares(found, calendar.until)


def changes(session: Session) -> tuple[Change, ...]:
    """Every later score of the questionnaires that have a known reliability, beside the client's first."""
    first: dict[tuple[UUID, str, str], Any] = {}
    found = []
    for row in rows.measures(session):
        if row.instrument not in CHANGED:
            continue
        before = first.setdefault((row.client_id, row.instrument, row.version), row)
        if before is row:
            continue
        change = reliable_change(INSTRUMENTS[row.instrument], before.score, row.score)
        sign = -1.0 if INSTRUMENTS[row.instrument].better == "lower" else 1.0
        is_better = change.is_reliable and change.direction == "better"
        found.append(
            Change(
                row.client_id, row.instrument, before.said_at, row.said_at, change.difference,
                sign * change.difference, is_better,
            )
        )  # fmt: skip
    return tuple(found)


def outcomes(found: Sequence[Change], calendar: Calendar) -> tuple[Outcome, ...]:
    """Changes by questionnaire and month, a client's last of each month."""
    told = []
    for code in CHANGED:
        latest: dict[tuple[UUID, int], Counted] = {}
        for one in found:
            if one.instrument == code:
                month = calendar.month(one.at)
                side = YES if one.is_better else NO
                latest[one.client, month] = Counted(one.client, month, one.difference, side)
        share = _shares(list(latest.values()), calendar.until)
        told.append(Outcome(code, INSTRUMENTS[code].better, share.total, share.periods))
    return tuple(told)


def pathway_of(
    session: Session, calendar: Calendar, hope: Mapping[UUID, float], found: Sequence[Change]
) -> tuple[Association, ...]:
    """Hope at the start, the mean of the first three ratings, and the first change that is six weeks old.

    None of the three changes any more once it is there; an association counts those whom a closed span holds.
    """
    known: dict[str, dict[UUID, tuple[float, int]]] = {"alliance": {}, "outcome": {}}
    said: dict[UUID, list[float]] = {}
    for client, score, at in rows.ratings(session):
        scores = said.setdefault(client, [])
        scores.append(score)
        if len(scores) == EARLY:
            known["alliance"][client] = (float(np.mean(scores)), calendar.month(at))
    for one in found:
        if one.instrument == CHANGED[0] and one.at - one.first_at >= LATER:
            known["outcome"].setdefault(one.client, (one.gain, calendar.month(one.at)))
    known["expectation"] = {client: (float(value), 0) for client, value in hope.items()}
    return tuple(
        _association(known, k, of, to, calendar)
        for k, (of, to) in enumerate((("expectation", "alliance"), ("alliance", "outcome"), ("expectation", "outcome")))
    )


def _association(
    known: Mapping[str, Mapping[UUID, tuple[float, int]]], k: int, of: str, to: str, calendar: Calendar
) -> Association:
    both = sorted(known[of].keys() & known[to].keys())
    whole = [Counted(client, max(known[of][client][1], known[to][client][1])) for client in both]
    counted = within(whole, spans_of(whole, calendar.until))
    missing = [float("nan")] * len(counted)
    columns = {
        name: [known[name][one.client][0] for one in counted] if name in (of, to) else missing
        for name in ("expectation", "alliance", "outcome")
    }
    return pathway(columns["expectation"], columns["alliance"], columns["outcome"])[k]


def _shares(records: list[Counted], until: int) -> Shares:
    """Means of 0 and 1, or of values of which a share is told, with both sides kept large."""
    spans = spans_of(records, until)
    records = within(records, spans)
    labels = span_labels(records, spans)
    sides = {YES: [one.side == YES for one in records]}
    told = told_cells([str(one.client) for one in records], {TIME: labels}, sides=sides)
    return Shares(_mean(records) if told.total else None, _periods(records, spans, labels, told.cells[TIME]))


def _periods(
    records: Sequence[Counted], spans: Sequence[Span], labels: Sequence[str], told: frozenset[str]
) -> tuple[Period, ...]:
    return tuple(
        Period(span, _mean(_of(records, labels, str(k))) if str(k) in told else None) for k, span in enumerate(spans)
    )


def _of(records: Sequence[Counted], labels: Sequence[str], label: str) -> list[Counted]:
    return [one for one, own in zip(records, labels, strict=True) if own == label]


def _mean(records: Sequence[Counted]) -> Mean:
    code = {client: k for k, client in enumerate(dict.fromkeys(one.client for one in records))}
    values = np.array([one.value for one in records])
    cluster = np.array([code[one.client] for one in records], dtype=np.intp)
    share = float(np.mean([one.side == YES for one in records])) if any(one.side for one in records) else None
    return Mean(len(records), of_mean(values, cluster), share)
