"""What the columns with a meaning of their own may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from web.exchange import moments
from web.exchange.frames.kinds import NUMBER, Kind
from web.exchange.frames.refusal import refusal
from web.exchange.problems import Unreadable

LARGEST_SCORE, LARGEST_WEIGHT = 1e12, 1e6  # as the model has them


def check_values(file: str, kind: Kind, columns: Mapping[str, np.ndarray], rows: Sequence[int]) -> None:
    """Raises BadFrame for an id that is lacking, and for numbers and moments that cannot be."""
    for name in kind.named:
        mend = "every row needs this id; write it, or remove the row"
        _refuse_first(file, name, columns, rows, columns[name] == "", mend)
    for name, (is_wrong, mend) in _RULES.items():
        if kind.own.get(name) == NUMBER and name in columns:
            _refuse_first(file, name, columns, rows, is_wrong(columns[name]), mend)
    if "rated_at" in kind.own and "rated_at" in columns:
        _check_moments(file, columns["rated_at"], rows)


def each_stands_once(file: str, name: str, ids: np.ndarray, rows: np.ndarray) -> None:
    """Raises BadFrame for the first id that stands in a second row."""
    first: dict[str, int] = {}
    for row, text in zip(rows.tolist(), ids.tolist(), strict=True):
        if first.setdefault(text, row) != row:
            mend = f"this id stands in row {first[text]} already; keep one of the two"
            raise refusal(file, "repeated", mend, row=row, column=name, value=text)


def _not_a_session(found: np.ndarray) -> np.ndarray:
    return (found < 1) | (found != np.floor(found)) & ~np.isnan(found)


_Rule = tuple[Callable[[np.ndarray], np.ndarray], str]
_RULES: Mapping[str, _Rule] = {
    "score": (lambda found: np.abs(found) > LARGEST_SCORE, "expected a score on the questionnaire's scale"),
    "session": (_not_a_session, "sessions are counted 1, 2, 3 …; leave the cell empty where it is not known"),
    "weight": (
        lambda found: ~((found >= 0) & (found <= LARGEST_WEIGHT)),
        f"expected a number from 0 to {LARGEST_WEIGHT:g}; write 1 for a rating like any other",
    ),
}


def _refuse_first(
    file: str, name: str, columns: Mapping[str, np.ndarray], rows: Sequence[int], wrong: np.ndarray, mend: str
) -> None:
    at = np.flatnonzero(wrong)
    if len(at):
        value = columns[name][at[0]]
        shown = value if isinstance(value, str) else "" if np.isnan(value) else f"{value:.12g}"
        raise refusal(file, "out_of_range", mend, row=rows[at[0]], column=name, value=shown)


def _check_moments(file: str, found: np.ndarray, rows: Sequence[int]) -> None:
    for row, text in zip(rows, found.tolist(), strict=True):
        if text:
            try:
                moments.read_moment(text)
            except Unreadable as error:
                fault = error.faults[0]
                raise refusal(file, fault.code, fault.mend, row=row, column="rated_at", value=text) from error
