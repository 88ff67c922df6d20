"""Ids, rows and orientation; distances; the covariates that the model sees."""

from __future__ import annotations

import math

import numpy as np
import pytest

from matcher import vocabulary as v
from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.encoding.bits import bits_of, codes_of, column, popcount
from matcher.encoding.earth import EARTH_RADIUS_KM, distance_km
from matcher.encoding.features import CONCERN_FAMILIES, UNKNOWN_GAP
from matcher.entities import WISH_VOCABULARY, Location, Opening, Style
from matcher.errors import InvalidInput
from tests.builders import BERLIN, a_therapist, an_intake, wishes


def test_every_vocabulary_fits_one_word() -> None:
    words = (v.LANGUAGES, v.TIMES, v.INSURANCES, v.HELPS, v.HINDRANCES, *WISH_VOCABULARY.values())
    for vocabulary in words:
        full = bits_of(vocabulary.codes, vocabulary)
        assert codes_of(full, vocabulary) == vocabulary.codes
        assert popcount(column([vocabulary.codes], vocabulary)).tolist() == [len(vocabulary)]


def test_rows_are_in_the_order_of_ids_whatever_came_first() -> None:
    rows = [a_therapist("b", capacity=2), a_therapist("a", capacity=1), a_therapist("B", capacity=3)]
    directory = Directory.of(rows)
    assert directory.ids.tolist() == ["B", "a", "b"]
    assert directory.capacity.tolist() == [3, 1, 2]
    assert [directory.row(id_) for id_ in ("B", "a", "b", "c", "", None)] == [0, 1, 2, None, None, None]


def test_a_therapist_twice_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"therapists\.id: 'a': each therapist"):
        Directory.of([a_therapist("a"), a_therapist("b"), a_therapist("a")])


def test_an_empty_directory_has_every_shape() -> None:
    directory = Directory.of([])
    clients = ClientArrays.of([an_intake()])
    assert len(directory) == 0
    assert all(column.shape == (1, 0) for column in match_features(clients, directory).values())


def test_a_part_keeps_ids_with_their_rows() -> None:
    directory = Directory.of(a_therapist(f"t{k}", capacity=k, licence_regions=("DE", "FR")) for k in range(5))
    part = directory.take(np.array([1, 4]))
    assert part.ids.tolist() == ["t1", "t4"]
    assert part.capacity.tolist() == [1, 4]
    assert part.row("t4") == 1
    assert part.licensed("FR").tolist() == [True, True]


