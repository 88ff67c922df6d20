"""The file of a backup: rows as JSON lines, compressed, and sealed in pieces with a key of the ring.

    RAPPORT BACKUP 1\\n
    {"key": "k7q2m9w", "revision": "0006", "made_at": "…", "salt": "…"}\\n
    then for each piece: its length (4 bytes), and AES-256-GCM of up to 256 KB of the compressed lines

The secret is derived from the key and the file's salt. A piece's nonce is its number, and the last piece says that it
is the last (the STREAM construction, Hoang et al., 2015): pieces that are changed, swapped, left out, or cut off at the
end are found. The head is authenticated with every piece.
"""

from __future__ import annotations

import base64
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MAGIC = b"RAPPORT BACKUP 1\n"
_PIECE, _TAG = 256 * 1024, 16
_LONGEST_HEAD = 1_000

# (purpose, name of a key, or None for the current one) → (its name, 32 bytes)
Derived = Callable[[str, str | None], tuple[str, bytes]]


class BadBackup(ValueError):
    """A file that is no backup of ours, or not a whole one; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a backup without its key: the key that it needs, its tables' version, and when it was made."""

    key: str
    revision: str
    made_at: str


def write(
    path: Path, revision: str, made_at: datetime, rows: Iterable[tuple[str, dict[str, Any]]], derived: Derived
) -> int:
    """Write (table, row) one after another into a new file, readable by this user alone; how many rows.

    The file appears whole or not at all. Raises FileExistsError.
    """
    if path.exists():
        raise FileExistsError(f"{path}: there is a file already; name a new one")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            n_rows = _Writer(file, revision, made_at, derived).write(rows)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return n_rows


def head(path: Path) -> Head:
    """What stands at the beginning of a backup. Raises BadBackup, OSError."""
    with path.open("rb") as file:
        return _head(file)[0]


def check(path: Path, derived: Derived) -> None:
    """Read a whole backup without keeping it. Raises BadBackup, NoKey, OSError."""
    with path.open("rb") as file:
        found, line, salt = _head(file)
        unpack = zlib.decompressobj()
        for piece in _pieces(file, AESGCM(_secret(derived, found.key, salt)[1]), line):
            unpack.decompress(piece)
        if not unpack.eof:
            raise BadBackup("the backup ends in the middle of a row")


def read(path: Path, derived: Derived) -> Iterator[tuple[str, dict[str, Any]]]:
    """The (table, row) of a backup in the order in which they were written. Raises BadBackup, NoKey, OSError."""
    with path.open("rb") as file:
        found, line, salt = _head(file)
        cipher = AESGCM(_secret(derived, found.key, salt)[1])
        left, unpack = b"", zlib.decompressobj()
        for piece in _pieces(file, cipher, line):
            *whole, left = (left + unpack.decompress(piece)).split(b"\n")
            for one in whole:
                table, row = json.loads(one)
                yield table, {name: _from_json(value) for name, value in row.items()}
        if left or not unpack.eof:
            raise BadBackup("the backup ends in the middle of a row")


class _Writer:
    def __init__(self, file: IO[bytes], revision: str, made_at: datetime, derived: Derived) -> None:
        self._file, salt = file, os.urandom(16)
        key, secret = _secret(derived, None, salt)
        said = {"key": key, "revision": revision, "made_at": made_at.isoformat(), "salt": salt.hex()}
        self._line = json.dumps(said).encode() + b"\n"
        self._cipher, self._number = AESGCM(secret), 0

    def write(self, rows: Iterable[tuple[str, dict[str, Any]]]) -> int:
        self._file.write(_MAGIC + self._line)
        pack, waiting, n_rows = zlib.compressobj(6), bytearray(), 0
        for table, row in rows:
            line = json.dumps([table, {name: _to_json(value) for name, value in row.items()}], ensure_ascii=False)
            waiting += pack.compress(line.encode() + b"\n")
            n_rows += 1
            while len(waiting) > _PIECE:
                self._put(bytes(waiting[:_PIECE]), is_last=False)
                del waiting[:_PIECE]
        waiting += pack.flush()
        while len(waiting) > _PIECE:
            self._put(bytes(waiting[:_PIECE]), is_last=False)
            del waiting[:_PIECE]
        self._put(bytes(waiting), is_last=True)
        return n_rows

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, is_last), piece, self._line)
        self._file.write(struct.pack(">I", len(sealed)) + sealed)
        self._number += 1


def _pieces(file: IO[bytes], cipher: AESGCM, line: bytes) -> Iterator[bytes]:
    number, is_last = 0, False
    while not is_last:
        size = file.read(4)
        length = struct.unpack(">I", size)[0] if len(size) == 4 else 0
        sealed = file.read(length) if _TAG <= length <= _PIECE + _TAG else b""
        if len(sealed) != length or not sealed:
            raise BadBackup("the backup was cut off, or is not whole")
        at = file.tell()
        is_last = not file.read(1)
        file.seek(at)
        try:
            yield cipher.decrypt(_nonce(number, is_last), sealed, line)
        except InvalidTag:
            raise BadBackup("the backup was changed, is not whole, or was sealed with another key") from None
        number += 1


def _head(file: IO[bytes]) -> tuple[Head, bytes, bytes]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise BadBackup("this file is no backup of Rapport")
    line = file.readline(_LONGEST_HEAD)
    try:
        said = json.loads(line)
        return Head(str(said["key"]), str(said["revision"]), str(said["made_at"])), line, bytes.fromhex(said["salt"])
    except (ValueError, KeyError, TypeError):
        raise BadBackup("the beginning of this backup cannot be read") from None


def _secret(derived: Derived, key: str | None, salt: bytes) -> tuple[str, bytes]:
    return derived(f"backup {salt.hex()}", key)


def _nonce(number: int, is_last: bool) -> bytes:
    return struct.pack(">QI", number, is_last)


def _to_json(value: Any) -> Any:
    if isinstance(value, UUID):
        return {"uuid": value.hex}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(value).decode()}
    return {"json": value} if isinstance(value, dict | list) else value


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, said),) = value.items()
    return _READ[kind](said)


_READ = {
    "uuid": UUID,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "bytes": base64.b64decode,
    "json": lambda said: said,
}
