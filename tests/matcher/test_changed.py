"""A directory that changed is the directory of all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import Directory
from matcher.entities import Therapist
from tests.builders import THERAPISTS, a_therapist, directories


@settings(max_examples=40, deadline=None)
@given(directories(), st.dictionaries(st.sampled_from(["a", "t0", "t1", "t1b", "t3", "z"]), THERAPISTS, max_size=4))
def test_a_changed_directory_is_that_of_all(therapists: list[Therapist], drawn: dict[str, Therapist]) -> None:
    others = {id_: replace(therapist, id=id_) for id_, therapist in drawn.items()}
    found = Directory.of(therapists).changed(others.values()).to_arrays()
    whole = Directory.of(({row.id: row for row in therapists} | others).values())
    wanted = whole.to_arrays()
    for name in wanted.keys() - {"regions", "licences"}:
        assert found[name].dtype == wanted[name].dtype
        np.testing.assert_array_equal(found[name], wanted[name])
    again = Directory.from_arrays(found)
    for region in ("DE", "DE-BE", "DE-BY", "FR", "XX", None):
        np.testing.assert_array_equal(again.licensed(region), whole.licensed(region))


def test_more_regions_than_one_word_holds() -> None:
    """Seventy regions beside one: bits move from word to word."""
    regions = [f"{a}{b}" for a in "ABCDEFG" for b in "ABCDEFGHIJ"]
    before = Directory.of(a_therapist(f"t{k:02}", licence_regions=(code,)) for k, code in enumerate(regions[1:]))
    after = before.changed([a_therapist("t99", licence_regions=(regions[0],))])
    assert after.regions == tuple(regions)
    for k, code in enumerate(regions[1:]):
        assert np.flatnonzero(after.licensed(code)).tolist() == [k]
    assert np.flatnonzero(after.licensed(regions[0])).tolist() == [69]
