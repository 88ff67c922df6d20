"""Months by a clinic's clocks, and records laid into the spans and groups that may be told."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from matcher import closed_spans
from matcher.suppression import Span

Groups = Mapping[UUID, Mapping[str, str]]  # client → attribute → group
TIME = "months"
OTHER = "other"


class Calendar:
    """Months by the clocks of a zone, counted 12 · year + month − 1; ``until`` is the last that is over."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._zone = zone
        self.until = self.month(now) - 1

    def month(self, moment: datetime) -> int:
        """In which month a moment lies."""
        there = moment.astimezone(self._zone)
        return 12 * there.year + there.month - 1

    def end(self, month: int) -> datetime:
        """The moment at which a month is over."""
        year, before = divmod(month + 1, 12)
        return datetime(year, before + 1, 1, tzinfo=self._zone)


@dataclass(frozen=True, slots=True)
class Counted:
    """Somebody was counted in a month, as what; ``value`` is the figure that goes with it."""

    client: UUID
    month: int
    value: float = 0.0
    side: str = ""


def spans_of(records: Iterable[Counted], until: int) -> tuple[Span, ...]:
    """The spans of these records that may be told."""
    marks: list[tuple[int, Hashable, str]] = [
        (one.month, one.client, one.side) for one in records if one.month <= until
    ]
    return closed_spans(marks, min(mark[0] for mark in marks), until) if marks else ()


def within(records: Sequence[Counted], spans: Sequence[Span]) -> list[Counted]:
    """The records of months that are told."""
    return [one for one in records if spans and one.month <= spans[-1].last]


def span_labels(records: Sequence[Counted], spans: Sequence[Span]) -> list[str]:
    """The span of each record, by its place."""
    place = {month: str(k) for k, span in enumerate(spans) for month in range(span.first, span.last + 1)}
    return [place.get(one.month, "") for one in records]


def group_labels(records: Sequence[Counted], groups: Groups, name: str, until: int) -> list[str]:
    """The group of each record; "" for what has come since the last span of the group's own closed.

    So a group's figure stays as it is until five more people stand behind what is new in it.
    """
    group = [groups.get(one.client, {}).get(name, "") for one in records]
    last: dict[str, int] = {}
    for label in sorted(set(group)):
        own = spans_of((one for one, own in zip(records, group, strict=True) if own == label), until)
        last[label] = own[-1].last if own else -1
    return [label if one.month <= last[label] else "" for one, label in zip(records, group, strict=True)]
