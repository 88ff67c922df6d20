"""Bitmaps say of everybody what the hard requirements say."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.eligibility import refusals
from matcher.encoding import ClientArrays, Directory
from matcher.entities import Intake, Therapist
from matcher.index.bitmaps import Bitmaps, count, flags_of, packed, rows_of
from matcher.index.recent import Recent
from tests.builders import INTAKES, directories


@settings(max_examples=50, deadline=None)
@given(INTAKES, directories(1, 8))
def test_the_same_are_eligible(intake: Intake, therapists: list[Therapist]) -> None:
    client, directory = ClientArrays.of([intake]), Directory.of(therapists)
    words = Bitmaps(directory, Recent(500), Recent(1)).eligible(client)
    wanted = refusals(client, directory)[0] == 0
    assert flags_of(words, len(directory)).tolist() == wanted.tolist()
    assert count(words) == wanted.sum()


@given(st.lists(st.booleans(), max_size=200))
def test_packing_loses_nothing(flags: list[bool]) -> None:
    words = packed(np.array(flags, dtype=bool))
    assert words.dtype == np.uint64
    assert flags_of(words, len(flags)).tolist() == flags
    assert rows_of(words, len(flags)).tolist() == [row for row, flag in enumerate(flags) if flag]
    assert count(words) == sum(flags)


def test_only_the_most_recent_are_kept() -> None:
    kept: Recent[int] = Recent(2)
    made: list[str] = []

    def ask(key: str) -> None:
        kept.get(key, lambda: made.append(key) or len(made))

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "b"]  # b was asked for longest ago when c came
    assert len(kept) == 2
