"""Any table as named columns, by duck typing: a mapping, a data frame, an Arrow table, a structured array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput

Values = NDArray[Any]
Floats = NDArray[np.float64]
Codes = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]

LARGEST = 1e100  # squares of larger numbers leave float64
EXACT = 2**53  # from there on float64 gives one number to several whole ones, and so one id to several people
WHOLE = "iu"
WIDEST = 8  # numbers between the lowest and the highest id, for each rating: a table of them costs a byte each
ROWS = 1 << 15  # at a time where a column is gone through: they stay in the processor's cache
_NUMERIC_KINDS = "biuf"
_GAPS = {"f": np.nan, "M": np.datetime64("NaT"), "m": np.timedelta64("NaT")}  # by kind; None for all others
_LONGEST = 4_000  # digits of a whole number; Python writes no more than 4,300


def columns(table: Any, place: str) -> dict[str, Values]:
    """The columns of a table as arrays of one length; ``place`` names the table in errors."""
    names, column = _access(table, place)
    given = [str(name) for name in names]
    if len(set(given)) < len(given):
        twice = next(name for at, name in enumerate(given) if name in given[:at])
        raise InvalidInput(place, twice, "expected each column once")
    found = {str(name): _array(column(name)) for name in names}
    for name, values in found.items():
        if values.ndim != 1:
            raise InvalidInput(f"{place}.{name}", values.shape, "expected one value a row")
    lengths = {name: len(values) for name, values in found.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidInput(place, lengths, "expected columns of equal length")
    return found


def _access(table: Any, place: str) -> tuple[Iterable[Any], Any]:
    if isinstance(table, Mapping):
        return table.keys(), table.__getitem__
    if hasattr(table, "column_names") and hasattr(table, "column"):
        return table.column_names, table.column
    if hasattr(table, "columns") and hasattr(table, "__getitem__"):
        return table.columns, table.__getitem__
    if isinstance(table, np.ndarray) and table.dtype.names:
        return table.dtype.names, table.__getitem__
    raise InvalidInput(place, type(table).__name__, "expected a table with named columns, such as a dict of lists")


def _array(column: Any) -> Values:
    if isinstance(column, np.ma.MaskedArray):
        return _unmasked(column)
    if hasattr(column, "__array__") or not isinstance(column, Iterable):
        return _exact(np.asarray(column), column)  # a single value has no rows, and is refused for it
    if hasattr(column, "to_numpy"):
        return _exact(np.asarray(column.to_numpy()), column)
    filled = list(column)
    kinds = {type(value) for value in filled}
    found = _plain(filled, kinds) if kinds <= {int, float, bool} else None
    if found is None:
        found = np.empty(len(filled), dtype=object)
        found[:] = filled
    return found


def _unmasked(column: Any) -> Values:
    """What is masked is missing."""
    kind = column.dtype.kind
    found = np.array(column.data, dtype=None if kind in _GAPS else object)
    found[np.ma.getmaskarray(column)] = _GAPS.get(kind)
    return found if np.ma.is_masked(column) else np.asarray(column.data)


def _exact(found: Values, column: Any) -> Values:
    """Frames make whole numbers with gaps float64: from their own values, where that would round them."""
    listed = getattr(column, "to_pylist", None) or getattr(column, "to_list", None)
    return _array(listed()) if listed is not None and _may_be_rounded(found) else found


def _plain(filled: list[Any], kinds: set[type]) -> Values | None:
    """Python's numbers as an array; None where that would round whole ones."""
    try:
        found = np.asarray(filled, dtype=np.float64 if float in kinds else None)
    except OverflowError:
        return None
    return None if int in kinds and _may_be_rounded(found) else found


def _may_be_rounded(found: Values) -> bool:
    return found.dtype.kind == "f" and bool(np.any(np.abs(found) >= EXACT))


def is_missing(value: object) -> bool:
    if value is None or (isinstance(value, str) and not value):
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, (float, np.floating, np.datetime64, np.timedelta64)):
        return bool(value != value)
    return type(value).__name__ in {"NAType", "NaTType", "MaskedConstant"}


def numbers(values: Values, place: str) -> Floats | None:
    """A column as float64 with NaN for missing; None where it holds text. Infinite numbers are refused."""
    if values.dtype.kind in _NUMERIC_KINDS:
        found = values.astype(np.float64, copy=False)
    elif values.dtype.kind in "OUST":
        parsed = _parsed(values, place)
        if parsed is None:
            return None
        found = parsed
    else:
        raise InvalidInput(place, str(values.dtype), "expected numbers or text; turn dates into days, for instance")
    if len(found) and max(np.fmax.reduce(found), -np.fmin.reduce(found)) > LARGEST:
        wrong = np.flatnonzero(np.abs(found) > LARGEST)
        raise InvalidInput(f"{place}, row {wrong[0] + 1}", found[wrong[0]], "expected a finite number")
    return found


def _parsed(values: Values, place: str) -> Floats | None:
    found = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if is_missing(value):
            continue
        if not _is_number(value):
            return None
        try:
            found[i] = float(value)
        except OverflowError:
            raise InvalidInput(f"{place}, row {i + 1}", value, "expected a finite number") from None
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (Real, Decimal))


def no_number(values: Values) -> object:
    """The first value that keeps a column from being numbers."""
    return next(value for value in values if not is_missing(value) and not _is_number(value))


