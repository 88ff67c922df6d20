"""Cells as text: what nobody can see in them, which of them are numbers, and what was perhaps meant as one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from web.exchange.frames.refusal import refusal

LARGEST = 1e100  # squares of larger numbers leave float64
EXPECTED = "expected a number such as 0.8, or an empty cell where it is missing"
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_NOT_FINITE = {"nan", "inf", "infinity"}
_PLACEHOLDERS = {"na", "n/a", "#n/a", "null", "none", "nil", "-", "--", "–", "—", "?", ".", "<na>", "nat"}


def check_letters(file: str, column: str, cells: Sequence[str], rows: Sequence[int]) -> None:
    """Raises BadFrame for bytes that are no text, NUL and other signs that nobody sees."""
    joined = "".join(cells)
    if (joined.isascii() and joined.isprintable()) or not _INVISIBLE.search(joined):
        return
    for row, cell in zip(rows, cells, strict=True):
        if found := _INVISIBLE.search(cell):
            if "\udc80" <= found[0] <= "\udcff":
                mend = "bytes that are no text in UTF-8; save the file as CSV (UTF-8)"
                raise refusal(file, "broken_bytes", mend, row=row, column=column, value=cell)
            mend = f"the sign U+{ord(found[0]):04X} is invisible; remove it"
            raise refusal(file, "control_character", mend, row=row, column=column, value=cell)


def parsed(cells: Sequence[str]) -> np.ndarray | None:
    """Cells as float64, NaN for empty ones; None where one is no finite number of a usual size in usual digits."""
    written = [cell for cell in cells if cell]
    joined = "".join(written)
    if "_" in joined or not joined.isascii():  # Python reads 1_000 and ١ as numbers, other programs do not
        return None
    try:
        numbers = np.array(list(map(float, written)), dtype=np.float64)
    except ValueError:
        return None
    if not np.all(np.abs(numbers) <= LARGEST):  # nor is NaN
        return None
    if len(written) == len(cells):
        return numbers
    found = np.full(len(cells), np.nan)
    found[np.fromiter(map(bool, cells), dtype=bool, count=len(cells))] = numbers
    return found


def is_number(cell: str) -> bool:
    """Whether a cell is a number or empty."""
    return parsed([cell]) is not None


def meant_as_number(cell: str) -> str:
    """How to mend a cell that is no number and stands among numbers; empty where it is plain text."""
    word = cell.casefold()
    if is_beyond(cell):
        return f"only finite numbers up to {LARGEST:g} can be taken; correct it, or leave the cell empty"
    if word in _PLACEHOLDERS:
        return "leave the cell empty where the value is missing"
    return ""


def is_beyond(cell: str) -> bool:
    """Whether a cell is NaN, infinite, or a number too large."""
    if cell.casefold().lstrip("+-") in _NOT_FINITE:
        return True
    try:
        return cell.isascii() and "_" not in cell and not abs(float(cell)) <= LARGEST
    except ValueError:
        return False
