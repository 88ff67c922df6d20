"""CSV files of therapists, clients and ratings, read to the last row: every problem by row and column, not the first.

Nothing is taken by halves: ``Reading.ok`` says whether the file may be stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from matcher.entities import CHECK_IN, Intake, Rating, Scale, Therapist
from web.exchange import checks
from web.exchange.checks import Check
from web.exchange.problems import Fault, Unreadable
from web.exchange.report import MAX_MORE, Reading, Report
from web.exchange.schema import Score
from web.exchange.sheet.columns import CLIENTS, RATINGS, SCORES, THERAPISTS, Kind
from web.exchange.sheet.decoding import opened
from web.exchange.sheet.header import Header, beginning, header_of, no_header
from web.exchange.sheet.records import Record, records
from web.exchange.sheet.rows import entity_of, fits, is_blank, read_cells

MAX_ROWS = 1_000_000


def read_therapists(source: Path | str | bytes) -> Reading[Therapist]:
    """The therapists of a file, which is given by its path or as its bytes."""
    fees = [checks.fees_look_right(column) for column in ("fee_cents", "sliding_fee_cents")]
    return _read(source, THERAPISTS, [checks.each_stands_once("therapist_id"), *fees])


def read_clients(source: Path | str | bytes) -> Reading[Intake]:
    """The intakes of past and waiting clients in a file."""
    return _read(source, CLIENTS, [checks.each_stands_once("client_id"), checks.fees_look_right("max_fee_cents")])


def read_ratings(
    source: Path | str | bytes,
    *,
    scale: Scale = CHECK_IN,
    known_clients: Collection[str] | None = None,
    known_therapists: Collection[str] | None = None,
    now: datetime | None = None,
) -> Reading[Rating]:
    """The ratings of a file, on a scale. Ids are checked against those known, where these are given.

    ``now`` (aware; the present by default) decides which ratings lie in the future.
    """
    known = (("client_id", known_clients), ("therapist_id", known_therapists))
    rules = [checks.people_are_known(column, ids) for column, ids in known if ids is not None]
    rules += [checks.scores_fit(scale), checks.nothing_lies_ahead(now or datetime.now(UTC))]
    return _read(source, RATINGS, [*rules, checks.each_session_stands_once()])


def read_scores(
    source: Path | str | bytes,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    known_clients: Collection[str] | None = None,
    now: datetime | None = None,
) -> Reading[Score]:
    """The scores of a file. ``ranges`` maps each questionnaire that is known to its lowest and highest score."""
    rules = [] if known_clients is None else [checks.people_are_known("client_id", known_clients)]
    rules += [] if ranges is None else [checks.scores_are_in_range(ranges)]
    rules += [checks.nothing_lies_ahead(now or datetime.now(UTC), "said_at"), checks.each_score_stands_once()]
    return _read(source, SCORES, rules)


def _read(source: Path | str | bytes, kind: Kind, rules: Sequence[Check]) -> Reading[Any]:
    report = Report()
    rows: list[tuple[int, Any]] = []
    try:
        with opened(source) as (stream, note):
            if note:
                report.note(note)
            delimiter, lines = beginning(stream, kind)
            rows.extend(_rows(records(stream, delimiter, lines), kind, rules, report))
    except Unreadable as error:
        for fault in error.faults:
            report.problem(fault)
    counts = report.counts | {"accepted": len(rows), "problems": len(report.problems) + report.more}
    return Reading(kind.name, rows, report.problems, report.more, report.notes(), counts)


def _rows(found: Iterator[Record], kind: Kind, rules: Sequence[Check], report: Report) -> Iterator[tuple[int, Any]]:
    header = _header(found, kind, report)
    for record in found:
        if is_blank(record):
            report.counts["blank"] += 1
            continue
        report.counts["rows"] += 1
        _check_bounds(report, record.row)
        entity = _entity(record, header, kind, rules, report) if fits(record, header, report) else None
        if entity is not None:
            yield record.row, entity


def _check_bounds(report: Report, row: int) -> None:
    if report.counts["rows"] > MAX_ROWS:
        raise Unreadable(Fault("too_many_rows", "", f"at most {MAX_ROWS:,} rows; split the file"))
    if report.more > MAX_MORE:
        raise Unreadable(Fault("too_many_problems", "", f"mend these first; from row {row} on the file was not read"))


def _header(found: Iterator[Record], kind: Kind, report: Report) -> Header:
    record = next((record for record in found if not is_blank(record)), None)
    if record is None or record.fault:
        raise Unreadable(record.fault if record and record.fault else no_header([], kind))
    header = header_of(record.cells, kind)
    for column, fault in header.faults:
        report.problem(fault, record.row, column)
    for column, fault in header.notes:
        report.note(fault, record.row, column)
    return header


def _entity(record: Record, header: Header, kind: Kind, rules: Sequence[Check], report: Report) -> Any | None:
    """The entity of a row, or None where the row has a problem or only repeats another."""
    document, unread = read_cells(record, header, report)
    entity = entity_of(document, record, header, kind, unread, report)
    for rule in rules:
        for finding in rule(record.row, document):
            (report.note if finding.note else report.problem)(finding.fault, record.row, finding.column)
            report.counts["repeated"] += finding.skip
            entity = entity if finding.note and not finding.skip else None
    return entity
