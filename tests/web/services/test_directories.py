"""Directories as a process holds them: a change is in the next answer of every process, and memory is bounded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from matcher import Directory
from matcher.entities import Therapist
from tests.builders import a_therapist
from tests.web.conftest import NOW
from web.db import engine
from web.exchange.writing import write_therapists
from web.services import clinics, directories, importing

OTHER_PROCESS = """
import sys
from web.db import engine
from web.services import clinics, directories
for line in sys.stdin:
    with engine.sessions(sys.argv[1])() as session:
        found = directories.current(session, clinics.find(session, None).id)
        row = found.directory.row("t00")
        print(found.version, None if row is None else int(found.directory.capacity[row]), flush=True)
"""


@pytest.fixture
def loaded(database: str, tmp_path: Path) -> Iterator[str]:
    directories._known.clear()
    with engine.sessions(database)() as session:
        engine.writing(session)
        clinics.create(session, "one", "One", now=NOW)
        session.commit()
    change(database, tmp_path, *(a_therapist(f"t{k}", languages=("en",)) for k in range(1, 6)))
    yield database
    directories._known.clear()


def change(url: str, folder: Path, *therapists: Therapist) -> None:
    write_therapists(folder / "some.csv", therapists)
    with engine.sessions(url)() as session:
        engine.writing(session)
        importing.import_file(session, clinics.find(session, None), "therapists", folder / "some.csv", now=NOW)
        session.commit()


def known(url: str) -> directories.Known:
    with engine.sessions(url)() as session:
        return directories.current(session, clinics.find(session, None).id)


def test_another_process_sees_a_change_in_its_next_answer(loaded: str, tmp_path: Path) -> None:
    words = [sys.executable, "-c", OTHER_PROCESS, loaded]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None and other.stdout is not None

        def ask() -> list[str]:
            other.stdin.write("?\n")
            other.stdin.flush()
            return other.stdout.readline().split()

        version = int(ask()[0])
        change(loaded, tmp_path, a_therapist("t00", capacity=3))
        assert ask() == [str(version + 1), "3"]
        change(loaded, tmp_path, a_therapist("t00", capacity=0))
        assert ask() == [str(version + 2), "0"]
        other.stdin.close()


def test_only_what_changed_is_read_again(loaded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = known(loaded)
    assert known(loaded) is before
    first = str(before.directory.ids[0])
    monkeypatch.setattr(directories.directory, "profiles", lambda session: pytest.fail("everybody was read again"))
    change(loaded, tmp_path, a_therapist("t00", capacity=3), a_therapist(first, languages=("fr",)))
    after = known(loaded).directory
    monkeypatch.undo()
    directories._known.clear()
    afresh = known(loaded).directory
    assert len(after) == len(before.directory) + 1
    arrays, wanted = after.to_arrays(), afresh.to_arrays()
    assert all(np.array_equal(arrays[name], wanted[name], equal_nan=wanted[name].dtype.kind == "f") for name in wanted)


def test_the_clinics_asked_for_longest_ago_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    some = Directory.of(a_therapist(f"t{k}") for k in range(4))
    monkeypatch.setattr(directories, "MOST_THERAPISTS", 9)
    monkeypatch.setattr(directories, "_known", type(directories._known)())
    for name in "abcd":
        directories._known[name] = directories.Known(1, some)  # type: ignore[index]  # any key will do
        directories._leave_room()
    assert list(directories._known) == ["c", "d"]
    monkeypatch.setattr(directories, "MOST_THERAPISTS", 1)
    directories._leave_room()
    assert list(directories._known) == ["d"]
