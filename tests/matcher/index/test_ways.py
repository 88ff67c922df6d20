"""Cells and products say of everybody what the measured way says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import Directory
from matcher.eligibility import within_reach
from matcher.encoding import ClientArrays
from matcher.encoding.earth import distance_km
from matcher.entities import Location
from matcher.index.ways import places_of, reached
from tests.builders import BERLIN, a_therapist, an_intake

ANYWHERE = st.builds(Location, st.floats(-90, 90), st.floats(-180, 180))
NEARBY = st.builds(Location, st.floats(52.3, 52.7), st.floats(13.1, 13.7))


def of(homes: list[Location | None]) -> Directory:
    return Directory.of(a_therapist(f"t{k:02d}", location=home) for k, home in enumerate(homes))


def same(home: Location, km: float, directory: Directory) -> None:
    client = ClientArrays.of([an_intake(location=home, max_distance_km=km)])
    rows = np.arange(len(directory))
    found = reached(client, directory, places_of(directory), rows)
    assert found.tolist() == within_reach(client, directory)[0].tolist()


@settings(max_examples=100, deadline=None)
@given(ANYWHERE | NEARBY, st.floats(0, 20_000), st.lists(st.none() | ANYWHERE | NEARBY, min_size=1, max_size=12))
def test_the_same_are_within_reach(home: Location, km: float, homes: list[Location | None]) -> None:
    same(home, km, of(homes))


@settings(max_examples=100, deadline=None)
@given(NEARBY, st.lists(NEARBY, min_size=1, max_size=12), st.sampled_from([-1e-9, 0.0, 1e-9]))
def test_whoever_lives_at_the_limit_is_measured(home: Location, homes: list[Location], beside: float) -> None:
    """The limit is the way to one of them, to the last bit or beside it."""
    directory = of([*homes])
    client = ClientArrays.of([an_intake(location=home)])
    km = float(distance_km(client.place, directory.place)[0, 0]) + beside
    same(home, max(km, 0.0), directory)


def test_whoever_says_no_place_is_out_of_reach_and_takes_nobody_along() -> None:
    """South of 0° N 0° E cells count down through every small number."""
    homes = [Location(0.02, -0.02), None, Location(-0.02, 0.02), None, Location(-0.02, -0.02)]
    for home in homes:
        if home is not None:
            same(home, 1.0, of(homes))


@pytest.mark.parametrize("km", [0.0, 1e-6])
def test_next_door(km: float) -> None:
    client = ClientArrays.of([an_intake(location=BERLIN, max_distance_km=km)])
    directory = of([BERLIN, Location(BERLIN.latitude + 0.001, BERLIN.longitude)])  # 111 m
    assert reached(client, directory, places_of(directory), np.arange(2)).tolist() == [True, False]
