"""What only the whole file can tell: rows that stand there twice, people who are not known, scores off the scale."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from matcher.entities import Scale
from web.exchange.moments import lies_ahead, read_date, read_moment
from web.exchange.problems import Fault, Unreadable, shown
from web.exchange.schema import check_score

SMALLEST_LIKELY_FEE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in a column of a row; a ``note`` does no harm, ``skip`` leaves the row out."""

    column: str
    fault: Fault
    note: bool = False
    skip: bool = False


Check = Callable[[int, dict[str, Any]], Iterator[Finding]]


def each_stands_once(column: str) -> Check:
    """No id stands in two rows, not even spelt with other code points."""
    seen: dict[str, int] = {}

    def check(row: int, document: dict[str, Any]) -> Iterator[Finding]:
        if column not in document:
            return
        first = seen.setdefault(unicodedata.normalize("NFC", document[column]), row)
        if first != row:
            mend = f"stands in row {first} already; keep one of the two"
            yield Finding(column, Fault("repeated_id", shown(document[column]), mend))

    return check


def each_session_stands_once() -> Check:
    """A session of two people is rated once; the same rating again is passed over, another score is a problem."""
    said = "rates the same session {known:g}"
    return _said_once(("client_id", "therapist_id", "session"), "rating", said)


def each_score_stands_once() -> Check:
    """A questionnaire is filled in once at a moment; the same score again is passed over, another one is a problem."""
    return _said_once(("client_id", "instrument", "said_at"), "score", "has {known:g} at the same moment")


def _said_once(columns: Sequence[str], what: str, said: str) -> Check:
    """Rows with the same values in these columns have the same score; ``said`` tells of the first that has another."""
    seen: dict[tuple[Any, ...], tuple[int, float]] = {}

    def check(row: int, document: dict[str, Any]) -> Iterator[Finding]:
        try:
            key, score = tuple(document[column] for column in columns), document["score"]
        except KeyError:
            return
        first, known = seen.setdefault(key, (row, score))
        if first == row:
            return
        if score == known:
            fault = Fault(f"repeated_{what}", "", f"the same {what} as row {first}; it counts once")
            yield Finding("", fault, note=True, skip=True)
        else:
            mend = f"row {first} {said.format(known=known)}; keep one of the two"
            yield Finding("score", Fault(f"contradicting_{what}", shown(score), mend))

    return check


def scores_fit(scale: Scale) -> Check:
    """Every score is one that the clinic's scale has."""

    def check(row: int, document: dict[str, Any]) -> Iterator[Finding]:
        try:
            if "score" in document:
                check_score(document["score"], scale)
        except Unreadable as error:
            yield from (Finding("score", fault) for fault in error.faults)

    return check


def scores_are_in_range(ranges: Mapping[str, tuple[float, float]]) -> Check:
    """Every questionnaire is known, and no score lies outside of what its items reach."""

    def check(row: int, document: dict[str, Any]) -> Iterator[Finding]:
        code, score = document.get("instrument"), document.get("score")
        if code is not None and code not in ranges:
            mend = f"no such questionnaire; expected one of {', '.join(sorted(ranges))}, or bring it in first"
            yield Finding("instrument", Fault("unknown_instrument", shown(code), mend))
        elif code is not None and score is not None and not ranges[code][0] <= score <= ranges[code][1]:
            low, top = ranges[code]
            yield Finding("score", Fault("off_scale", shown(score), f"{code} goes from {low:g} to {top:g}"))

    return check


def nothing_lies_ahead(now: datetime, column: str = "rated_at") -> Check:
    """Nothing was said in the future."""

    def check(row: int, document: dict[str, Any]) -> Iterator[Finding]:
        said = document.get(column)
        if said and lies_ahead(read_moment(said), now):
            yield Finding(column, Fault("future", shown(said), "lies in the future; correct it"))

    return check


def nobody_waits_from_later(today: date) -> Check:
    """Nobody has waited since a day that is still to come; a day of difference is one of zones."""

    def check(row: int, document: dict[str, Any]) -> Iterator[Finding]:
        said = document.get("waiting_since")
        if said and read_date(said) > today + timedelta(days=1):
            yield Finding("waiting_since", Fault("future", shown(said), "lies in the future; correct it"))

    return check


def people_are_known(column: str, known: Collection[str]) -> Check:
    """Every id of a column belongs to somebody who was imported before."""
    ids = frozenset(known)
    who = column.removesuffix("_id")

    def check(row: int, document: dict[str, Any]) -> Iterator[Finding]:
        said = document.get(column)
        if said is not None and said not in ids:
            mend = f"no such {who}; import the {who}s first, or correct the id"
            yield Finding(column, Fault(f"unknown_{who}", shown(said), mend))

    return check


def fees_look_right(column: str) -> Check:
    """A fee of less than five in the currency was probably not given in cents."""

    def check(row: int, document: dict[str, Any]) -> Iterator[Finding]:
        cents = document.get(column)
        if cents is not None and 0 < cents < SMALLEST_LIKELY_FEE:
            mend = f"{cents / 100:.2f} a session; if {cents} was meant, write {cents * 100}"
            yield Finding(column, Fault("low_fee", shown(cents), mend), note=True)

    return check
