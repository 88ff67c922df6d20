"""300 therapists with more than 80 kinds of dirt: each is named in its row and column, and nothing clean is accused."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from tests.web.exchange.dirty.build import HERE, N_ROWS, build
from tests.web.exchange.dirty.kinds import KINDS
from web.exchange.reading import read_therapists


def expected(path: Path = HERE / "expected.csv") -> list[tuple[int, str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [(int(row["row"]), row["column"], row["code"]) for row in csv.DictReader(stream)]


def test_the_files_are_those_that_the_builder_makes() -> None:
    dirty, table = build(dirty=True)
    assert (HERE / "therapists.csv").read_bytes() == dirty
    assert (HERE / "clean.csv").read_bytes() == build(dirty=False)[0]
    assert expected() == table
    assert len({(kind.column, kind.cell) for kind in KINDS}) == len(KINDS) >= 40


def test_every_kind_of_dirt_is_named_and_nothing_else() -> None:
    reading = read_therapists(HERE / "therapists.csv")
    found = [(problem.row, problem.column, problem.code) for problem in reading.problems]
    assert Counter(found) == Counter(expected())
    assert all(problem.mend for problem in reading.problems)
    assert not reading.ok
    # 86 rows have a problem of their own, the two of the header are nobody's: 300 − 86
    assert len(reading.rows) == reading.counts["accepted"] == N_ROWS - len(KINDS)


def test_every_problem_says_place_and_value() -> None:
    for problem in read_therapists(HERE / "therapists.csv").problems:
        line = problem.say()
        assert line.startswith(f"row {problem.row}")
        assert f"column {problem.column}: " in line or not problem.column
        assert problem.value in line and line.isprintable() and len(line) < 400
        assert problem.value or problem.code == "missing"


def test_the_clean_rows_import_without_a_problem() -> None:
    reading = read_therapists(HERE / "clean.csv")
    assert reading.ok and len(reading.rows) == N_ROWS
    first = reading.rows[0]
    assert first[0] == 2 and first[1].id == "000"
    assert {note.code for note in reading.notes} == {"header_spelling", "white_space"}
    by_id = {therapist.id: (row, therapist) for row, therapist in reading.rows}
    # rows 51, 102, 153 … are blank: the hundredth therapist (099) stands below the header, 99 others and one blank line
    assert by_id["099"][0] == 1 + 1 + 99 + 2
    assert by_id["003"][1].statement == "=not a formula any more"
    assert by_id["005"][1].statement == "  I leave room for silence.  "
    assert by_id["002"][1].statement == 'First line.\nSecond line, with "quotation marks".\r\n- and a dash'
    assert by_id["010"][1].name.startswith("Null ")
