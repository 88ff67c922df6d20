"""``rapport keys``, ``backup`` and ``restore`` as their users run them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import keys
from tests.web.commands.running import done, rapport_on, refused
from web import key_file
from web.db import crypto, schema


@pytest.fixture(autouse=True)
def the_usual_ring() -> Iterator[None]:
    yield
    crypto.use(keys.RING)


def test_a_key_is_changed_from_the_first_to_the_last_step(tmp_path: Path) -> None:
    path = tmp_path / "rapport.keys"
    rapport = rapport_on(f"sqlite:///{tmp_path}/one.sqlite", RAPPORT_KEYS=str(path))
    assert "rapport keys make" in refused(rapport("db", "upgrade"))
    first = done(rapport("keys", "make")).split("key ")[1].split(".")[0]
    done(rapport("db", "upgrade"))
    for slug in ("north", "south"):
        done(rapport("clinic", "create", slug, "--name", slug))
    old = tmp_path / "old.keys"
    shutil.copy(path, old)
    done(rapport("keys", "add"))
    before = rapport_on(f"sqlite:///{tmp_path}/one.sqlite", RAPPORT_KEYS=str(old))
    assert "not on the ring" in refused(before("db", "check"))  # a copy of before would fail at some page, later
    assert "rapport keys rotate" in refused(rapport("keys", "remove", first))
    assert f"The key {first} seals nothing any more" in done(rapport("keys", "rotate"))
    assert "0 rows" in done(rapport("keys", "rotate"))
    assert len(done(rapport("keys", "list")).splitlines()) == 2
    said = refused(rapport("keys", "remove", first))
    assert "2 events of the audit trail" in said and "--yes" in said and first in done(rapport("keys", "list"))
    done(rapport("audit", "verify"))
    second = key_file.read(path).current
    assert {end[0] for end in key_file.read(path).ends[second].values()} == {1}
    done(rapport("keys", "remove", first, "--yes"))
    assert first not in done(rapport("keys", "list")) and "put the key back" in refused(rapport("audit", "verify"))
    done(rapport("db", "check"))
    (tmp_path / "none").write_text("{}")
    (tmp_path / "none").chmod(0o600)
    other = rapport_on(f"sqlite:///{tmp_path}/one.sqlite", RAPPORT_KEYS=str(tmp_path / "none"))
    assert "no file of keys" in refused(other("db", "check"))


def test_a_file_of_keys_of_before_remembers_the_ends_with_the_next_change(tmp_path: Path) -> None:
    path = tmp_path / "rapport.keys"
    rapport = rapport_on(f"sqlite:///{tmp_path}/one.sqlite", RAPPORT_KEYS=str(path))
    done(rapport("keys", "make"))
    done(rapport("keys", "add"))  # there is no database yet, and so no trail
    done(rapport("db", "upgrade"))
    done(rapport("clinic", "create", "north", "--name", "North"))
    assert not key_file.read(path).ends
    done(rapport("keys", "rotate"))
    (ends,) = key_file.read(path).ends.values()
    assert [end[0] for end in ends.values()] == [1]
    done(rapport("backup", tmp_path / "one.backup"))
    done(rapport("clinic", "keep", "36"))
    done(rapport("keys", "add"))
    done(rapport("audit", "verify"))
    restored = rapport_on(f"sqlite:///{tmp_path}/two.sqlite", RAPPORT_KEYS=str(path))
    done(restored("restore", tmp_path / "one.backup"))
    assert "cut off" in restored("audit", "verify").output
    assert "--yes" in refused(restored("keys", "ends"))
    assert "cut off" in restored("audit", "verify").output
    done(restored("keys", "ends", "--yes"))
    done(restored("audit", "verify"))
    older = f"sqlite:///{tmp_path}/older.sqlite"
    schema.upgrade(older, "0007")
    assert (
        "rapport db upgrade and rapport keys rotate" in rapport_on(older, RAPPORT_KEYS=str(path))("keys", "add").output
    )
    empty = rapport_on(f"sqlite:///{tmp_path}/three.sqlite", RAPPORT_KEYS=str(path))
    done(empty("db", "upgrade"))
    assert "is gone, with all its entries" in empty("audit", "verify").output
    done(empty("keys", "add"))
    ring = key_file.read(path)
    assert ring.current not in ring.ends  # one without clinics says nothing of theirs


def test_in_production_the_file_of_keys_is_named_and_never_guessed(tmp_path: Path) -> None:
    environ = {"RAPPORT_ENV": "production", "SECRET_KEY": "k" * 64, "RAPPORT_HOSTS": "x.example", "RAPPORT_KEYS": ""}
    rapport = rapport_on(f"sqlite:///{tmp_path}/one.sqlite", **environ)
    for words in ("make", "list", "add"):
        assert "RAPPORT_KEYS: must name the file of keys in production" in refused(rapport("keys", words))
    assert not list(tmp_path.iterdir())


def test_another_ring_is_refused_in_a_sentence(tmp_path: Path) -> None:
    one = rapport_on(f"sqlite:///{tmp_path}/one.sqlite", RAPPORT_KEYS=str(tmp_path / "a.keys"))
    other = rapport_on(f"sqlite:///{tmp_path}/one.sqlite", RAPPORT_KEYS=str(tmp_path / "b.keys"))
    done(one("keys", "make"))
    done(other("keys", "make"))
    done(one("db", "upgrade"))
    for words in (("db", "check"), ("people", "list"), ("backup", tmp_path / "one.backup"), ("keys", "rotate")):
        assert "not on the ring" in refused(other(*words))
    assert not (tmp_path / "one.backup").exists()


def test_a_backup_is_made_and_restored_elsewhere(tmp_path: Path) -> None:
    rapport, backup = rapport_on(f"sqlite:///{tmp_path}/one.sqlite"), tmp_path / "one.backup"
    done(rapport("db", "upgrade"))
    done(rapport("clinic", "create", "north", "--name", "North"))
    assert str(backup) in done(rapport("backup", backup))
    assert "already" in refused(rapport("backup", backup))
    elsewhere = rapport_on(f"sqlite:///{tmp_path}/two.sqlite")
    assert "sign in anew" in done(elsewhere("restore", backup))
    assert "empty" in refused(elsewhere("restore", backup))
    assert "North" not in backup.read_bytes().decode("latin-1")
    (tmp_path / "cut").write_bytes(backup.read_bytes()[:-9])
    third = rapport_on(f"sqlite:///{tmp_path}/three.sqlite")
    assert "cut off" in refused(third("restore", tmp_path / "cut"))
    assert "no backup of Rapport" in refused(third("restore", __file__))
