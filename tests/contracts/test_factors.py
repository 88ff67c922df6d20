"""What every factor promises: range, no NaN, one pair at a time, its direction, its rule for silence, its sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import vocabulary as v
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Intake, Location, Opening, Style, Therapist
from matcher.factors.base import NEUTRAL, Circumstances, Factor, Pair
from matcher.factors.registry import FACTOR, FACTORS
from tests.builders import BERLIN, INTAKES, THERAPISTS, TODAY, a_therapist, an_intake, directories, wishes

EVERY = pytest.mark.parametrize("factor", FACTORS, ids=[factor.code for factor in FACTORS])


def values(factor: Factor, intakes: list[Intake], therapists: list[Therapist], standing: Any = None) -> Floats:
    here = Circumstances(TODAY, None if standing is None else np.asarray(standing, dtype=float))
    return factor.values(ClientArrays.of(intakes), Directory.of(therapists), here)


def one(factor: Factor, intake: Intake, therapist: Therapist, standing: float | None = None) -> float:
    return float(values(factor, [intake], [therapist], None if standing is None else [[standing]])[0, 0])


@EVERY
@settings(max_examples=60, deadline=None)
@given(st.lists(INTAKES, min_size=1, max_size=3), directories(), st.floats(-40, 40), st.booleans())
def test_in_range_without_nan(
    factor: Factor, intakes: list[Intake], therapists: list[Therapist], standing: float, modelled: bool
) -> None:
    shape = (len(intakes), len(therapists))
    found = values(factor, intakes, therapists, np.full(shape, standing) if modelled else None)
    assert found.shape == shape
    assert not np.isnan(found).any()
    assert (found >= 0).all()
    assert (found <= 1).all()


@EVERY
@settings(max_examples=40, deadline=None)
@given(st.lists(INTAKES, min_size=2, max_size=3), directories(2), st.data())
def test_each_pair_stands_alone(
    factor: Factor, intakes: list[Intake], therapists: list[Therapist], data: st.DataObject
) -> None:
    """Order and company change nothing: the value of a pair is the same alone, among others, and shuffled."""
    standing = np.array([[data.draw(st.floats(-3, 3)) for _ in therapists] for _ in intakes])
    together = values(factor, intakes, therapists, standing)
    order = data.draw(st.permutations(range(len(intakes))))
    shuffled = data.draw(st.permutations(therapists))
    np.testing.assert_array_equal(
        values(factor, [intakes[k] for k in order], shuffled, standing[order]), together[order]
    )
    for i, intake in enumerate(intakes):
        for j, therapist in enumerate(therapists):
            alone = values(factor, [intake], [therapist], standing[i : i + 1, j : j + 1])
            np.testing.assert_array_equal(alone, together[i : i + 1, j : j + 1])


@EVERY
def test_silence_on_both_sides_is_the_same_for_everyone(factor: Factor) -> None:
    therapists = [a_therapist("t1"), a_therapist("t2", languages=("fr",))]
    found = values(factor, [an_intake()], therapists)[0]
    assert found[0] == found[1]
    if factor.code not in {"concern_expertise", "access"}:  # a listed concern and an opening today are not silence
        assert found[0] == NEUTRAL


@EVERY
def test_source_unit_direction_and_rule_are_stated(factor: Factor) -> None:
    assert factor.sources
    assert all(source.citation and source.finding and 1900 < source.year < 2100 for source in factor.sources)
    assert factor.unit
    assert factor.direction.startswith("rises")
    assert factor.missing
    assert factor.why
    assert factor.default_weight >= 0


def test_default_weights_are_those_of_the_design() -> None:
    assert abs(sum(factor.default_weight for factor in FACTORS) - 1) < 1e-12
    assert FACTOR["experience"].default_weight == 0
    assert max(FACTORS, key=lambda factor: factor.default_weight).code == "alliance"


# Directions: (factor, what is named, worse → better). Each step must not lower the value; the last one must raise it.

STEPS: list[tuple[str, str, Intake, list[Therapist]]] = [
    ("preference_fit", "style gap", an_intake(style=Style(lead=3)),
     [a_therapist(style=Style(lead=k)) for k in range(-3, 4)]),
    ("preference_fit", "wish met", an_intake(wishes=wishes(gender=("woman", "a_little"))),
     [a_therapist(gender="man"), a_therapist(), a_therapist(gender="woman")]),
    ("preference_fit", "implied style", an_intake(hindered=("left_in_silence",)),
     [a_therapist(style=Style(lead=k)) for k in (3, 0, -2)]),
    ("concern_expertise", "main depth", an_intake(concerns=("panic", "grief")),
     [a_therapist(concerns={"grief": 2} | ({"panic": k} if k else {})) for k in range(4)]),
    ("concern_expertise", "third depth", an_intake(concerns=("panic", "grief", "sleep")),
     [a_therapist(concerns={"sleep": k} if k else {}) for k in range(4)]),
    ("concern_expertise", "community", an_intake(communities=("deaf", "carers")),
     [a_therapist(), a_therapist(communities=("deaf",)), a_therapist(communities=("deaf", "carers"))]),
    ("credibility", "training", an_intake(),
     [a_therapist(trainings=t) for t in (("in_training",), (), ("masters",), ("masters", "doctorate"))]),
    ("credibility", "modality", an_intake(wishes=wishes(modality=("emdr", "matters"))),
     [a_therapist(modalities=("cbt",)), a_therapist(), a_therapist(modalities=("cbt", "emdr"))]),
    ("expectancy", "recommended", an_intake(recommended_therapist_id="t1"), [a_therapist("t0"), a_therapist("t1")]),
    ("expectancy", "helped before, style", an_intake(helped=("warm",)),
     [a_therapist(style=Style(challenge=k)) for k in (3, 0, -3)]),
    ("expectancy", "helped before, modality", an_intake(helped=("tools",)),
     [a_therapist(modalities=("gestalt",)), a_therapist(), a_therapist(modalities=("act",))]),
    ("access", "wait", an_intake(),
     [a_therapist(available_from=TODAY + timedelta(days=k)) for k in (90, 30, 7, 0)]),
    ("access", "fee", an_intake(max_fee_cents=10_000), [a_therapist(fee_cents=k) for k in (10_000, 5_000, 0)]),
    ("access", "way", an_intake(location=BERLIN, formats=("in_person",)),
     [a_therapist(formats=("in_person",), location=Location(lat, 13.405)) for lat in (54.0, 53.0, 52.52)]),
    ("access", "openings", an_intake(times=("mon_morning", "tue_morning")),
     [a_therapist(openings=tuple(Opening(day, 600, "online") for day in days)) for days in ((3,), (0,), (0, 1))]),
    ("continuity", "known before", an_intake(former_therapist_id="t1"), [a_therapist("t0"), a_therapist("t1")]),
    ("experience", "years", an_intake(), [a_therapist(years=k) for k in (0, 1, 5, 40)]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "named", "intake", "steps"), STEPS, ids=[f"{s[0]}: {s[1]}" for s in STEPS])
def test_rises_as_it_says(code: str, named: str, intake: Intake, steps: list[Therapist]) -> None:
    found = [one(FACTOR[code], intake, therapist) for therapist in steps]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_every_factor_but_the_modelled_one_has_a_step() -> None:
    assert {step[0] for step in STEPS} | {"alliance"} == set(FACTOR)


@settings(max_examples=50, deadline=None)
@given(INTAKES, THERAPISTS, st.floats(-5, 5), st.floats(0, 5))
def test_alliance_rises_with_the_contrast(intake: Intake, therapist: Therapist, standing: float, more: float) -> None:
    lower, higher = (one(FACTOR["alliance"], intake, therapist, x) for x in (standing, standing + more))
    assert lower <= higher


MONOTONE: dict[str, tuple[Callable[[Intake, Therapist, Any], tuple[Therapist, Therapist]], st.SearchStrategy[Any]]] = {
    "preference_fit": (
        lambda i, t, k: (
            replace(t, style=Style(*[_away(w, k) for w in _said(i.style)])),
            replace(t, style=Style(*[_away(w, k - 1) for w in _said(i.style)])),
        ),
        st.integers(1, 6),
    ),
    "concern_expertise": (
        lambda i, t, k: (
            replace(t, concerns=dict(t.concerns) | {i.concerns[0]: k}),
            replace(t, concerns=dict(t.concerns) | {i.concerns[0]: k + 1}),
        ),
        st.integers(1, 2),
    ),
    "credibility": (
        lambda i, t, training: (
            replace(t, trainings=tuple(x for x in t.trainings if x not in {training, "in_training"})),
            replace(t, trainings=(*(x for x in t.trainings if x not in {training, "in_training"}), training)),
        ),
        st.sampled_from(["masters", "diploma", "accredited", "doctorate", "supervisor"]),
    ),
    "expectancy": (
        lambda i, t, _: (replace(t, id="nobody at all"), replace(t, id=i.recommended_therapist_id or t.id)),
        st.none(),
    ),
    "access": (
        lambda i, t, day: (replace(t, available_from=day), replace(t, available_from=day - timedelta(days=9))),
        st.dates(date(2026, 1, 20), date(2027, 1, 1)),
    ),
    "continuity": (
        lambda i, t, _: (replace(t, id="nobody at all"), replace(t, id=i.former_therapist_id or t.id)),
        st.none(),
    ),
    "experience": (
        lambda i, t, years: (replace(t, years=years), replace(t, years=years + 1)),
        st.floats(0, 79),
    ),
}


def _said(style: Style) -> list[int | None]:
    return [getattr(style, scale) for scale in v.STYLES.codes]


def _away(wish: int | None, gap: int) -> int | None:
    """A place that is ``gap`` from the wish, or as far away as the scale goes."""
    if wish is None:
        return None
    return max(-3, wish - gap) if wish > 0 else min(3, wish + gap)


@pytest.mark.parametrize("code", MONOTONE)
@settings(max_examples=60, deadline=None)
@given(INTAKES, THERAPISTS, st.data())
def test_never_falls_when_it_should_rise(code: str, intake: Intake, therapist: Therapist, data: st.DataObject) -> None:
    steps, draw = MONOTONE[code]
    worse, better = steps(intake, therapist, data.draw(draw))
    assert one(FACTOR[code], intake, worse) <= one(FACTOR[code], intake, better)


@EVERY
@settings(max_examples=60, deadline=None)
@given(INTAKES, directories(1, 2))
def test_a_reason_adds_and_a_caution_costs(factor: Factor, intake: Intake, therapists: list[Therapist]) -> None:
    """What a factor says about a pair never claims more of its value than there is."""
    clients, directory, here = ClientArrays.of([intake]), Directory.of(therapists), Circumstances(TODAY)
    for row in range(len(therapists)):
        for remark in factor.remarks(Pair(clients, directory.take(np.array([row])), here)):
            assert -1 <= remark.part <= NEUTRAL
            assert remark.part != 0
            assert all(isinstance(value, str | int | float) for value in remark.reason.params.values())
