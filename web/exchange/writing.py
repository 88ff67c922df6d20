"""CSV files of therapists, clients and ratings: UTF-8, commas, one header, the same bytes for the same rows."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from matcher.entities import Intake, Rating, Therapist
from web.exchange.sheet import quoting
from web.exchange.sheet.columns import CLIENTS, KINDS, RATINGS, THERAPISTS, Column, Kind


def write_therapists(path: Path | str, therapists: Iterable[Therapist]) -> None:
    """Write a therapists file that ``read_therapists`` reads back as the same therapists."""
    _write_file(Path(path), THERAPISTS, therapists)


def write_clients(path: Path | str, intakes: Iterable[Intake]) -> None:
    """Write a clients file that ``read_clients`` reads back as the same intakes."""
    _write_file(Path(path), CLIENTS, intakes)


def write_ratings(path: Path | str, ratings: Iterable[Rating]) -> None:
    """Write a ratings file that ``read_ratings`` reads back as the same ratings."""
    _write_file(Path(path), RATINGS, ratings)


def write_to(stream: TextIO, kind: str, entities: Iterable[Any]) -> None:
    """Write a file of a kind (``therapists``, ``clients``, ``ratings``, ``scores``) to an open stream, header first."""
    _write(stream, KINDS[kind], entities)


def template(kind: str) -> str:
    """A file of a kind with an example row, to be filled in."""
    columns = KINDS[kind].columns
    stream = io.StringIO()
    rows = quoting.writer(stream)
    rows.writerow([column.name for column in columns])
    rows.writerow([column.example for column in columns])
    return stream.getvalue()


def _write_file(path: Path, kind: Kind, entities: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        _write(stream, kind, entities)


def _write(stream: TextIO, kind: Kind, entities: Iterable[Any]) -> None:
    rows = quoting.writer(stream)
    rows.writerow([column.name for column in kind.columns])
    for entity in entities:
        document = kind.document(entity)
        rows.writerow([_cell(column, document) for column in kind.columns])


def _cell(column: Column, document: dict[str, Any]) -> str:
    value: Any = document
    for part in column.path:
        value = value.get(part) if value else None
    return "" if value is None else column.form.write(value)
