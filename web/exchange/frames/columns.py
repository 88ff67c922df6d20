"""From a column's cells to an array: numbers as float64 with NaN for missing, text as objects with "" for missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from web.exchange.frames.cells import EXPECTED, is_beyond, is_number, meant_as_number, parsed
from web.exchange.frames.chunks import Cells
from web.exchange.frames.kinds import NUMBER, TEXT
from web.exchange.frames.refusal import refusal


@dataclass
class Sighting:
    """What has been seen of a covariate so far, to decide whether it is numbers or text."""

    numbers: bool = False
    plain: bool = False
    odd: tuple[int, str] | None = None  # row and cell of the first that was perhaps meant as a number
    beyond: bool = False

    def look(self, cells: Cells, rows: Sequence[int]) -> None:
        if self.plain:
            return
        if isinstance(cells, np.ndarray):
            self.numbers = True
        elif parsed(cells) is not None:
            self.numbers = self.numbers or any(cells)
        else:
            self._look_closely(cells, rows)

    def _look_closely(self, cells: Sequence[str], rows: Sequence[int]) -> None:
        for row, cell in zip(rows, cells, strict=True):
            if is_number(cell):
                self.numbers = self.numbers or bool(cell)
            elif not meant_as_number(cell):
                self.plain = True
                return
            else:
                self.odd = self.odd or (row, cell)
                self.beyond = self.beyond or is_beyond(cell)

    def decided(self, file: str, column: str) -> str:
        """Raises BadFrame for a cell among numbers that was meant as one and is none: it must not turn them to text."""
        if self.plain:
            return TEXT
        if self.odd is not None and (self.numbers or self.beyond):
            row, cell = self.odd
            raise refusal(file, "not_a_number", meant_as_number(cell), row=row, column=column, value=cell)
        return TEXT if self.odd else NUMBER


def as_numbers(cells: Cells, rows: Sequence[int], file: str, column: str) -> np.ndarray:
    """Raises BadFrame for the first cell that is no finite number."""
    if isinstance(cells, np.ndarray):
        return cells
    found = parsed(cells)
    if found is not None:
        return found
    row, cell = next((row, cell) for row, cell in zip(rows, cells, strict=True) if not is_number(cell))
    raise refusal(file, "not_a_number", meant_as_number(cell) or EXPECTED, row=row, column=column, value=cell)


def as_text(cells: Cells, known: dict[str, str]) -> np.ndarray:
    """Equal texts are one object, through ``known``: a column of a million rows and few levels stays small."""
    found = np.empty(len(cells), dtype=object)
    found[:] = [known.setdefault(cell, cell) for cell in cells]
    return found
