"""A table as numpy columns: whole, with covariates decided by what stands in them, or in blocks of decided columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from web.exchange.frames.checks import check_values, each_stands_once
from web.exchange.frames.chunks import Chunk, Table, check_names
from web.exchange.frames.columns import Sighting, as_numbers, as_text
from web.exchange.frames.csv_chunks import open_csv
from web.exchange.frames.kinds import NUMBER, TEXT, Kind
from web.exchange.frames.refusal import refusal

Advance = Callable[[int], object]  # told how many rows more have been read
Wanted = Mapping[str, str]  # covariate -> NUMBER or TEXT
LONGEST_NAME = 1_000


@dataclass(frozen=True)
class Frame:
    """Columns of one length, and the number of each row as its program counts."""

    file: str
    columns: dict[str, np.ndarray]
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)


def read_frame(
    path: Path, kind: Kind, *, wanted: Wanted | None = None, text: Collection[str] = (), advance: Advance | None = None
) -> Frame:
    """All rows of a table. Raises BadFrame.

    ``wanted`` names the covariates to take and what they are; without it every column is taken, as text where
    ``text`` names it, else as its cells have it.
    """
    table = open_table(path, kind)
    chosen = _decided(table, kind, text) if wanted is None else _chosen(table, kind, wanted)
    known: dict[str, str] = {}
    parts = [_block(table, kind, chunk, chosen, known, advance) for chunk in table.chunks(chosen)]
    columns = {
        name: np.concatenate([part.columns[name] for part in parts]) if parts else np.array([], dtype=object)
        for name in chosen
    }
    frame = Frame(table.file, columns, np.concatenate([part.rows for part in parts]) if parts else np.array([], int))
    if kind.once:
        each_stands_once(frame.file, kind.once, frame.columns[kind.once], frame.rows)
    return frame


def read_blocks(path: Path, kind: Kind, *, wanted: Wanted, advance: Advance | None = None) -> Iterator[Frame]:
    """The rows of a table some at a time, for tables of any length. Raises BadFrame, perhaps in the middle."""
    table = open_table(path, kind)
    chosen = _chosen(table, kind, wanted)
    for chunk in table.chunks(chosen):
        yield _block(table, kind, chunk, chosen, {}, advance)


def column_names(path: Path, kind: Kind) -> tuple[str, ...]:
    """The names of a table's columns. Raises BadFrame."""
    return open_table(path, kind).names


def open_table(path: Path, kind: Kind) -> Table:
    """A CSV file, or Parquet by its suffix. Raises BadFrame for what is not there or lacks the kind's columns."""
    try:
        is_there = path.is_file()
    except OSError:  # a name that is too long for one
        is_there = False
    if not is_there:
        raise refusal(str(path)[:LONGEST_NAME], "no_file", "there is no such file")
    if path.suffix.lower() == ".parquet":
        from web.exchange.frames.parquet_chunks import open_parquet

        table = open_parquet(path)
    else:
        table = open_csv(path, kind)
    check_names(table.file, table.names, kind)
    return table


def _chosen(table: Table, kind: Kind, wanted: Wanted) -> dict[str, str]:
    given = {**wanted, **{name: kind.own[name] for name in kind.required}}
    return {name: given[name] for name in table.names if name in given}


def _decided(table: Table, kind: Kind, text: Collection[str]) -> dict[str, str]:
    """Every column, and whether it is numbers or text; each cell of an undecided one is looked at."""
    given = {name: kind.own.get(name) or (TEXT if name in text else None) for name in table.names}
    open_ones = {name: Sighting() for name, form in given.items() if form is None}
    if open_ones:
        for chunk in table.chunks(dict.fromkeys(open_ones)):
            for name, sighting in open_ones.items():
                sighting.look(chunk.columns[name], chunk.rows)
    return {name: form or open_ones[name].decided(table.file, name) for name, form in given.items()}


def _block(
    table: Table, kind: Kind, chunk: Chunk, chosen: Wanted, known: dict[str, str], advance: Advance | None
) -> Frame:
    columns = {
        name: as_numbers(chunk.columns[name], chunk.rows, table.file, name)
        if form == NUMBER
        else as_text(chunk.columns[name], known)
        for name, form in chosen.items()
    }
    check_values(table.file, kind, columns, chunk.rows)
    if advance is not None:
        advance(len(chunk.rows))
    return Frame(table.file, columns, np.array(chunk.rows, dtype=np.int64))
