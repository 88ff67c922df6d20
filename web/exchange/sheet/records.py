"""From the text of a file to numbered records. A broken quotation mark costs its own row, not the rows below it.

Rows are counted as a spreadsheet shows them: blank lines count, a cell of several lines does not count twice.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from web.exchange.problems import Fault, Unreadable, shown

MAX_LINE = 1_000_000
MAX_LINES_OF_A_RECORD = 1_000
MAX_BROKEN = 100
MAX_FRAGMENTS = 100


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of a row; with a ``fault``, the cells up to and including the one that is broken."""

    row: int
    cells: list[str]
    fault: Fault | None = None


class _RunsOn(Exception):
    """A record that goes on for longer than a record can."""


class _Lines:
    """The lines of a stream, those of the present record kept so that they can be read again."""

    def __init__(self, stream: TextIO, first: list[str]) -> None:
        self._stream = stream
        self._again = deque(first)
        self.present: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(MAX_LINE + 1)
        if not line:
            raise StopIteration
        if len(line) > MAX_LINE:
            raise Unreadable(Fault("line_too_long", shown(line), f"a line has more than {MAX_LINE:,} characters"))
        self.present.append(line)
        if len(self.present) > MAX_LINES_OF_A_RECORD:
            raise _RunsOn
        return line

    def begin_again_below(self) -> None:
        """Take the present record for one line, and read the lines below it anew."""
        self._again.extendleft(reversed(self.present[1:]))
        self.present = self.present[:1]


def records(stream: TextIO, delimiter: str, first: list[str]) -> Iterator[Record]:
    """Every record of a stream, of which the lines ``first`` have been read already.

    Lines below a broken record that are shorter than the header are taken for the rest of a broken cell.
    Raises Unreadable where it makes no sense to read on.
    """
    lines = _Lines(stream, first)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    row = broken = width = fragments = 0
    while True:
        lines.present.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RunsOn) as error:
            row, broken, fragments = row + 1, broken + 1, MAX_FRAGMENTS
            yield _broken(row, lines, delimiter, error)
            _check_enough(broken)
            lines.begin_again_below()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        width = width or len(cells)
        if fragments and len(cells) < width:
            fragments -= 1
            continue
        row, fragments = row + 1, 0
        yield Record(row, cells)


def _check_enough(broken: int) -> None:
    if broken >= MAX_BROKEN:
        mend = f"{broken} rows have broken quotation marks; mend them first, the rows below were not read"
        raise Unreadable(Fault("too_many_broken", "", mend))


def _broken(row: int, lines: _Lines, delimiter: str, error: Exception) -> Record:
    line = lines.present[0]
    if "field limit" in str(error) and len(lines.present) == 1:
        return Record(row, [], Fault("too_long", shown(line), "a cell of this row is far too long"))
    cells = _cells_to_the_break(line, delimiter)
    closed = re.match(r'"(?:[^"]|"")*+"', cells[-1])
    if closed and not closed[0].endswith(f'{delimiter}"'):
        mend = 'a quotation mark inside a quoted cell; write it twice ("")'
        return Record(row, cells, Fault("stray_quote", shown(cells[-1]), mend))
    mend = "a quotation mark is opened and never closed; close it, or take it away"
    return Record(row, cells, Fault("unclosed_quote", shown(cells[-1]), mend))


def _cells_to_the_break(line: str, delimiter: str) -> list[str]:
    """The cells of a line that can be read, and what begins where the next one cannot."""
    mark = re.escape(delimiter)
    whole = re.compile(rf'(?:"(?:[^"]|"")*+"|[^"{mark}\r\n][^{mark}\r\n]*+|)(?=[{mark}\r\n]|\Z)')
    cells, at = [], 0
    while found := whole.match(line, at):
        cells.append(found[0])
        at = found.end() + 1
        if at > len(line) or line[found.end()] != delimiter:
            return cells
    return [*cells, line[at:].rstrip("\r\n")]
