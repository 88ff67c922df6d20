"""Predictions written block by block, in CSV or Parquet by the suffix: a million pairs need little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from web.exchange.replacing import replacing
from web.exchange.sheet import quoting
from web.exchange.sheet.protection import protect

IDS = ("client_id", "therapist_id")
PREDICTIONS = (*IDS, "mean", "sd", "lower80", "upper80", "personal")

Write = Callable[[Mapping[str, np.ndarray]], None]


@contextmanager
def writing_predictions(path: Path) -> Iterator[Write]:
    """A function that takes the next rows; the file has its place when the block ends well, and else stays as it was.

    Numbers have all their digits. In CSV an id that a spreadsheet would run as a formula has an apostrophe before it.
    """
    form = _parquet if path.suffix.lower() == ".parquet" else _csv
    with replacing(path) as beside, form(beside, path.name) as write:
        yield write


@contextmanager
def _csv(path: Path, _name: str) -> Iterator[Write]:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = quoting.writer(stream)
        writer.writerow(PREDICTIONS)

        def write(columns: Mapping[str, np.ndarray]) -> None:
            ids = [map(protect, columns[name].tolist()) for name in IDS]
            writer.writerows(zip(*ids, *(columns[name].tolist() for name in PREDICTIONS[2:]), strict=True))

        yield write


@contextmanager
def _parquet(path: Path, name: str) -> Iterator[Write]:
    from web.exchange.frames.parquet_chunks import pyarrow

    library = pyarrow(name)
    types = [library.string() if column in IDS else library.float64() for column in PREDICTIONS]
    schema = library.schema(list(zip(PREDICTIONS, types, strict=True)))
    with library.parquet.ParquetWriter(path, schema) as writer:
        yield lambda columns: writer.write_table(
            library.table([columns[column] for column in PREDICTIONS], schema=schema)
        )
