"""No cell of ours is a formula, wherever a spreadsheet begins one; and every text comes back as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import a_therapist, an_intake
from web.exchange.reading import read_clients, read_therapists
from web.exchange.sheet.protection import protect, restore
from web.exchange.writing import write_to

STARTS = ("=", "+", "-", "@", "\t", "\r", "＝")
BEFORE = ("", " ", "'", "''", "\ufeff", "\u00a0", "a;", "a\t", "a\n", 'a"', "a,")
AFTER = ("", "1+1", "cmd|' /C calc'!A0", '"x"', "\n=2", "';=3")


def dangerous(cell: str, delimiter: str) -> bool:
    """Whether a spreadsheet with that delimiter, heeding no quotation marks, begins a formula somewhere in the cell."""
    pieces = [cell] if delimiter == "," else cell.replace("\r", "\n").replace("\n", delimiter).split(delimiter)
    return any(
        piece.lstrip(" \u00a0\ufeff")[:1] in {*"=+-@\t\r＝"} for piece in pieces if piece.lstrip(" \u00a0\ufeff")
    )


TEXT_FIELDS: tuple[tuple[str, str, Any], ...] = (
    ("therapists", "id", a_therapist()),
    ("therapists", "name", a_therapist()),
    ("therapists", "statement", a_therapist()),
    ("clients", "id", an_intake()),
    ("clients", "concern_text", an_intake()),
    ("clients", "goals", an_intake()),
    ("clients", "recommended_therapist_id", an_intake()),
    ("clients", "former_therapist_id", an_intake()),
    ("clients", "blocked_therapist_ids", an_intake()),
)
ONE_LINE = {"id", "name", "recommended_therapist_id", "former_therapist_id", "blocked_therapist_ids"}


@pytest.mark.S11
def test_every_text_column_is_neutralised_and_comes_back(tried: Callable[[int], None]) -> None:
    cases = 0
    for (kind, field, entity), before, start, after in product(TEXT_FIELDS, BEFORE, STARTS, AFTER):
        text = before + start + after
        if not text.replace("\ufeff", "").strip():
            continue
        if field in ONE_LINE and (any(hidden in text for hidden in "\t\r\n\ufeff") or text.strip() == "-"):
            continue  # refused in such a column
        if field != "statement" and field != "concern_text":
            text = text.strip()
        holds_many = field in {"goals", "blocked_therapist_ids"}
        changed = replace(entity, **{field: (text,) if holds_many else text})
        stream = io.StringIO(newline="")
        write_to(stream, kind, [changed])
        for cell in list(csv.reader(io.StringIO(stream.getvalue(), newline="")))[1]:
            assert not dangerous(cell, ",") and not dangerous(cell, ";"), (field, text, cell)
        reading = (read_therapists if kind == "therapists" else read_clients)(stream.getvalue().encode())
        assert reading.ok and reading.entities == [changed], (field, text, [p.say() for p in reading.problems])
        cases += 1
    assert cases > 7 * len(TEXT_FIELDS)
    tried(cases)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(st.sampled_from("'=+-@;\t\r\n \ufeffa,")))
def test_protection_can_be_taken_back(text: str) -> None:
    safe = protect(text)
    assert restore(safe) == text
    assert not dangerous(safe, ",") and not dangerous(safe, ";")


@pytest.mark.parametrize("text", ["'tis", "well-known", "a + b", "O'Brien", "'quoted'", "", "1-2", "a;b"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert protect(text) == restore(text) == text
