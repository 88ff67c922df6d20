"""Each hard requirement by hand: met, not met, and not said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from matcher.eligibility import CODES, RefusalTable, codes_of, flag, refusals
from matcher.encoding import ClientArrays, Directory
from matcher.entities import Intake, Location, Opening, Refusal, Therapist
from tests.builders import BERLIN, INTAKES, a_therapist, an_intake, directories, wishes

POTSDAM = Location(52.40, 13.06)  # 27 km from the middle of Berlin
MONDAY_EVENING = Opening(0, 18 * 60, "online")
TUESDAY_MORNING = Opening(1, 9 * 60, "in_person")

BOTH = ("online", "in_person")
FAR = {"location": BERLIN, "max_distance_km": 20.0}


def codes(client: dict[str, Any], therapist: dict[str, Any]) -> tuple[str, ...]:
    refused = refusals(ClientArrays.of([an_intake(**client)]), Directory.of([a_therapist(**therapist)]))
    return codes_of(int(refused[0, 0]))


CASES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]]] = [
    ("nothing asked", {}, {}, ()),
    ("full", {}, {"capacity": 0}, ("capacity",)),
    ("blocked", {"blocked_therapist_ids": ("t9", "t1")}, {}, ("blocked",)),
    ("blocked somebody else", {"blocked_therapist_ids": ("t9",)}, {}, ()),
    ("licence here", {"region": "DE-BE"}, {"licence_regions": ("DE",)}, ()),
    ("licence elsewhere", {"region": "DE-BE"}, {"licence_regions": ("DE-BY", "FR")}, ("licence",)),
    ("age group met", {"age_band": "from_65"}, {"age_groups": ("older_adults",)}, ()),
    ("age group not met", {"age_band": "from_13"}, {"age_groups": ("adults", "children")}, ("age_group",)),
    ("one common language", {"languages": ("en", "de")}, {"languages": ("de", "fr")}, ()),
    ("no common language", {"languages": ("en",)}, {"languages": ("de",)}, ("language",)),
    ("format met", {"formats": ("in_person",)}, {"formats": BOTH}, ()),
    ("format not met", {"formats": ("in_person",)}, {"formats": ("online",)}, ("format",)),
    ("near enough", FAR, {"formats": ("in_person",), "location": BERLIN}, ()),
    ("too far", FAR, {"formats": ("in_person",), "location": POTSDAM}, ("distance",)),
    ("too far, but online too", FAR, {"formats": BOTH, "location": POTSDAM}, ()),
    ("too far, online not wanted", FAR | {"formats": ("in_person",)}, {"formats": BOTH, "location": POTSDAM},
     ("distance",)),
    ("place not said by the therapist", FAR, {"formats": ("in_person",)}, ("distance",)),
    ("limit without a place", {"max_distance_km": 1.0}, {"formats": ("in_person",), "location": POTSDAM}, ()),
    ("place without a limit", {"location": BERLIN}, {"formats": ("in_person",), "location": POTSDAM}, ()),
    ("time met", {"times": ("mon_evening",)}, {"openings": (MONDAY_EVENING,)}, ()),
    ("time not met", {"times": ("mon_morning",)}, {"openings": (MONDAY_EVENING,)}, ("times",)),
    ("no diary", {"times": ("mon_morning",)}, {"openings": ()}, ()),
    ("time met in a format not wanted", {"times": ("mon_evening",), "formats": ("in_person",)},
     {"formats": BOTH, "openings": (MONDAY_EVENING,)}, ("times",)),
    ("time met in person, but too far", FAR | {"times": ("tue_morning",)},
     {"formats": BOTH, "location": POTSDAM, "openings": (MONDAY_EVENING, TUESDAY_MORNING)}, ("times",)),
    ("time and format not met", {"times": ("mon_morning",), "formats": ("in_person",)},
     {"openings": (MONDAY_EVENING,)}, ("format", "times")),
    ("fee at the limit", {"max_fee_cents": 6_000}, {"fee_cents": 6_000}, ()),
    ("fee above the limit", {"max_fee_cents": 6_000}, {"fee_cents": 6_001}, ("fee",)),
    ("sliding fee below", {"max_fee_cents": 6_000}, {"fee_cents": 9_000, "sliding_fee_cents": 5_000}, ()),
    ("fee not said", {"max_fee_cents": 6_000}, {}, ("fee",)),
    ("nothing to pay with", {"max_fee_cents": 0}, {"fee_cents": 1}, ("fee",)),
    ("insurance taken", {"insurance": "private"}, {"insurances": ("private",)}, ()),
    ("insurance not taken", {"insurance": "private"}, {"insurances": ("student",), "fee_cents": 1}, ("insurance",)),
    ("insurance or fee: fee", {"insurance": "private", "max_fee_cents": 6_000}, {"fee_cents": 6_000}, ()),
    ("insurance or fee: insurance", {"insurance": "private", "max_fee_cents": 1}, {"insurances": ("private",)}, ()),
    ("insurance or fee: neither", {"insurance": "private", "max_fee_cents": 1}, {"fee_cents": 6_000}, ("fee",)),
    ("gender met", {"wishes": wishes(gender=("woman", "must"))}, {"gender": "woman"}, ()),
    ("gender not met", {"wishes": wishes(gender=("woman", "must"))}, {"gender": "man"}, ("must_gender",)),
    ("gender not said", {"wishes": wishes(gender=("woman", "must"))}, {}, ("must_gender",)),
    ("gender only matters", {"wishes": wishes(gender=("woman", "matters"))}, {"gender": "man"}, ()),
    ("age not met", {"wishes": wishes(age_band=("from_35", "must"))}, {"age_band": "from_25"}, ("must_age_band",)),
    ("background not said", {"wishes": wishes(background=("mixed", "must"))}, {}, ("must_background",)),
    ("faith not said", {"wishes": wishes(faith=("none", "must"))}, {}, ("must_faith",)),
    ("faith met", {"wishes": wishes(faith=("none", "must"))}, {"faith": "none"}, ()),
    ("community met", {"wishes": wishes(communities=("deaf", "must"))}, {"communities": ("carers", "deaf")}, ()),
    ("community not met", {"wishes": wishes(communities=("deaf", "must"))}, {"communities": ("carers",)},
     ("must_communities",)),
    ("modality not met", {"wishes": wishes(modality=("emdr", "must"))}, {"modalities": ("cbt",)}, ("must_modality",)),
    ("everything at once", {"languages": ("en",), "max_fee_cents": 1, "wishes": wishes(faith=("sikh", "must"))},
     {"capacity": 0, "fee_cents": 2}, ("capacity", "language", "fee", "must_faith")),
]  # fmt: skip


@pytest.mark.parametrize(("client", "therapist", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_by_hand(client: dict[str, Any], therapist: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert codes(client, therapist) == expected


def test_every_code_has_a_case() -> None:
    assert {code for case in CASES for code in case[3]} == set(CODES)


def test_rows_are_clients_and_columns_therapists() -> None:
    clients = ClientArrays.of([an_intake(languages=("de",)), an_intake(languages=("fr",))])
    directory = Directory.of([a_therapist("t1"), a_therapist("t2", languages=("fr", "de")), a_therapist("t3")])
    assert (refusals(clients, directory) == 0).tolist() == [[True, True, True], [False, True, False]]


@settings(max_examples=60, deadline=None)
@given(INTAKES, INTAKES, directories())
def test_a_pair_is_judged_by_itself(first: Intake, second: Intake, therapists: list[Therapist]) -> None:
    """One client at a time, one therapist at a time, or all at once: the same answer."""
    together = refusals(ClientArrays.of([first, second]), Directory.of(therapists))
    for row, intake in enumerate((first, second)):
        for column, therapist in enumerate(therapists):
            alone = refusals(ClientArrays.of([intake]), Directory.of([therapist]))
            assert alone[0, 0] == together[row, column]


def a_table() -> RefusalTable:
    rows = [a_therapist("t1", languages=("fr",), capacity=0), a_therapist("t2", capacity=0), a_therapist("t3")]
    directory = Directory.of(rows)
    refused = refusals(ClientArrays.of([an_intake(languages=("de",))]), directory)[0]
    return RefusalTable(directory.ids[refused != 0], refused[refused != 0])


def test_a_table_of_refusals_is_a_sequence_of_refusals() -> None:
    table = a_table()
    expected = [Refusal("t1", ("capacity", "language")), Refusal("t2", ("capacity",))]
    assert list(table) == expected
    assert table == expected
    assert table == tuple(expected)
    assert table != expected[:1]
    assert table[-1] == expected[1]
    assert list(table[1:]) == expected[1:]
    with pytest.raises(IndexError):
        table[2]


def test_a_table_counts_what_each_requirement_excludes() -> None:
    assert a_table().counts() == {"capacity": 2, "language": 1}


def test_bits_and_codes_are_one_to_one() -> None:
    assert codes_of(sum(flag(code) for code in CODES)) == CODES
