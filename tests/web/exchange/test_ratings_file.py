"""Ratings: the clinic's scale, who is known, when it was, and the same session twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from matcher.entities import Scale
from web.exchange.reading import read_ratings

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADER = "client_id,therapist_id,session,score,rated_at\n"


def read(*rows: str, **said):
    return read_ratings((HEADER + "\n".join(rows)).encode(), now=NOW, **said)


def found(reading) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in reading.problems]


CELLS = (
    ("0,1,0.5,", "session", "out_of_range"),
    ("0.5,0.5,", "session", "not_whole"),
    ("1,1.025,", "score", "off_scale"),
    ("1,-0.025,", "score", "off_scale"),
    ("1,0.51,", "score", "off_step"),
    ("1,85,", "score", "off_scale"),
    ('1,"0,75",', "score", "decimal_comma"),
    ("1,85%,", "score", "percent"),
    ("1,,", "score", "missing"),
    (",0.5,", "session", "missing"),
    ("1,0.5,2026-03-04", "rated_at", "future"),
    ("1,0.5,2026-03-03T14:00:00+01:00", "rated_at", "future"),
    ("1,0.5,2026-13-01", "rated_at", "impossible_date"),
    ("1,0.5,2026-03-01T25:00", "rated_at", "impossible_date"),
    ("1,0.5,yesterday", "rated_at", "not_a_date"),
)


@pytest.mark.parametrize(("cells", "column", "code"), CELLS)
def test_cells_with_a_problem(cells: str, column: str, code: str) -> None:
    row = "c,t," + (cells if cells.count(",") == 2 or '"' in cells else cells.replace("0,1,", "0,", 1))
    assert found(read(row)) == [(2, column, code)]


@pytest.mark.parametrize("when", ["2026-03-02", "2026-03-03T12:00:00Z", "2026-03-02 18:30", "1990-01-01T00:00", ""])
def test_moments_that_may_be(when: str) -> None:
    assert read(f"c,t,1,0.5,{when}").ok


def test_a_score_off_the_step_is_told_its_neighbours() -> None:
    (problem,) = read("c,t,1,0.51,").problems
    assert "0.5 or 0.525" in problem.mend  # steps of 1/40: 20/40 and 21/40
    (problem,) = read("c,t,1,3.2,", scale=Scale(1, 5, 0.5)).problems
    assert "3 or 3.5" in problem.mend


@pytest.mark.parametrize("steps", range(41))
def test_every_score_of_the_scale_is_taken(steps: int) -> None:
    assert read(f"c,t,1,{steps / 40},").ok
    assert read(f"c,t,1,{steps * 0.025},").ok  # with what binary fractions add: 0.07500000000000001


def test_the_same_rating_again_counts_once_and_another_is_a_problem() -> None:
    same = read("c,t,1,0.5,", "c,t,2,0.5,", "c,t,1,0.50,")
    assert same.ok and [row for row, _ in same.rows] == [2, 3]
    assert same.counts["repeated"] == 1 and [(n.row, n.code) for n in same.notes] == [(4, "repeated_rating")]
    other = read("c,t,1,0.5,", "c,t,1,0.75,")
    assert found(other) == [(3, "score", "contradicting_rating")] and "row 2" in other.problems[0].mend


def test_people_must_be_known_where_the_known_are_given() -> None:
    reading = read("c,t,1,0.5,", "d,t,1,0.5,", "c,u,1,0.5,", known_clients={"c"}, known_therapists=["t"])
    assert found(reading) == [(3, "client_id", "unknown_client"), (4, "therapist_id", "unknown_therapist")]
    assert len(reading.rows) == 1
    assert read("d,u,1,0.5,").ok
    assert found(read("c,t,1,0.5,", known_clients=())) == [(2, "client_id", "unknown_client")]


def test_ids_keep_their_zeros_and_twins_in_other_code_points_are_the_same_person() -> None:
    from web.exchange.reading import read_clients

    assert read("007,00012,1,0.5,").entities[0].client_id == "007"
    twins = "client_id,concerns\nZo\u00eb,grief\nZoe\u0308,grief\n"
    assert [(p.row, p.code) for p in read_clients(twins.encode()).problems] == [(3, "repeated_id")]
