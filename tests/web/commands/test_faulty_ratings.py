"""``rapport alliance fit`` on faulty files: each is answered with place, value and mend, or fitted and said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.web.commands.test_alliance import done, invoke, numbers

HEAD = "client_id,therapist_id,score"
STREETS = "".join(f"a{k},s,5,street {k}\n" for k in range(60))
# content of the ratings, options, and the place, the value and the mend that the answer names
FAULTY: dict[str, tuple[str, str, str, str, str]] = {
    "no ratings": (f"{HEAD}\n", "", "ratings", "0", "at least two ratings"),
    "one rating": (f"{HEAD}\na,s,5\n", "", "ratings", "1", "at least two ratings"),
    "no scores": (f"{HEAD}\na,s,\nb,t,\n", "", "ratings", "0", "2 left out: no score"),
    "no ids": (f"{HEAD}\n,s,5\nb,,4\n", "", "ratings", "0", "1 left out: no client_id; 1 left out: no therapist_id"),
    "weights all 0": (f"{HEAD},weight\na,s,5,0\nb,t,4,0\n", "", "weight", "0", "give one above 0"),
    "all weights but one 0": (f"{HEAD},weight\na,s,5,0\nb,t,4,1\n", "", "ratings", "1", "1 left out: weight 0"),
    "a negative weight": (f"{HEAD},weight\na,s,5,1\nb,t,4,-1\n", "", "row 3, column weight", "'-1'", "from 0 to"),
    "a weight of 1e308": (f"{HEAD},weight\na,s,5,1e308\n", "", "row 2, column weight", "'1e308'", "correct it"),
    "weights of nothing": (f"{HEAD},weight\na,s,5,1e-9\nb,t,4,1e-9\n", "", "ratings", "2", "they weigh 2e-09 together"),
    "NaN": (f"{HEAD}\na,s,NaN\nb,t,4\n", "", "row 2, column score", "'NaN'", "leave the cell empty"),
    "infinity": (f"{HEAD}\na,s,5\nb,t,-inf\n", "", "row 3, column score", "'-inf'", "only finite numbers"),
    "another scale from row 4 on": (f"{HEAD}\na,s,5\nb,t,4\nc,s,10\nd,s,7\n", "--top-score 5", "row 4, column score",
                                    "'10'", "correct the score or the option"),
    "many levels": (f"{HEAD},street\n{STREETS}", "", "match.street", "'60 levels'", "--random street"),
    "many levels declared": (f"{HEAD},street\n{STREETS}", "--fixed street", "match.street", "'60 levels'", "--random"),
    "more effects than ratings": (f"{HEAD},x,z\na,s,5,1,2\nb,t,4,2,7\n", "--fixed x z", "ratings", "2",
                                  "leave columns out, or bring more ratings"),
    "session 0": (f"{HEAD},session\na,s,5,0\nb,t,4,1\n", "", "row 2, column session", "'0'", "leave the cell empty"),
    "a far year": (f"{HEAD},rated_at\na,s,5,2999-01-01\n", "", "row 2, column rated_at", "'2999-01-01'", "2100"),
    "a missing age": (f"{HEAD},age\na,s,5,NaN\nb,t,4,30\n", "", "row 2, column age", "'NaN'", "leave the cell empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTY)
def test_a_fault_is_answered_with_place_value_and_mend(case: str, tmp_path: Path) -> None:
    content, options, *said = FAULTY[case]
    (tmp_path / "r.csv").write_text(content)
    result = invoke("fit", "--ratings", tmp_path / "r.csv", *options.split(), "--model", tmp_path / "m.npz")
    assert result.exit_code == 1 and not (tmp_path / "m.npz").exists()
    (answer,) = result.output.splitlines()
    place, value, mend = said
    assert f"{place}: {value}: " in answer and mend in answer, answer


FIT = f"{HEAD},x,none,rated_at\na,s,5,1,,2026-01-01\na,t,4,1,,\nb,s,3,1,,\nb,t,5,1,,\n,t,5,1,,\nc,t,,1,,\n"


def test_what_a_fit_leaves_out_is_counted_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(FIT)
    (tmp_path / "c.csv").write_text("client_id,age\na,30\nb,40\nx,50\n")
    names = {"--ratings": "r.csv", "--clients": "c.csv", "--model": "m.npz"}
    words = [word for option, name in names.items() for word in (option, tmp_path / name)]
    evidence = done("fit", *words)["evidence"]
    assert (evidence["rows_read"], evidence["rows_used"]) == (6, 4)
    assert evidence["rows_left_out"] == {"no score": 1, "no client_id": 1}
    assert evidence["people_left_out"] == {"clients without ratings": 1}
    left = evidence["columns_left_out"]
    assert left.pop("rated_at").startswith("no covariate")
    assert left == {"x": "the same in every rating", "match.none": "missing in every rating"}
    text = invoke("report", "--model", tmp_path / "m.npz").output
    for said in ("no score: 1", "no client_id: 1", "clients without ratings: 1", "rated_at: no covariate",
                 "x: the same in every rating", "match.none: missing in every rating"):  # fmt: skip
        assert f"\n  {said}" in text


def test_scores_that_are_all_equal_are_answered_and_said(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(f"{HEAD}\na,s,5\na,t,5\nb,s,5\nb,t,5\n")
    found = done("fit", "--ratings", tmp_path / "r.csv", "--model", tmp_path / "m.npz")
    assert {part["variance"] for part in found["components"]} == {0.0}
    assert any(note.startswith("All scores are 5") for note in found["evidence"]["notes"])
    done("predict", "--model", tmp_path / "m.npz", "--pairs", tmp_path / "r.csv", "--out", tmp_path / "o.csv")
    assert numbers(tmp_path / "o.csv", "mean").tolist() == [5.0] * 4
    assert np.isfinite(numbers(tmp_path / "o.csv", "sd")).all()
