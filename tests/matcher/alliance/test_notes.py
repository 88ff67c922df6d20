"""What a fit notes has a code for each sentence, and every code is one that others know."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np

import matcher.alliance
from matcher import AllianceModel
from matcher.alliance.notes import CODES, Note, documents

FOLDER = Path(matcher.alliance.__file__).parent


def test_every_code_that_is_written_is_known_and_every_known_one_is_written() -> None:
    written = {
        node.args[0].value
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Note"
        and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert written | {"change_stays", "change_found", "change_refused"} == set(CODES)  # chosen in a loop of their own


def test_words_and_codes_stand_in_the_same_order() -> None:
    found = documents([Note("repeated", "2 ratings repeat a session.", {"n": 2}), Note("unbounded", "It stopped.")])
    assert found == {
        "notes": ["2 ratings repeat a session.", "It stopped."],
        "noted": [{"code": "repeated", "n": 2}, {"code": "unbounded"}],
    }


def test_a_fit_notes_what_it_saw() -> None:
    """Two clients rated twice in one session; the scores are 1 … 4, of which few are the top."""
    rng = np.random.default_rng(5)
    table = {
        "client_id": [f"c{k // 2}" for k in range(60)],
        "therapist_id": [f"t{k % 5}" for k in range(60)],
        "session": [1] * 4 + [k % 2 + 1 for k in range(4, 60)],
    }
    table["client_id"][1], table["therapist_id"][1] = table["client_id"][0], table["therapist_id"][0]
    model = AllianceModel(top=9.0, ceiling="gaussian").fit(table, rng.integers(1, 5, 60).astype(float))
    noted = {note["code"]: note for note in model.report_["noted"]}
    assert len(model.report_["noted"]) == len(model.report_["notes"])
    assert noted["repeated"]["n"] == 1 and "session_order" in noted and set(noted) <= set(CODES)
    assert {note["term"] for note in model.report_["noted"] if note["code"] == "zero_variance"} == {
        part.name for part in model.components_ if part.at_zero
    }
