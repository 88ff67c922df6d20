"""The file of keys: made for one user, added to, and refused where it could not be trusted."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from tests import keys
from web import key_file
from web.db import crypto

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def the_usual_ring() -> Iterator[None]:
    yield
    crypto.use(keys.RING)


def test_a_file_is_made_once_and_only_its_user_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "rapport.keys"
    name = key_file.make(path, NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_file.read(path).current == name and len(key_file.read(path).keys[name]) == 32
    with pytest.raises(crypto.NoKey, match="already"):
        key_file.make(path, NOW)
    assert list(path.parent.iterdir()) == [path]


def test_the_newest_key_seals_and_only_an_older_one_goes(tmp_path: Path) -> None:
    path = tmp_path / "rapport.keys"
    first = key_file.make(path, NOW)
    second = key_file.add(path, NOW)
    found = key_file.read(path)
    assert list(found.keys) == [first, second] and found.current == second
    assert key_file.ages(path) == {first: NOW.isoformat(), second: NOW.isoformat()}
    with pytest.raises(crypto.NoKey, match="current"):
        key_file.remove(path, second)
    with pytest.raises(crypto.NoKey, match="knone"):
        key_file.remove(path, "knone")
    key_file.remove(path, first)
    assert list(key_file.read(path).keys) == [second]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "not JSON"),
        ("[]", "no file of keys"),
        ("{}", "no file of keys"),
        ('{"keys": []}', "no file of keys"),
        ('{"keys": [{"name": "kone"}]}', "no file of keys"),
        ('{"keys": [{"name": "kone", "key": "AA=="}]}', "32 bytes"),
        ('{"keys": [{"name": "kone", "key": "not base64"}]}', "no file of keys"),
        ('{"keys": [{"name": "k", "key": "' + "A" * 43 + '="}]}', "4 to 16"),
        (json.dumps({"keys": [{"name": "kone", "key": "A" * 43 + "="}] * 2}), "no file of keys"),
    ],
)
def test_what_is_no_file_of_keys_is_refused_and_shows_no_key(tmp_path: Path, written: str, said: str) -> None:
    path = tmp_path / "rapport.keys"
    path.write_text(written)
    path.chmod(0o600)
    with pytest.raises(crypto.NoKey, match=said) as refused:
        key_file.read(path)
    assert "A" * 20 not in str(refused.value)


def test_a_file_that_others_may_read_or_that_is_away_is_refused_with_the_mend(tmp_path: Path) -> None:
    path = tmp_path / "rapport.keys"
    with pytest.raises(crypto.NoKey, match="rapport keys make"):
        key_file.read(path)
    key_file.make(path, NOW)
    path.chmod(0o640)
    with pytest.raises(crypto.NoKey, match="chmod 600"):
        key_file.read(path)


def test_without_a_name_the_keys_stand_beside_the_database(tmp_path: Path) -> None:
    crypto._held.ring = None
    key_file.install(None, tmp_path / "rapport.keys")
    made = crypto.ring().current
    crypto._held.ring = None
    key_file.install(None, tmp_path / "rapport.keys")
    assert crypto.ring().current == made
    key_file.install(None, tmp_path / "other.keys")  # it has keys already
    assert crypto.ring().current == made and not (tmp_path / "other.keys").exists()
    crypto._held.ring = None
    with pytest.raises(crypto.NoKey, match="RAPPORT_KEYS"):
        key_file.install(None, None)


def test_a_process_that_began_before_a_new_key_opens_what_it_sealed(tmp_path: Path) -> None:
    path, row = tmp_path / "rapport.keys", uuid4()
    key_file.make(path, NOW)
    key_file.install(path, None)
    old = crypto.ring()
    key_file.add(path, NOW)
    key_file.install(path, None)
    sealed = crypto.seal("goals.words", row, b"sleep")
    crypto.use(old, again=lambda: key_file.read(path))
    assert crypto.open_sealed("goals.words", row, sealed) == b"sleep"
    assert crypto.ring().current == crypto.key_of(sealed)


def test_a_process_seals_nothing_with_a_key_that_was_taken_away_meanwhile(tmp_path: Path) -> None:
    """One that has run since before: what it seals now is sealed with what the file holds now."""
    path, row = tmp_path / "rapport.keys", uuid4()
    old = key_file.make(path, NOW)
    key_file.install(path, None)
    new = key_file.add(path, NOW)
    assert crypto.derived("audit trail", new)[0] == new  # another process has sealed the trail with it
    assert crypto.derived("audit trail")[0] == new
    assert crypto.key_of(crypto.seal("goals.words", row, b"sleep")) == new
    key_file.remove(path, old)
    sealed = crypto.seal("goals.words", row, b"sleep")
    assert crypto.key_of(sealed) == new and crypto.ring().keys.keys() == {new}
    with pytest.raises(crypto.NoKey):
        crypto.derived("audit trail", old)
    path.write_text("{")  # cut short, or another user's: who runs goes on with what they have
    assert crypto.key_of(crypto.seal("goals.words", row, b"sleep")) == new
    path.unlink()  # away
    assert crypto.key_of(crypto.seal("goals.words", row, b"sleep")) == new


def test_of_two_who_change_the_file_at_once_none_loses_the_others_key(tmp_path: Path) -> None:
    path = tmp_path / "rapport.keys"
    key_file.make(path, NOW)
    with ThreadPoolExecutor(8) as pool:
        added = set(pool.map(lambda _: key_file.add(path, NOW), range(40)))
        made = list(pool.map(lambda _: _made(tmp_path / "other.keys"), range(8)))
    assert added <= key_file.read(path).keys.keys() and len(added) == 40
    assert sum(name is not None for name in made) == 1
    assert key_file.read(tmp_path / "other.keys").current in made


def _made(path: Path) -> str | None:
    try:
        return key_file.make(path, NOW)
    except crypto.NoKey:
        return None


def test_whoever_adds_a_key_leaves_the_file_to_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root does it for the user that serves."""
    path, given = tmp_path / "rapport.keys", list[tuple[int, int, int]]()
    key_file.make(path, NOW)
    owner = path.stat()
    monkeypatch.setattr(os, "fchown", lambda file, uid, gid: given.append((os.fstat(file).st_ino, uid, gid)))
    key_file.add(path, NOW)
    assert given == []
    monkeypatch.setattr(os, "geteuid", lambda: owner.st_uid + 1)
    key_file.add(path, NOW)
    assert given == [(path.stat().st_ino, owner.st_uid, owner.st_gid)] and path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_named_with_the_mend(tmp_path: Path) -> None:
    for ask in (lambda path: key_file.add(path, NOW), lambda path: key_file.remove(path, "k1234567"), key_file.read):
        with pytest.raises(crypto.NoKey, match=r"no/rapport\.keys: cannot be read .* rapport keys make"):
            ask(tmp_path / "no" / "rapport.keys")
