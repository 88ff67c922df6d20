"""The smallest change that opens places, one case by hand for each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from matcher.eligibility import refusals
from matcher.encoding import ClientArrays, Directory
from matcher.entities import Intake, Location, Opening, Reason, Remedy, Therapist
from matcher.remedies import remedies
from tests.builders import BERLIN, INTAKES, a_therapist, an_intake, directories, wishes

# One degree of latitude is 6371.0088 · π / 180 = 111.195 km: 12 km are 0.10792 degrees.
TWELVE_KM = Location(52.52 + 11.9 / 111.195, 13.405)
FORTY_KM = Location(52.52 + 39.5 / 111.195, 13.405)

CASES: list[tuple[str, dict[str, Any], list[dict[str, Any]], Remedy]] = [
    ("time", {"times": ("mon_morning",)},
     [{"openings": (Opening(1, 600, "online"), Opening(2, 600, "online"))}, {"openings": (Opening(2, 601, "online"),)}],
     Remedy("add_time", {"time": "wed_morning"}, 2)),
    ("distance", {"location": BERLIN, "max_distance_km": 5.0, "formats": ("in_person",)},
     [{"formats": ("in_person",), "location": TWELVE_KM}, {"formats": ("in_person",), "location": FORTY_KM}],
     Remedy("raise_distance", {"km": 12}, 1)),
    ("format", {"formats": ("in_person",)}, [{}, {}], Remedy("add_format", {"format": "online"}, 2)),
    ("fee", {"max_fee_cents": 5_000}, [{"fee_cents": 6_800}, {"fee_cents": 7_000}, {"fee_cents": 7_001}, {}],
     Remedy("raise_fee", {"max_fee_cents": 7_000}, 2)),
    ("insurance", {"insurance": "private"}, [{"fee_cents": 9_000}, {"fee_cents": 6_000, "sliding_fee_cents": 4_000}],
     Remedy("pay_yourself", {"max_fee_cents": 4_000}, 1)),
    ("language", {"languages": ("fr",)}, [{"languages": ("es",)}, {"languages": ("en", "es")}, {"languages": ("en",)},
     {"languages": ("es",)}], Remedy("add_language", {"language": "es"}, 3)),
    ("gender", {"wishes": wishes(gender=("woman", "must"))}, [{"gender": "man"}, {}],
     Remedy("soften_wish", {"trait": "gender"}, 2)),
    ("capacity", {}, [{"capacity": 0}, {"capacity": 0}], Remedy("wait_for_place", {}, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("client", "therapists", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_by_hand(client: dict[str, Any], therapists: list[dict[str, Any]], expected: Remedy) -> None:
    directory = Directory.of(a_therapist(f"t{k}", **row) for k, row in enumerate(therapists))
    assert remedies(an_intake(**client), directory) == (expected,)


def test_a_time_that_was_named_already_is_no_way_out() -> None:
    """Somebody free at that very time, for whom no distance can be named: there is nothing to change."""
    client = an_intake(times=("mon_morning",), location=BERLIN, max_distance_km=5.0, formats=("in_person",))
    nowhere = a_therapist("t0", formats=("in_person",), openings=(Opening(0, 600, "in_person"),))
    assert remedies(client, Directory.of([nowhere])) == ()


def test_what_opens_most_comes_first_and_the_full_come_last() -> None:
    client = an_intake(languages=("fr",), max_fee_cents=5_000)
    rows = [
        {"languages": ("fr",), "fee_cents": 5_500},
        {"languages": ("en",), "fee_cents": 5_000},
        {"languages": ("en",), "fee_cents": 4_000},
        {"languages": ("fr",), "fee_cents": 4_000, "capacity": 0},
    ]
    assert remedies(client, Directory.of(a_therapist(f"t{k}", **row) for k, row in enumerate(rows))) == (
        Remedy("add_language", {"language": "en"}, 2),
        Remedy("raise_fee", {"max_fee_cents": 5_500}, 1),
        Remedy("wait_for_place", {}, 1),
    )


def test_two_changes_where_none_alone_helps() -> None:
    client = an_intake(languages=("fr",), max_fee_cents=5_000)
    rows = [{"languages": ("en",), "fee_cents": 8_000}, {"languages": ("en",), "fee_cents": 6_000}]
    assert remedies(client, Directory.of(a_therapist(f"t{k}", **row) for k, row in enumerate(rows))) == (
        Remedy("raise_fee", {"max_fee_cents": 6_000}, 1, Reason("add_language", {"language": "en"})),
    )


def test_what_nobody_can_change_is_never_proposed() -> None:
    client = an_intake(region="FR", age_band="from_13", blocked_therapist_ids=("t2",))
    rows = [a_therapist("t1", languages=("fr",)), a_therapist("t2", licence_regions=("FR",), age_groups=("teenagers",))]
    assert remedies(client, Directory.of(rows)) == ()


def test_no_number_is_named_where_nobody_said_one() -> None:
    client = an_intake(max_fee_cents=5_000, location=BERLIN, max_distance_km=1.0, formats=("in_person",))
    rows = [a_therapist("t1", formats=("in_person",), location=BERLIN), a_therapist("t2", formats=("in_person",))]
    assert remedies(client, Directory.of(rows)) == ()


def test_no_time_is_named_where_every_opening_is_in_the_wrong_format() -> None:
    client = an_intake(times=("mon_morning",))
    rows = [a_therapist(formats=("online",), openings=(Opening(0, 480, "in_person"),))]
    assert remedies(client, Directory.of(rows)) == ()


def eased(intake: Intake, code: str, params: Any) -> Intake:
    """The intake after a proposed change, written independently of how the proposal was found."""
    if code == "soften_wish":
        wish = getattr(intake.wishes, params["trait"])
        return replace(intake, wishes=replace(intake.wishes, **{params["trait"]: replace(wish, strength="a_little")}))
    changes: dict[str, Any] = {
        "add_time": lambda: {"times": (*intake.times, params["time"])},
        "raise_distance": lambda: {"max_distance_km": float(params["km"])},
        "add_format": lambda: {"formats": ("online", "in_person")},
        "raise_fee": lambda: {"max_fee_cents": params["max_fee_cents"]},
        "pay_yourself": lambda: {"max_fee_cents": params["max_fee_cents"]},
        "add_language": lambda: {"languages": (*intake.languages, params["language"])},
    }[code]()
    return replace(intake, **changes)


@settings(max_examples=200, deadline=None)
@given(INTAKES, directories(at_least=2))
def test_a_remedy_keeps_its_promise(intake: Intake, therapists: list[Therapist]) -> None:
    directory = Directory.of(therapists)
    before = (refusals(ClientArrays.of([intake]), directory) == 0).sum()
    for remedy in remedies(intake, directory):
        assert remedy.opens > 0
        if remedy.code == "wait_for_place":
            continue
        changed = eased(intake, remedy.code, remedy.params)
        if remedy.also is not None:
            changed = eased(changed, remedy.also.code, remedy.also.params)
        after = (refusals(ClientArrays.of([changed]), directory) == 0).sum()
        assert after - before == remedy.opens, remedy
