"""CSV in UTF-8 with a header, read some rows at a time."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from web.exchange.frames.cells import check_letters
from web.exchange.frames.chunks import ROWS, Cells, Chunk, Table, check_names
from web.exchange.frames.kinds import Kind
from web.exchange.frames.refusal import BadFrame, refusal
from web.exchange.problems import Problem, Unreadable
from web.exchange.sheet.protection import restore
from web.exchange.sheet.records import Record, records

_OTHERS = (
    (b"PAR1", "this is Parquet; give the file the suffix .parquet"),
    (b"PK\x03\x04", "this is a zip file or an Excel workbook; save the table as CSV (UTF-8)"),
    (b"\x1f\x8b", "this is a compressed file; unpack it first"),
    (codecs.BOM_UTF16_LE, "this is UTF-16; save the table as CSV (UTF-8)"),
    (codecs.BOM_UTF16_BE, "this is UTF-16; save the table as CSV (UTF-8)"),
)


def open_csv(path: Path, kind: Kind) -> Table:
    _check_beginning(path)
    with _opened(path) as stream:
        header = next(_filled(stream, path.name), None)
    if header is None:
        mend = f"the file is empty; its first row must name the columns {', '.join(kind.required)}"
        raise refusal(path.name, "empty", mend)
    names = tuple(cell.strip() for cell in header.cells)
    check_letters(path.name, "", names, [header.row] * len(names))
    if len(names) == 1 and names[0] != kind.required[0]:
        _check_delimiter(path.name, names[0], kind)
    check_names(path.name, names, kind)

    def chunks(wanted: Mapping[str, str | None]) -> Iterator[Chunk]:
        with _opened(path) as stream:
            yield from _chunks(stream, path.name, names, wanted)

    return Table(path.name, names, chunks)


def _opened(path: Path) -> TextIO:
    """Bytes that are no text become lone surrogates, which ``check_letters`` finds and places."""
    try:
        return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as error:
        raise refusal(path.name, "no_file", f"the file cannot be read: {error.strerror}") from error


def _check_beginning(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise refusal(path.name, "no_file", f"the file cannot be read: {error.strerror}") from error
    for magic, mend in _OTHERS:
        if head.startswith(magic):
            raise refusal(path.name, "not_csv", mend)
    if head.count(0) * 4 > len(head) > 0:
        mend = "full of zero bytes: this is no text in UTF-8; save the table as CSV (UTF-8)"
        raise refusal(path.name, "not_csv", mend)


def _check_delimiter(file: str, header: str, kind: Kind) -> None:
    for sign, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if sign in header and kind.required[0] in header:
            mend = f"the cells are separated by {name}; save the table with commas, and numbers with a point"
            raise refusal(file, "delimiter", mend, row=1, value=header)


def _filled(stream: TextIO, file: str) -> Iterator[Record]:
    """Every row that says something. Raises BadFrame at a broken quotation mark."""
    try:
        for record in records(stream, ",", []):
            if record.fault is not None:
                raise BadFrame(file, Problem.of(record.fault, record.row))
            if any(cell.strip() for cell in record.cells):
                yield record
    except Unreadable as error:
        raise refusal(file, error.faults[0].code, error.faults[0].mend) from error


def _chunks(stream: TextIO, file: str, names: tuple[str, ...], wanted: Mapping[str, str | None]) -> Iterator[Chunk]:
    found = _filled(stream, file)
    next(found)
    rows: list[int] = []
    lines: list[list[str]] = []
    for record in found:
        if len(record.cells) != len(names):
            mend = f"the header has {len(names)} cells; add those that are missing, or quote cells that hold a comma"
            raise refusal(file, "ragged", mend, row=record.row, value=f"{len(record.cells)} cells")
        rows.append(record.row)
        lines.append(record.cells)
        if len(lines) == ROWS:
            yield _chunk(file, names, wanted, rows, lines)
            rows, lines = [], []
    yield _chunk(file, names, wanted, rows, lines)


def _chunk(
    file: str, names: tuple[str, ...], wanted: Mapping[str, str | None], rows: list[int], lines: list[list[str]]
) -> Chunk:
    columns: dict[str, Cells] = {}
    by_column = zip(*lines, strict=True) if lines else ((),) * len(names)
    for name, cells in zip(names, by_column, strict=True):
        if name in wanted:
            check_letters(file, name, cells, rows)
            bare = list(map(str.strip, cells))
            columns[name] = list(map(restore, bare)) if any("'" in cell for cell in bare) else bare
    return Chunk(rows, columns)
