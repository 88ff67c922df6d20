"""A document of everything about somebody, as it is taken along: as JSON, or as one CSV table for each kind of row."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from web.exchange.sheet.protection import protect

JSON, ZIP = "application/json", "application/zip"


def as_json(document: Mapping[str, Any]) -> tuple[bytes, str]:
    """(bytes, media type) of the document, in UTF-8, for people to read as well."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode(), JSON


def as_tables(document: Mapping[str, Any]) -> tuple[bytes, str]:
    """(bytes, media type) of a ZIP file with ``everything.json`` and ``<table>.csv`` for each of ``rows``.

    A cell that a spreadsheet would run as a formula has an apostrophe before it; a document or list in a cell is JSON.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("everything.json"), as_json(document)[0])
        for table, rows in sorted(document["rows"].items()):
            archive.writestr(_entry(f"{table}.csv"), _table(rows))
    return packed.getvalue(), ZIP


def _entry(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    found.compress_type = zipfile.ZIP_DEFLATED
    return found


def _table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return stream.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return protect(json.dumps(value, ensure_ascii=False))
    return protect(value) if isinstance(value, str) else value
