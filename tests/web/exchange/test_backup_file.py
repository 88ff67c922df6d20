"""The file of a backup: rows of every kind and size come back as they were, and what is no whole file is none."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from web.db import crypto
from web.exchange import backup_file
from web.exchange.backup_file import BadBackup

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
Row = tuple[str, dict[str, Any]]


def kept(path: Path, rows: list[Row]) -> list[Row]:
    """What is read again of what was written."""
    path.unlink(missing_ok=True)
    assert backup_file.write(path, "0001", NOW, rows, crypto.derived) == len(rows)
    backup_file.check(path, crypto.derived)
    return list(backup_file.read(path, crypto.derived))


def test_values_of_every_kind_come_back_as_they_were(tmp_path: Path) -> None:
    row = {
        "none": None, "yes": True, "n": 7, "share": 0.25, "words": "Zo\u00eb\n\u2028", "id": UUID(int=5), "at": NOW,
        "day": date(2026, 3, 2), "sealed": bytes(range(256)), "list": [1, [2]], "said": {"uuid": "as it was said"},
    }  # fmt: skip
    (found,) = kept(tmp_path / "one.backup", [("a", row)])
    assert found == ("a", row) and type(found[1]["day"]) is date
    assert kept(tmp_path / "one.backup", []) == []


def test_rows_of_any_size_come_back_however_the_pieces_fall(tmp_path: Path) -> None:
    """Around the length of a piece, and over several: what cannot be compressed shows where it is cut."""
    rng, path = random.Random(5), tmp_path / "one.backup"
    for size in (*range(230_000, 300_000, 5_000), 700_000):
        rows = [("a", {"sealed": rng.randbytes(size)}), ("b", {"n": size})]
        assert kept(path, rows) == rows, size
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadBackup):
        list(backup_file.read(path, crypto.derived))


def test_a_backup_that_fails_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[Row]:
        yield "a", {"n": 1}
        raise OSError("the database is gone")

    with pytest.raises(OSError, match="the database is gone"):
        backup_file.write(tmp_path / "one.backup", "0001", NOW, failing(), crypto.derived)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("left_out", ["the end of the compressed lines", "the end of a line"])
def test_a_whole_file_that_ends_in_the_middle_of_a_row_is_no_backup(tmp_path: Path, left_out: str) -> None:
    """Sealed by the right key to the last piece, so that nothing but its own content tells."""
    path = tmp_path / "one.backup"
    with path.open("wb") as file:
        writer = backup_file._Writer(file, "0001", NOW, crypto.derived)
        file.write(backup_file._MAGIC + writer._line)
        content = zlib.compress(b'["a", {}]\n["b", {"n": 1}]')
        writer._put(content if left_out == "the end of a line" else content[:-6], is_last=True)
    with pytest.raises(BadBackup, match="in the middle of a row"):
        list(backup_file.read(path, crypto.derived))
    if left_out != "the end of a line":
        with pytest.raises(BadBackup, match="in the middle of a row"):
            backup_file.check(path, crypto.derived)
