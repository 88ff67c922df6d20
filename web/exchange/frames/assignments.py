"""The file of an assignment: a row a client, in the order in which they came, CSV or Parquet by the suffix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from web.exchange.replacing import replacing
from web.exchange.sheet import quoting
from web.exchange.sheet.protection import protect

COLUMNS = ("client_id", "therapist_id", "score", "reason")
Line = tuple[str, str | None, float | None, str | None]


def write_assignment(path: Path, lines: Sequence[Line]) -> None:
    """Write all rows or none. Whoever is not placed has an empty therapist and score, and a reason."""
    with replacing(path) as beside:
        if path.suffix.lower() == ".parquet":
            _parquet(beside, path.name, lines)
        else:
            _csv(beside, lines)


def _csv(path: Path, lines: Sequence[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = quoting.writer(stream)
        writer.writerow(COLUMNS)
        for client, therapist, score, reason in lines:
            writer.writerow(
                [protect(client), protect(therapist or ""), "" if score is None else score, protect(reason or "")]
            )


def _parquet(path: Path, name: str, lines: Sequence[Line]) -> None:
    from web.exchange.frames.parquet_chunks import pyarrow

    library = pyarrow(name)
    types = (library.string(), library.string(), library.float64(), library.string())
    schema = library.schema(list(zip(COLUMNS, types, strict=True)))
    columns = list(zip(*lines, strict=True)) if lines else [()] * len(COLUMNS)
    arrays = [library.array(column, type=kind) for column, kind in zip(columns, types, strict=True)]
    library.parquet.write_table(library.Table.from_arrays(arrays, schema=schema), path)
