"""The first row of a file: the delimiter, and which column stands where."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TextIO

from web.exchange.problems import Fault, Unreadable, shown
from web.exchange.sheet.columns import KINDS, Column, Kind
from web.exchange.sheet.records import MAX_LINE

MAX_COLUMNS = 500
DELIMITERS = ",;\t|"
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_MAX_BLANK_LINES = 1_000
_ENOUGH = 100_000  # letters of the header tell the delimiter; the csv module takes no longer cell


@dataclass(frozen=True)
class Header:
    """What stands in which column: None where the column is not known or stands there again."""

    names: tuple[str, ...]
    columns: tuple[Column | None, ...]
    faults: tuple[tuple[str, Fault], ...]
    notes: tuple[tuple[str, Fault], ...]

    def name_at(self, position: int) -> str:
        """The name of a column: our own where it is known."""
        if not 0 <= position < len(self.names):
            return ""
        column = self.columns[position]
        return column.name if column else self.names[position].strip()

    @property
    def present(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column)


def beginning(stream: TextIO, kind: Kind) -> tuple[str, list[str]]:
    """The delimiter of a file, and the lines read to find it. Raises Unreadable for an empty file."""
    line = stream.readline(MAX_LINE + 1)
    said = _SEP.fullmatch(line)
    lines = [] if said else [line]
    while not (lines and lines[-1].strip()):
        line = stream.readline(MAX_LINE + 1)
        if not line or len(lines) > _MAX_BLANK_LINES:
            raise Unreadable(Fault("empty", "", f"the file is empty; the columns are {', '.join(kind.required)} …"))
        lines.append(line)
    return said[1] if said else _delimiter(lines[-1], kind), lines


def header_of(cells: Sequence[str], kind: Kind) -> Header:
    """Which column each cell of the first row names. Raises Unreadable where the row names none."""
    if len(cells) > MAX_COLUMNS:
        raise Unreadable(Fault("too_many_columns", f"{len(cells):,} columns", f"at most {MAX_COLUMNS} columns"))
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    known = _spellings(kind)
    columns = [known.get(fold(cell)) for cell in cells]
    if not any(columns):
        raise Unreadable(no_header(cells, kind))
    named = Counter(column.name for column in columns if column)
    faults = [*_unknown(cells, columns, kind), *_repeated(named), *_missing(named, kind)]
    notes = [(c.name, _spelt(cell, c)) for cell, c in zip(cells, columns, strict=True) if c and cell != c.name]
    first = {c.name: k for k, c in reversed(list(enumerate(columns))) if c}
    kept = tuple(c if c and first[c.name] == k else None for k, c in enumerate(columns))
    return Header(tuple(cells), kept, tuple(faults), tuple(notes))


def fold(name: str) -> str:
    """A column's name without differences of case, spaces and signs."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def _delimiter(line: str, kind: Kind) -> str:
    known = _spellings(kind)

    def score(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([line[:_ENOUGH]], delimiter=delimiter), [])
        return sum(fold(cell) in known for cell in cells), len(cells)

    best = max(DELIMITERS, key=score)
    if best == "|" and score(best)[0] > 1:
        raise Unreadable(Fault("delimiter", "'|'", "| is for lists in cells; take commas, semicolons or tabs"))
    return best if best != "|" else ","


def _spellings(kind: Kind) -> dict[str, Column]:
    known = {column.name: column for column in kind.columns}
    if len(kind.key) == 1:
        known["id"] = known[kind.key[0]]
    return known


def no_header(cells: Sequence[str], kind: Kind) -> Fault:
    """The fault of a first row that names no column."""
    mend = f"no column of a {kind.name} file is named here; the first row must hold {', '.join(kind.required)} …"
    return Fault("no_header", shown(", ".join(cells[:5])), mend)


def _unknown(cells: Sequence[str], columns: Sequence[Column | None], kind: Kind) -> Iterator[tuple[str, Fault]]:
    names = [column.name for column in kind.columns]
    others = [k.name for k in KINDS.values() if k is not kind]
    for cell, column in zip(cells, columns, strict=True):
        if column is not None:
            continue
        if not cell.strip():
            yield "", Fault("unnamed_column", "''", "a column without a name; name it or remove it")
            continue
        near = get_close_matches(fold(cell)[:80], names, n=1, cutoff=0.6)
        other = next((o for o in others if fold(cell) in {c.name for c in KINDS[o].columns}), None)
        meant = f"did you mean {near[0]!r}?" if near else f"it belongs into {other}" if other else "remove it"
        yield cell[:60], Fault("unknown_column", shown(cell), f"no such column; {meant}")


def _repeated(named: Counter[str]) -> Iterator[tuple[str, Fault]]:
    for name, times in named.items():
        if times > 1:
            yield name, Fault("repeated_column", shown(name), f"stands here {times} times; keep one")


def _missing(named: Counter[str], kind: Kind) -> Iterator[tuple[str, Fault]]:
    for name in kind.required:
        if name not in named:
            yield name, Fault("missing_column", "", "this column is required; add it")


def _spelt(cell: str, column: Column) -> Fault:
    return Fault("header_spelling", shown(cell), f"read as {column.name}")
