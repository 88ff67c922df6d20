"""Strengths and edges: shrinkage against known truth, what is withheld, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import strengths
from matcher import vocabulary as v
from matcher.development import FEWEST, SLIDERS, Voice
from matcher.development.batches import Z80
from matcher.development.shrinkage import shrunken_mean, shrunken_share
from matcher.errors import InvalidInput


def voice(who: str, k: int, score: float = 7.0, *, concern: str | None = None, **tags: dict[str, float]) -> Voice:
    return Voice(who, f"{who}-{k}", dict.fromkeys(SLIDERS, score), **tags, concern=concern)


def test_a_group_that_differs_from_nobody_is_typical() -> None:
    found = shrunken_mean(np.array([5.0, 7.0] * 30), np.repeat(np.arange(6), 10), 2)
    assert found.mean == pytest.approx(6.0) and found.typical == pytest.approx(6.0)
    assert found.weight < 0.3  # nothing says that therapists differ at all


def test_of_groups_that_differ_much_each_keeps_its_own_mean() -> None:
    values = np.concatenate([centre + np.tile([-0.5, 0.5], 20) for centre in (2.0, 5.0, 8.0)])
    found = shrunken_mean(values, np.repeat(np.arange(3), 40), 0)
    assert found.mean == pytest.approx(2.0, abs=0.05) and found.weight > 0.99


def test_five_clients_are_drawn_further_than_fifty() -> None:
    rng = np.random.default_rng(3)
    sizes = [50, 5, *[20] * 8]
    groups = np.repeat(np.arange(10), sizes)
    values = rng.normal(0, 1, len(groups)) + np.repeat(rng.normal(0, 0.5, 10), sizes)
    many, few = (shrunken_mean(values, groups, of) for of in (0, 1))
    assert many.weight > few.weight and many.sd < few.sd


def test_a_share_of_nobody_is_above_nothing_and_of_everybody_below_all() -> None:
    groups = np.repeat(np.arange(5), 8)
    none, every = (shrunken_share(np.where(groups == 0, part, 0.5), groups, 0) for part in (0.0, 1.0))
    assert 0 < none.mean < 0.5 < every.mean < 1


@pytest.mark.parametrize("kind", ["mean", "share"])
def test_the_band_holds_the_truth_four_times_in_five(kind: str) -> None:
    held, n = 0, 0
    for k in range(60):
        rng = np.random.default_rng(k)
        groups = np.repeat(np.arange(12), rng.integers(5, 30, 12))
        if kind == "mean":
            truth = 7 + 0.5 * rng.standard_normal(12)
            estimates = [shrunken_mean(truth[groups] + 1.7 * rng.standard_normal(len(groups)), groups, of)
                         for of in range(12)]  # fmt: skip
        else:
            truth = rng.beta(3, 7, 12)
            said = (rng.random(len(groups)) < truth[groups]).astype(float)
            estimates = [shrunken_share(said, groups, of) for of in range(12)]
        held += sum(abs(one.mean - true) <= Z80 * one.sd for one, true in zip(estimates, truth, strict=True))
        n += 12
    assert 0.76 <= held / n <= 0.86


def test_shrunken_means_are_nearer_to_the_truth_than_plain_ones() -> None:
    """Efron and Morris 1975: what is drawn towards the middle errs less, over all groups together."""
    plain, drawn = 0.0, 0.0
    for k in range(30):
        rng = np.random.default_rng(k)
        groups = np.repeat(np.arange(10), 6)
        truth = 7 + 0.4 * rng.standard_normal(10)
        values = truth[groups] + 1.7 * rng.standard_normal(60)
        means = np.bincount(groups, values) / 6
        plain += float(((means - truth) ** 2).sum())
        drawn += sum((shrunken_mean(values, groups, of).mean - truth[of]) ** 2 for of in range(10))
    assert drawn < 0.6 * plain


def test_below_five_clients_nothing_is_said() -> None:
    clinic = [voice("a", k) for k in range(FEWEST - 1)] + [voice("b", k) for k in range(9)]
    assert all(one.estimate is None for one in strengths(clinic, "a"))
    assert all(one.estimate is not None for one in strengths([*clinic, voice("a", 9)], "a"))
    assert strengths(clinic, "nobody") == ()


def test_every_tag_and_scale_is_there_in_the_order_of_the_vocabulary() -> None:
    found = strengths([voice("a", k) for k in range(5)], "a")
    assert [one.code for one in found] == [*SLIDERS, *v.HELPS.codes, *v.HINDRANCES.codes]


def test_concerns_that_are_told_leave_no_rest_of_a_few() -> None:
    """Seven with anxiety, five with grief and two others: the two are all minus both, so that grief is withheld."""
    clinic = [voice("a", k, concern="anxiety") for k in range(7)]
    clinic += [voice("a", k, concern="grief") for k in range(10, 15)]
    assert told_of(clinic) == {"anxiety": True, "grief": True}
    clinic += [voice("a", 20, concern="work"), voice("a", 21)]
    assert told_of(clinic) == {"anxiety": True, "grief": False, "work": False}


def told_of(clinic: list[Voice]) -> dict[str, bool]:
    return {one.code: one.estimate is not None for one in strengths(clinic, "a") if one.kind == "concern"}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 10), st.floats(0, 1)), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_whatever_is_said_figures_are_finite_and_no_order_matters(said: list[tuple[str, float, float]]) -> None:
    clinic = [voice(who, k, score, helped={"heard": share}) for k, (who, score, share) in enumerate(said)]
    one, two = strengths(clinic, said[0][0]), strengths(clinic[::-1], said[0][0])
    for first, second in zip(one, two, strict=True):
        if first.estimate is not None and second.estimate is not None:
            assert np.isfinite([first.estimate.mean, first.estimate.sd, first.influence]).all()
            assert first.estimate.mean == pytest.approx(second.estimate.mean, abs=1e-6)


@pytest.mark.parametrize(
    "wrong", [{"sliders": {}}, {"helped": {"kind": 1.0}}, {"hindered": {"rigid": 1.5}}, {"concern": "everything"}]
)
def test_what_nobody_could_have_said_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Voice(**{"therapist_id": "a", "client_id": "b", "sliders": dict.fromkeys(SLIDERS, 5.0)} | wrong)  # type: ignore[arg-type]
