"""Parquet, read some rows at a time. pyarrow is an optional extra, loaded when the first such file is met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from web.exchange.frames.cells import LARGEST, check_letters
from web.exchange.frames.chunks import ROWS, Cells, Chunk, Table
from web.exchange.frames.kinds import TEXT
from web.exchange.frames.refusal import refusal

LARGEST_PART_BYTES = 100_000_000  # of one column, unpacked: a million rows of a hundred letters
LONGEST_BYTES = 40_000  # of one cell: ten thousand letters, as in CSV


def pyarrow(file: str) -> Any:
    """The library with its Parquet part, or a refusal that says how to get it."""
    try:
        import pyarrow as library
        import pyarrow.parquet
    except ImportError:
        mend = 'Parquet needs pyarrow: pip install "rapport[parquet]", or use CSV'
        raise refusal(file, "no_parquet", mend) from None
    return library


def open_parquet(path: Path) -> Table:
    """Rows are counted from 1: there is no header. NaN is how many programs write a missing number, and is taken so."""
    library = pyarrow(path.name)
    try:
        names = tuple(library.parquet.read_schema(path).names)
    except (library.ArrowException, OSError) as error:
        raise _broken(path.name) from error

    def chunks(wanted: Mapping[str, str | None]) -> Iterator[Chunk]:
        try:
            columns, first = [name for name in names if name in wanted], 1
            texts = _columns_of_text(library, path)
            with library.parquet.ParquetFile(path, read_dictionary=texts) as source:
                _check_sizes(path.name, source.metadata)
                for batch in source.iter_batches(ROWS, columns=columns):
                    rows = range(first, first + batch.num_rows)
                    first += batch.num_rows
                    cells = {n: _cells(library, path.name, n, batch.column(n), rows, wanted[n]) for n in columns}
                    yield Chunk(rows, cells)
        except (library.ArrowException, OSError) as error:
            raise _broken(path.name) from error

    return Table(path.name, names, chunks)


def _columns_of_text(library: Any, path: Path) -> list[str]:
    """Those whose repeated texts are kept once while a part is read, so that few letters cannot fill the memory."""
    kinds, schema = library.types, library.parquet.read_schema(path)
    return [field.name for field in schema if kinds.is_string(field.type) or kinds.is_large_string(field.type)]


def _check_sizes(file: str, metadata: Any) -> None:
    """Raises BadFrame for a part that is far larger than any table of ours once it is unpacked."""
    for group in (metadata.row_group(k) for k in range(metadata.num_row_groups)):
        largest = max((group.column(k).total_uncompressed_size for k in range(group.num_columns)), default=0)
        if largest > LARGEST_PART_BYTES:
            mend = f"a column of {largest:,} bytes in one part; at most {LARGEST_PART_BYTES:,} can be taken"
            raise refusal(file, "too_large", mend)


def _check_lengths(library: Any, file: str, name: str, texts: Any) -> None:
    import pyarrow.compute

    if not (library.types.is_string(texts.type) or library.types.is_large_string(texts.type)) or not len(texts):
        return
    longest = pyarrow.compute.max(pyarrow.compute.binary_length(texts)).as_py() or 0
    if longest > LONGEST_BYTES:
        raise refusal(
            file, "too_long", f"a cell holds at most {LONGEST_BYTES:,} bytes, one has {longest:,}", column=name
        )


def _broken(file: str) -> Exception:
    return refusal(file, "not_parquet", "this is no Parquet file, or it is damaged; write it again, or use CSV")


def _cells(library: Any, file: str, name: str, column: Any, rows: range, wanted: str | None) -> Cells:
    kind = library.types
    if kind.is_dictionary(column.type):
        _check_lengths(library, file, name, column.dictionary)  # before each is as often as it is named
        column = column.dictionary_decode()
    found = column.type
    if kind.is_string(found) or kind.is_large_string(found) or kind.is_string_view(found):
        return _texts(file, name, column, rows)
    if kind.is_boolean(found):  # as CSV has them
        return ["" if value is None else str(value) for value in column.to_pylist()]
    if wanted == TEXT and kind.is_decimal(found):
        return [_decimal_text(value) for value in column.to_pylist()]
    if wanted == TEXT and (kind.is_integer(found) or kind.is_temporal(found)):
        if kind.is_timestamp(found) and found.tz is not None:  # the same moment, written with Z
            column = column.cast(library.timestamp(found.unit, "UTC"))
        return _texts(file, name, column.cast(library.string()), rows)
    if kind.is_null(found) or kind.is_integer(found) or kind.is_floating(found) or kind.is_decimal(found):
        numbers = _numbers(library, file, name, column, rows)
        return [_written(number) for number in numbers.tolist()] if wanted == TEXT else numbers
    mend = f"columns of type {found} cannot be taken; make it a number or text (a date, for instance, into days)"
    raise refusal(file, "column_type", mend, column=name)


def _texts(file: str, name: str, column: Any, rows: range) -> list[str]:
    found = [(value or "").strip() for value in column.to_pylist()]
    check_letters(file, name, found, rows)
    return found


def _numbers(library: Any, file: str, name: str, column: Any, rows: range) -> np.ndarray:
    as_floats = column.cast(library.float64(), safe=False)  # whole numbers from 2⁵³ on are rounded
    found = np.array(as_floats.to_numpy(zero_copy_only=False), dtype=np.float64)
    wrong = np.flatnonzero(np.abs(found) > LARGEST)
    if len(wrong):
        mend = f"only finite numbers up to {LARGEST:g} can be taken; correct it, or leave it out"
        raise refusal(file, "not_a_number", mend, row=rows[wrong[0]], column=name, value=float(found[wrong[0]]))
    return found


def _written(number: float) -> str:
    """A number as the text of an id or a level: 7.0 is 7, as whole numbers with gaps are often stored."""
    if number != number:
        return ""
    return str(int(number)) if number.is_integer() else str(number)


def _decimal_text(value: Decimal | None) -> str:
    """All digits, which a float would not keep, without zeros at the end: 7.00 is 7."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
