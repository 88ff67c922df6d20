"""``rapport solve`` from files to a file: by hand, in CSV and Parquet, and refused in words, row by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from tests.web.commands.test_alliance import read
from web.cli import main
from web.exchange.frames import waiting_list

SCORES = "client_id,therapist_id,score\na,x,0.9\na,y,0.8\nb,x,0.7\nc,x,0.95\n"
CAPACITY = "therapist_id,capacity\nx,1\ny,1\nz,3\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "scores.csv").write_text(SCORES)
    (tmp_path / "capacity.csv").write_text(CAPACITY)
    return tmp_path


def solve(folder: Path, *words: object, out: str = "out.csv") -> Result:
    given = ["solve", "--scores", folder / "scores.csv", "--capacity", folder / "capacity.csv", "--out", folder / out]
    return CliRunner().invoke(main, [str(word) for word in (*given, *words)])


def done(folder: Path, *words: object, out: str = "out.csv") -> Any:
    result = solve(folder, *words, "--json", out=out)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_as_many_as_fit_with_the_best_sum(files: Path) -> None:
    found = done(files)
    assert read(files / "out.csv") == [
        {"client_id": "a", "therapist_id": "y", "score": "0.8", "reason": ""},
        {"client_id": "b", "therapist_id": "", "score": "", "reason": "too_few_places"},
        {"client_id": "c", "therapist_id": "x", "score": "0.95", "reason": ""},
    ]
    assert (found["clients"], found["placed"], found["unplaced"]) == (3, 2, {"too_few_places": 1})
    assert found["total_score"] == pytest.approx(1.75) and found["could_be_better_by"] == 0
    assert found["short"] == [{"clients": ["b", "c"], "therapists": ["x"], "places": 1, "missing": 1}]


def test_the_other_policies(files: Path) -> None:
    assert done(files, "--policy", "first-come")["could_be_better_by"] is None
    assert [row["therapist_id"] for row in read(files / "out.csv")] == ["x", "", ""]
    assert [row["reason"] for row in read(files / "out.csv")] == ["", "taken", "taken"]
    done(files, "--policy", "stable")
    assert [row["therapist_id"] for row in read(files / "out.csv")] == ["y", "", "x"]
    assert solve(files, "--policy", "best").exit_code == 2


def test_locks(files: Path) -> None:
    (files / "locks.csv").write_text("client_id,therapist_id\nb,x\n")
    assert done(files, "--locks", files / "locks.csv")["locked"] == 1
    assert [row["therapist_id"] for row in read(files / "out.csv")] == ["y", "x", ""]


def test_words(files: Path) -> None:
    said = solve(files).output
    assert "Placed 2 of 3 clients" in said and "proved by prices" in said
    assert "2 clients can see only x, with 1 place: 1 more would do." in said


def test_parquet_to_parquet_is_the_same(files: Path) -> None:
    import pyarrow.csv

    done(files)
    for name in ("scores", "capacity"):
        pq.write_table(pyarrow.csv.read_csv(files / f"{name}.csv"), files / f"{name}.parquet")
    words = ["solve", "--scores", "scores.parquet", "--capacity", "capacity.parquet", "--out", "out.parquet"]
    given = [str(files / word) if "." in word else word for word in words]
    assert CliRunner().invoke(main, given).exit_code == 0
    rows = pq.read_table(files / "out.parquet").to_pylist()
    as_text = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    assert as_text == read(files / "out.csv")


def test_every_problem_is_told_by_its_row(files: Path) -> None:
    (files / "scores.csv").write_text(
        "client_id,therapist_id,score\na,x,0.9\na,x,0.8\n,y,0.7\nb,q,NaN\nc,x,\nd,x,much\ne,x,1e13\n"
    )
    (files / "capacity.csv").write_text("therapist_id,capacity\nx,-1\nx,2\ny,1.5\nz,NaN\n,3\nw,\n")
    result = solve(files)
    assert result.exit_code == 1
    said = [line.removeprefix("Error: ") for line in result.output.splitlines()]
    places = [(line.split(": ")[0], line.split(": ")[1]) for line in said]
    assert places == [
        *(("capacity.csv", f"row {row}, column {column}") for row, column in (
            (2, "capacity"), (3, "therapist_id"), (4, "capacity"), (5, "capacity"), (6, "therapist_id"),
            (7, "capacity"),
        )),
        *(("scores.csv", f"row {row}, column {column}") for row, column in (
            (3, "client_id"), (4, "client_id"), (5, "therapist_id"), (5, "score"), (6, "score"), (7, "score"),
            (8, "score"),
        )),
    ]  # fmt: skip
    assert "this pair stands in row 2 already" in said[6]
    assert not (files / "out.csv").exists()


def test_locks_that_cannot_be(files: Path) -> None:
    (files / "locks.csv").write_text("client_id,therapist_id\nq,x\na,q\nb,y\na,x\na,y\nb,x\n")
    result = solve(files, "--locks", files / "locks.csv")
    assert result.exit_code == 1
    for row, said in ((2, "not in the scores"), (3, "not in the capacity"), (4, "has no score"),
                      (6, "to two therapists"), (7, "more places than this therapist has (1)")):  # fmt: skip
        assert any(f"row {row}, " in line and said in line for line in result.output.splitlines()), (row, said)


def test_problems_without_end_are_counted(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_list, "MAX_PROBLEMS", 3)
    (files / "scores.csv").write_text("client_id,therapist_id,score\n" + "a,x,no\n" * 10)
    said = solve(files).output.splitlines()
    assert len(said) == 4 and said[-1] == "and 16 problems more"


def test_a_file_that_is_no_table(files: Path) -> None:
    (files / "scores.csv").write_text("client_id,score\na,1\n")
    assert "a scores file must have this column" in solve(files).output
    (files / "scores.csv").unlink()
    assert "there is no such file" in solve(files).output


def test_what_is_read_is_not_written_over(files: Path) -> None:
    result = solve(files, out="scores.csv")
    assert result.exit_code == 1 and "one of the files to read" in result.output
    assert (files / "scores.csv").read_text() == SCORES


def test_formulas_are_defused(files: Path) -> None:
    (files / "scores.csv").write_text("client_id,therapist_id,score\n=a,x,0.9\n")
    done(files)
    assert read(files / "out.csv")[0]["client_id"] == "'=a"


def test_nobody_waits(files: Path) -> None:
    (files / "scores.csv").write_text("client_id,therapist_id,score\n")
    assert done(files)["clients"] == 0
    assert read(files / "out.csv") == []