def test_arrays_come_back_as_they_went() -> None:
    rows = [a_therapist("t1", openings=(Opening(0, 600, "online"),), style=Style(1, None, -3, 0)), a_therapist("ü")]
    directory = Directory.of(rows)
    arrays = directory.to_arrays()
    assert all(array.dtype != object for array in arrays.values())
    again = Directory.from_arrays(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(again.to_arrays()[name], array)
    assert again.row("ü") == 1


@pytest.mark.parametrize(
    ("region", "licensed"),
    [
        (None, [True, True, True]),
        ("DE", [True, False, False]),  # a licence for a part of the country is not one for the country
        ("DE-BE", [True, True, False]),
        ("DE-BY", [True, False, False]),
        ("FR", [False, False, True]),
        ("US-CA", [False, False, False]),
    ],
)
def test_a_country_covers_its_regions(region: str | None, licensed: list[bool]) -> None:
    rows = [("DE",), ("DE-BE",), ("DE-HH", "FR")]
    directory = Directory.of(a_therapist(f"t{k}", licence_regions=regions) for k, regions in enumerate(rows))
    assert directory.licensed(region).tolist() == licensed


def test_more_regions_than_bits_in_a_word() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    regions = [f"US-{a}{b}" for a in letters[:5] for b in letters]
    directory = Directory.of(a_therapist(f"t{k:03}", licence_regions=(region,)) for k, region in enumerate(regions))
    assert directory.licences.shape == (130, 3)
    for k in (0, 63, 64, 129):
        assert np.flatnonzero(directory.licensed(regions[k])).tolist() == [k]


def test_a_quarter_of_the_equator() -> None:
    here, there = np.radians([[0.0, 0.0]]), np.radians([[0.0, 90.0], [0.0, 180.0], [90.0, 0.0]])
    quarter = math.pi / 2 * EARTH_RADIUS_KM
    np.testing.assert_allclose(distance_km(here, there), [[quarter, 2 * quarter, quarter]], rtol=1e-12)


def test_distance_from_an_unknown_place_is_unknown() -> None:
    clients = ClientArrays.of([an_intake(location=BERLIN), an_intake()])
    directory = Directory.of([a_therapist("t1", location=BERLIN), a_therapist("t2")])
    assert np.isnan(distance_km(clients.place, directory.place)).tolist() == [[False, True], [True, True]]


def test_client_features_worked_by_hand() -> None:
    rows = [
        an_intake(id="c1", concerns=("panic", "grief"), hope=7, had_therapy=True, helped=("warm", "tools")),
        an_intake(id="c2", concerns=("autism",), age_band="from_35", had_therapy=False),
    ]
    features = client_features(rows)
    assert features["client_id"].tolist() == ["c1", "c2"]
    assert features["concern_family"].tolist() == ["anxiety", "body_and_mind"]
    assert features["n_concerns"].tolist() == [2, 1]
    np.testing.assert_array_equal(features["hope"], [7, np.nan])
    np.testing.assert_array_equal(features["had_therapy"], [1, -1])
    np.testing.assert_array_equal(features["client_age"], [np.nan, 42.5])
    np.testing.assert_array_equal(features["n_helped"], [2, 0])
    np.testing.assert_array_equal(features["n_hindered"], [0, 0])


def test_every_concern_has_one_family() -> None:
    named = [concern for family in CONCERN_FAMILIES.values() for concern in family]
    assert sorted(named) == sorted(v.CONCERNS.codes)


def test_therapist_features_worked_by_hand() -> None:
    row = a_therapist("t", concerns={"grief": 3, "panic": 1}, modalities=("cbt", "act"), style=Style(lead=-2), years=4)
    features = therapist_features([row])
    assert features["breadth"].tolist() == [4 / 24]
    assert features["n_modalities"].tolist() == [2]
    assert features["n_trainings"].tolist() == [0]
    assert features["therapist_lead"].tolist() == [-2]
    assert features["therapist_time"].tolist() == [0]
    np.testing.assert_array_equal(therapist_features([row, a_therapist("u")])["years"], [4, np.nan])


def test_match_features_worked_by_hand() -> None:
    client = an_intake(
        concerns=("grief", "panic", "sleep"),
        languages=("en", "de"),
        gender="woman",
        communities=("students", "carers"),
        style=Style(lead=3, feeling=None, time=0, challenge=-1),
        wishes=wishes(gender=("woman", "must"), faith=("sikh", "a_little"), background=("african", "matters")),
    )
    near = a_therapist(
        "t1",
        concerns={"grief": 3, "panic": 1},
        languages=("de",),
        gender="man",
        faith="sikh",
        background="mixed",
        communities=("students",),
        style=Style(lead=-3, feeling=2, time=1, challenge=None),
    )
    features = match_features(ClientArrays.of([client]), Directory.of([near, a_therapist("t2", languages=("en",))]))
    expected = {
        "gap_lead": [6, 16 / 7],
        "gap_feeling": [16 / 7, 16 / 7],
        "gap_time": [1, 16 / 7],
        "gap_challenge": [16 / 7, 16 / 7],
        "main_depth": [3, 2],
        "mean_depth": [(3 + 1 + 0) / 3, 2 / 3],
        "wish_gender": [-3, 0],
        "wish_age_band": [0, 0],
        "wish_modality": [0, 0],
        "wish_identity": [1 - 2, 0],
        "knows_community": [1 / 2, 0],
        "first_language": [-1, 1],
        "same_gender": [-1, 0],
        "same_background": [0, 0],
    }
    assert set(features) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(features[name], [values], err_msg=name)


def test_features_of_listed_pairs_are_those_of_all_pairs() -> None:
    clients = ClientArrays.of([an_intake(id="c1", style=Style(1, 2, 3, 0)), an_intake(id="c2", concerns=("sleep",))])
    directory = Directory.of([a_therapist("t1", style=Style(0, 0, 0, 0)), a_therapist("t2", concerns={"sleep": 3})])
    pairs = (np.array([1, 0, 1]), np.array([0, 1, 1]))
    every, listed = match_features(clients, directory), match_features(clients, directory, pairs)
    for name in every:
        np.testing.assert_array_equal(listed[name], every[name][pairs], err_msg=name)


def test_the_gap_of_the_unsure_is_the_mean_gap_of_anyone() -> None:
    places = range(-3, 4)
    assert sum(abs(i - j) for i in places for j in places) / 49 == UNKNOWN_GAP


def test_a_clinic_of_nine_hundred_supports_the_columns() -> None:
    clients, directory = ClientArrays.of([an_intake()]), Directory.of([a_therapist()])
    n_client = len(client_features(clients)) - 2 + len(CONCERN_FAMILIES) - 1  # without the id and the spread family
    n_therapist = len(therapist_features(directory)) - 1
    n_not_said = 3  # hope, client_age and years
    assert n_client + n_therapist + len(match_features(clients, directory)) + n_not_said <= 40


def test_places_are_kept_in_radians() -> None:
    clients = ClientArrays.of([an_intake(location=Location(90, -180))])
    np.testing.assert_allclose(clients.place, [[math.pi / 2, -math.pi]])
