"""A table as it comes from its file: some rows at a time, each column with its cells as text or as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from web.exchange.frames.kinds import Kind
from web.exchange.frames.refusal import refusal

ROWS = 20_000  # at a time: with a hundred columns of text about 100 MB
MAX_COLUMNS = 1_000

Cells = list[str] | np.ndarray  # text without white space around it, empty for missing; or float64 with NaN for missing


@dataclass(frozen=True)
class Chunk:
    """Some rows: their numbers as their program counts them, and their cells by column."""

    rows: Sequence[int]
    columns: Mapping[str, Cells]


@dataclass(frozen=True)
class Table:
    """An open table. ``chunks`` takes what is wanted of it: the columns, and for each whether it is to be text.

    A column that is wanted as neither text nor number comes as its file has it.
    """

    file: str
    names: tuple[str, ...]
    chunks: Callable[[Mapping[str, str | None]], Iterator[Chunk]]


def check_names(file: str, names: Sequence[str], kind: Kind) -> None:
    """Raises BadFrame for a header with an empty, repeated or missing name."""
    if len(names) > MAX_COLUMNS:
        mend = f"at most {MAX_COLUMNS:,} columns; remove those that are no covariates"
        raise refusal(file, "too_many_columns", mend, value=len(names))
    if "" in names:
        mend = f"column {names.index('') + 1} has no name; name it or remove it"
        raise refusal(file, "unnamed_column", mend, row=1, value="")
    for name in names:
        if names.count(name) > 1:
            mend = f"this column stands here {names.count(name)} times; keep one"
            raise refusal(file, "repeated_column", mend, row=1, column=name, value=name)
    for name in kind.required:
        if name not in names:
            raise refusal(file, "missing_column", _missing(name, names, kind), row=1, column=name)


def _missing(name: str, names: Sequence[str], kind: Kind) -> str:
    alike = next((other for other in names if other.casefold().replace(" ", "_") == name), None)
    if alike:
        return f"this column is required and its name is written so; rename {alike[:60]!r}"
    there = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
    return f"a {kind.name} file must have this column; add it (there are {there[:200]})"