def texts(values: Values) -> Values:
    """A column as text, an object array of str; missing is the empty text, 7 and 7.0 are both ``7``."""
    found = np.empty(len(values), dtype=object)
    if values.dtype.kind in "UT":
        found[:] = values.tolist()
    elif values.dtype.kind == "O":
        given = values.tolist()
        all_text = set(map(type, given)) <= {str}
        found[:] = given if all_text else [value if type(value) is str else _text(value) for value in given]
    else:
        levels, places = np.unique(values, return_inverse=True)
        found[:] = np.array([_text(level) for level in levels.tolist()], dtype=object)[places]
    return found


def _text(value: object) -> str:
    if is_missing(value):
        return ""
    if isinstance(value, np.floating):
        value = float(value)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    try:
        return str(value)
    except ValueError:
        raise InvalidInput("id or level", value, "a number of so many digits cannot be read; give it as text") from None


def _decimal_text(value: Decimal) -> str:
    """All digits, and no zeros at the end: 2.50 is 2.5."""
    if not value.is_finite() or abs(value.adjusted()) > _LONGEST:
        return str(value)
    return str(int(value)) if value == value.to_integral_value() else f"{value:f}".rstrip("0")


def blocks_of_rows(n: int) -> list[slice]:
    return [slice(at, min(at + ROWS, n)) for at in range(0, n, ROWS)]


def mean_and_deviation(values: Floats, weight: Floats) -> tuple[float, float]:
    """Weighted mean and standard deviation, without a copy of the column."""
    parts, total = blocks_of_rows(len(values)), float(weight.sum())
    mean = sum(float(weight[part] @ values[part]) for part in parts) / total
    squares = sum(float(weight[part] @ (values[part] - mean) ** 2) for part in parts)
    return mean, (squares / total) ** 0.5


def place_of(levels: Iterable[str]) -> dict[str, int]:
    return {level: place for place, level in enumerate(levels)}


def located(ids: Values, places: Mapping[str, int]) -> Codes:
    """The place of each text among the levels, -1 for one that is not there."""
    return np.fromiter(map(places.get, ids.tolist(), repeat(-1)), dtype=np.int64, count=len(ids))


def coded(ids: Values) -> tuple[tuple[str, ...], Codes]:
    """The texts in order, and the place of each id among them; whole numbers are ordered as their texts are."""
    if ids.dtype.kind in WHOLE:
        return _coded_numbers(ids)
    given = ids.tolist()
    levels = tuple(sorted(set(given)))
    return levels, np.fromiter(map(place_of(levels).__getitem__, given), dtype=np.int32, count=len(given))


def _coded_numbers(ids: Values) -> tuple[tuple[str, ...], Codes]:
    """Without a text a row: only the numbers that occur become texts."""
    low = int(ids.min()) if len(ids) else 0
    high = int(ids.max()) if len(ids) else -1
    if high - low < WIDEST * len(ids):
        above = np.subtract(ids, low % 2**64, dtype=np.uint64, casting="unsafe")  # modulo 2⁶⁴, as int64 may not reach
        found, at = distinct(above.view(np.int64), high - low + 1)
        numbers = [low + each for each in found.tolist()]
    else:
        found, at = np.unique(ids, return_inverse=True)
        numbers = found.tolist()
    levels = list(map(str, numbers))
    order = sorted(range(len(levels)), key=levels.__getitem__)
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order))
    return tuple(levels[each] for each in order), place[at]


def distinct(values: Codes, size: int) -> tuple[Codes, Codes]:
    """What ``np.unique`` gives with the inverse, of numbers from 0 to below ``size``: by a table, without sorting."""
    occurs = np.zeros(size, dtype=bool)
    occurs[values] = True
    place = np.cumsum(occurs, dtype=np.int32)
    place -= 1
    return np.flatnonzero(occurs), place[values]


@dataclass(frozen=True)
class Keyed:
    """A table with one row an id: covariates of clients or of therapists."""

    place: str
    rows: Mapping[str, int]
    columns: Mapping[str, Values]

    @classmethod
    def read(cls, table: Any, place: str, key: str) -> Keyed:
        if table is None:
            return cls(place, {}, {})
        found = columns(table, place)
        if key not in found:
            raise InvalidInput(place, sorted(found), f"expected a column named {key}")
        ids = texts(found.pop(key)).tolist()
        rows = place_of(ids)
        if "" in rows:
            raise InvalidInput(f"{place}.{key}, row {ids.index('') + 1}", "", "expected an id")
        if len(rows) < len(ids):
            twice = next(text for row, text in enumerate(ids) if rows[text] != row)
            raise InvalidInput(f"{place}.{key}", twice, "expected each id once")
        return cls(place, rows, found)

    def aligned(self, name: str, ids: Values) -> Values:
        """The column's values for these ids, None for an id that the table does not hold."""
        values = self.columns[name]
        at = located(ids, self.rows)
        read = values.astype(np.float64) if values.dtype.kind in _NUMERIC_KINDS else None
        if read is not None and not (values.dtype.kind in WHOLE and _may_be_rounded(read)):
            return np.where(at >= 0, read[at], np.nan) if len(values) else np.full(len(at), np.nan)
        found = np.full(len(at), None, dtype=object)
        found[at >= 0] = values[at[at >= 0]]
        return found
