"""A row of cells → a document → an entity, with every problem of the row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from matcher.errors import InvalidInput
from web.exchange.problems import Fault, Unreadable, shown
from web.exchange.report import Report
from web.exchange.schema.explain import Path, faults_of
from web.exchange.sheet.cells import clean, value_of
from web.exchange.sheet.columns import Column, Kind
from web.exchange.sheet.header import Header
from web.exchange.sheet.records import Record


def is_blank(record: Record) -> bool:
    """Whether a row says nothing at all."""
    return record.fault is None and not any(cell.strip() for cell in record.cells)


def fits(record: Record, header: Header, report: Report) -> bool:
    """Whether a row has the cells of the header; its problem is reported."""
    if record.fault:
        report.problem(record.fault, record.row, header.name_at(len(record.cells) - 1))
        return False
    wanted, got = len(header.names), len(record.cells)
    if got < wanted:
        mend = f"{got} cells where the header has {wanted}; add the missing ones, be they empty"
        report.problem(Fault("too_few_cells", f"{got} cells", mend), record.row)
    elif any(cell.strip() for cell in record.cells[wanted:]):
        report.problem(Fault("too_many_cells", f"{got} cells", _too_many(record, wanted)), record.row)
    else:
        return True
    return False


def read_cells(record: Record, header: Header, report: Report) -> tuple[dict[str, Any], set[str]]:
    """The document of a row, and the columns whose cells could not be read; their problems are reported."""
    document: dict[str, Any] = {}
    unread: set[str] = set()
    for column, cell in zip(header.columns, record.cells, strict=False):
        if column is None:
            continue
        try:
            _put(document, column, cell, record.row, report)
        except Unreadable as error:
            unread.add(column.name)
            for fault in error.faults:
                report.problem(fault, record.row, column.name)
    return document, unread


def entity_of(
    document: dict[str, Any], record: Record, header: Header, kind: Kind, unread: set[str], report: Report
) -> Any | None:
    """The entity of a document, or None where it does not fit the schema; what does not fit is reported."""
    try:
        entity = kind.model.model_validate(document).entity()
    except ValidationError as error:
        for path, fault in faults_of(error, kind.model):
            _report_misfit(path, fault, record, header, kind, unread, report)
        return None
    except InvalidInput as error:
        report.problem(Fault("invalid", shown(error.value), error.mend), record.row, error.field)
        return None
    return None if unread else entity


def _put(document: dict[str, Any], column: Column, cell: str, row: int, report: Report) -> None:
    """Put the value of a cell into the document, at the column's path."""
    text = clean(cell, column.form)
    if text != cell and not column.form.free and text in cell and text:
        report.note(Fault("white_space", shown(cell), "white space around it was removed"), row, column.name)
    if text:
        value = value_of(text, column.form)
    elif column.form.empty:
        value = column.form.empty()
    else:
        return
    inner = document
    for part in column.path[:-1]:
        inner = inner.setdefault(part, {})
    inner[column.path[-1]] = value


def _report_misfit(
    path: Path, fault: Fault, record: Record, header: Header, kind: Kind, unread: set[str], report: Report
) -> None:
    """Report what does not fit, unless a cell that could not be read is the cause, or a whole column is missing."""
    column = _column_at(path, kind)
    if column is None:
        report.problem(fault, record.row)
        return
    related = {c.name for c in kind.columns if _begins(c.path, path) or _begins(path, c.path)}
    absent = column.name in kind.required and column.name not in header.present
    if related & unread or (absent and fault.code == "missing"):
        return
    if fault.code == "missing":
        fault = Fault("missing", "''", f"required; expected {column.form.says}")
    if fault.code == "out_of_range":
        fault = replace(fault, value=shown(record.cells[header.columns.index(column)].strip()))
    report.problem(fault, record.row, column.name)


def _column_at(path: Path, kind: Kind) -> Column | None:
    above = [column for column in kind.columns if _begins(path, column.path)]
    below = [column for column in kind.columns if _begins(column.path, path)]
    return next(iter(above + below), None)


def _begins(path: Path, start: Path) -> bool:
    return path[: len(start)] == start


def _too_many(record: Record, wanted: int) -> str:
    if any(cell.lstrip().startswith('"') and not cell.startswith('"') for cell in record.cells):
        return f"the header has {wanted}; remove the space before the quotation mark"
    return f"the header has {wanted}; put quotation marks around cells that hold the delimiter"
