"""The file of keys: where it is, how it is made, and what is refused.

It is JSON: ``{"keys": [{"name": "k7q2m9", "made_at": "2026-11-30T08:00:00+00:00", "key": "<base64 of 32 bytes>"}]}``,
the newest last; the newest seals. A key that was added later has ``ends``, too: where the audit trail of each clinic
ended then, ``{"<the clinic's key>": [12, "<seal>"]}``. Nobody but the user that runs Rapport may read it, and it is
kept apart from backups of the database: who has both can read everything.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from web.db import crypto
from web.db.crypto import KEY_BYTES, Ends, KeyRing, NoKey

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another


def install(path: Path | None, beside: Path | None) -> None:
    """Let this process seal and open with the keys of a file. Raises NoKey.

    Without a ``path`` it is the file that stands ``beside`` the database, which is made where there is none; a process
    that has been given keys already keeps them then.
    """
    if path is None and (beside is None or crypto.is_given()):
        crypto.ring()
        return
    found = path or beside
    if path is None and not found.exists():
        with suppress(NoKey):  # two may begin at once
            make(found, datetime.now(UTC))
    crypto.use(read(found), again=lambda: read(found), stamp=lambda: _stamp(found))


def _stamp(path: Path) -> object:
    """Another one whenever the file is another one; None while it is away, which changes nothing for who runs."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def read(path: Path) -> KeyRing:
    """The ring of a file. Raises NoKey, which names the file and the mend, and never a key."""
    return ring_of(_document(path), str(path))


def ring_of(document: object, where: str) -> KeyRing:
    """The ring of a document. Raises NoKey."""
    try:
        found = {entry["name"]: _key(entry["key"]) for entry in document["keys"]}  # type: ignore[index]
        if len(found) != len(document["keys"]):  # type: ignore[index]
            raise ValueError
        ends = {e["name"]: _ends(e["ends"]) for e in document["keys"] if "ends" in e}  # type: ignore[index]
        return KeyRing(found, list(found)[-1], ends)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise NoKey(
            f'{where}: this is no file of keys; it reads {{"keys": [{{"name": …, "made_at": …, "key": …}}]}}; '
            "make one with: rapport keys make"
        ) from None


def make(path: Path, now: datetime) -> str:
    """A new file with one key; its name. Raises NoKey where there is a file already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(path):
        if path.exists():
            raise NoKey(f"{path}: there is a file already; add a key to it with: rapport keys add")
        entry = _new(now)
        _write(path, [entry])
    return entry["name"]


def add(path: Path, now: datetime) -> str:
    """A new key on the ring, which seals from now on; its name. Raises NoKey."""
    with _alone(path):
        known = _entries(path)
        entry = _new(now)
        _write(path, [*known, entry])
    return entry["name"]


def keep_ends(path: Path, name: str, ends: Ends) -> None:
    """Write down where the audit trails ended when a key was added. Raises NoKey."""
    with _alone(path):
        known = _entries(path)
        read(path).key(name)
        said = {str(clinic): list(end) for clinic, end in ends.items()}
        _write(path, [entry | {"ends": said} if entry["name"] == name else entry for entry in known])


def keep_ends_anew(path: Path, ends: Mapping[str, Ends]) -> None:
    """Let each key that was added remember these ends (name of the key → ends) and no others. Raises NoKey."""
    with _alone(path):
        said = {name: {str(clinic): list(end) for clinic, end in one.items()} for name, one in ends.items()}
        _write(path, [
            entry | {"ends": said.get(entry["name"], {})} if "ends" in entry else entry for entry in _entries(path)
        ])  # fmt: skip


def remove(path: Path, name: str) -> None:
    """Take a key off the ring that seals nothing any more. Raises NoKey."""
    with _alone(path):
        known, found = _entries(path), read(path)
        if name == found.current:
            raise NoKey(f"the key {name!r} is the current one: add a newer one first (rapport keys add)")
        found.key(name)
        _write(path, [entry for entry in known if entry["name"] != name])


def ages(path: Path) -> Mapping[str, str]:
    """Name of each key → when it was made, the newest last."""
    return {entry["name"]: str(entry.get("made_at", "")) for entry in _entries(path)}


def _entries(path: Path) -> list[dict[str, Any]]:
    """The keys as they stand in a file, the newest last. Raises NoKey."""
    document: Any = _document(path)
    ring_of(document, str(path))
    return list(document["keys"])


def _document(path: Path) -> object:
    try:
        if path.stat().st_mode & 0o077:
            raise NoKey(f"{path}: others may read this file of keys; mend it with: chmod 600 {path}")
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:
        raise NoKey(f"{path}: this is no file of keys: it is not JSON") from None


def _unreadable(path: Path, error: OSError) -> NoKey:
    mend = f"cannot be read ({type(error).__name__}); name the file in RAPPORT_KEYS, or make one: rapport keys make"
    return NoKey(f"{path}: {mend}")


def _new(now: datetime) -> dict[str, str]:
    name = "k" + "".join(secrets.choice(_LETTERS) for _ in range(7))
    return {"name": name, "made_at": now.isoformat(), "key": base64.b64encode(os.urandom(KEY_BYTES)).decode()}


def _key(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _ends(said: Mapping[str, list[Any]]) -> Ends:
    return {UUID(clinic): (int(sequence), bytes.fromhex(seal).hex()) for clinic, (sequence, seal) in said.items()}


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes the files of this folder meanwhile: of two who add a key at once, none loses the other's."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    """All or nothing: a file that was cut short would lock everything away. It stays its owner's, whoever writes it."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps({"keys": entries}, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
        if path.exists() and (owner := path.stat()).st_uid != os.geteuid():
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    beside.replace(path)
