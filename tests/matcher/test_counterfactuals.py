"""What would have to change: each change that is told does it, and a smaller one does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher import Directory, normalised, rank, what_if
from matcher.counterfactuals import WhatIf
from matcher.entities import Intake, Therapist
from matcher.errors import InvalidInput
from matcher.factors.registry import FACTORS
from matcher.weights import GRID
from tests.builders import INTAKES, TODAY, a_therapist, an_intake, directories
from tests.matcher.test_ranking import ASKING, OPEN, WEIGHTS, weights_of

HALVES = normalised({"concern_expertise": 1, "access": 1}, version="halves")
PEOPLE = [
    a_therapist("ana", concerns={"grief": 3}, fee_cents=6000),
    a_therapist("ben", concerns={"grief": 1}, fee_cents=2000),
]
ASKED = an_intake(max_fee_cents=8000)


def test_the_gaps_and_the_needs_by_hand() -> None:
    """Concern 1 against 1/3; access, of the fee alone, 1 − 6/16 = 5/8 against 1 − 2/16 = 7/8.

    Ben is behind by (2/3 − 1/4) / 2 = 5/24. With x for access beside ½ for concern he is first from x = 4/3 on, a
    share of 4/3 / (½ + 4/3) = 8/11; or with ½ · ¼ / (2/3) = 3/16 for concern, a share of 3/11; or with a concern of
    1/3 + 5/12.
    """
    found = what_if(ASKED, Directory.of(PEOPLE), "ben", weights=HALVES)
    assert found.place == 2 and [gap.factor for gap in found.gaps] == ["concern_expertise", "access"]
    assert [gap.points for gap in found.gaps] == pytest.approx([1 / 3, -1 / 8], abs=1e-7)
    assert {one.factor: one.needed for one in found.by_weight} == pytest.approx(
        {"access": 8 / 11, "concern_expertise": 3 / 11}, abs=1e-5
    )
    assert [(one.factor, one.needed) for one in found.by_value] == [
        ("concern_expertise", pytest.approx(3 / 4, abs=1e-6))
    ]


def test_the_first_needs_nothing() -> None:
    found = what_if(ASKED, Directory.of(PEOPLE), "ana", weights=HALVES)
    assert (found.place, found.gaps, found.by_weight, found.by_value) == (1, (), (), ())


def with_share(found: WhatIf, weights: dict[str, float], factor: str, share: float) -> dict[str, float]:
    others = sum(weight for code, weight in weights.items() if code != factor)
    return weights | {factor: share * others / (1 - share)}


@ASKING
@given(OPEN, directories(2), WEIGHTS, st.integers(0, 4))
def test_a_share_that_is_told_makes_them_first(
    intake: Intake, therapists: list[Therapist], relative: list[int], who: int
) -> None:
    weights, directory = weights_of(relative), Directory.of(therapists)
    answer = rank(intake, directory, weights=weights, today=TODAY)
    assume(len(answer.matches) > 1)
    match = answer.matches[who % len(answer.matches)]
    found = what_if(intake, directory, match.therapist_id, weights=weights, today=TODAY)
    assert (found.place, found.score) == (match.place, match.score)
    first = answer.matches[0].score
    assert sum(gap.points for gap in found.gaps) == pytest.approx(first - match.score, abs=1e-9)
    for needed in found.by_weight:
        assume(needed.needed < 0.999)
        changed = normalised(with_share(found, dict(weights.values), needed.factor, needed.needed), version="w")
        after = rank(intake, directory, weights=changed, today=TODAY)
        mine = next(one.score for one in after.matches if one.therapist_id == match.therapist_id)
        assert mine >= after.matches[0].score - 1e-6
        part = 0.9 * (needed.needed - needed.now)
        short = normalised(with_share(found, dict(weights.values), needed.factor, needed.now + part), version="w")
        before = rank(intake, directory, weights=short, today=TODAY)
        assert before.matches[0].therapist_id != match.therapist_id or abs(part) < 1e-4
    others = [one for one in answer.matches if one.therapist_id != match.therapist_id]
    for value in found.by_value:
        mine = match.score + weights.values[value.factor] * (value.needed - value.now)
        assert all((-mine, match.therapist_id) < (-one.score, one.therapist_id) for one in others)
        short = match.score + weights.values[value.factor] * (value.needed - 2 / GRID - value.now)
        assert not all((-short, match.therapist_id) < (-one.score, one.therapist_id) for one in others)


@ASKING
@given(INTAKES, directories(1, 3))
def test_the_changes_that_are_told_let_them_be_offered(intake: Intake, therapists: list[Therapist]) -> None:
    directory = Directory.of(therapists)
    for refusal in rank(intake, directory).refusals:
        found = what_if(intake, directory, refusal.therapist_id)
        assert found.place is None and found.refusals == refusal.codes
        assert set(found.fixed) <= set(refusal.codes)
        if not found.changes:
            continue
        left = rank(changed(intake, found), directory).refusals
        mine = [one.codes for one in left if one.therapist_id == refusal.therapist_id]
        assert (mine[0] if mine else ()) == found.fixed


def changed(intake: Intake, found: WhatIf) -> Intake:
    """The intake with all the changes that were told."""
    for change in found.changes:
        said = change.params
        if change.code == "soften_wish":
            trait = str(said["trait"])
            softer = replace(getattr(intake.wishes, trait), strength="matters")
            intake = replace(intake, wishes=replace(intake.wishes, **{trait: softer}))
        elif change.code == "raise_distance":
            intake = replace(intake, max_distance_km=float(said["km"]))
        elif change.code in ("raise_fee", "pay_yourself"):
            intake = replace(intake, max_fee_cents=int(said["max_fee_cents"]))
        else:
            name = {"add_time": "times", "add_format": "formats", "add_language": "languages"}[change.code]
            intake = replace(intake, **{name: (*getattr(intake, name), said[name.removesuffix("s")])})
    return intake


def test_who_is_full_is_told_so_and_nothing_is_asked_of_the_client() -> None:
    found = what_if(an_intake(), Directory.of([a_therapist("t1", capacity=0)]), "t1")
    assert (found.refusals, found.fixed, found.changes) == (("capacity",), ("capacity",), ())


def test_somebody_unknown_is_refused() -> None:
    with pytest.raises(InvalidInput, match="therapist_id"):
        what_if(an_intake(), Directory.of([a_therapist("t1")]), "t2")


def test_weights_cover_every_factor() -> None:
    assert np.isclose(sum(HALVES.values.values()), 1) and set(HALVES.values) == {factor.code for factor in FACTORS}
