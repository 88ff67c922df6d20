"""What is called, when, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import CoursePrior, Thresholds, expected_course, thresholds, watch
from matcher.entities import Scale
from matcher.errors import InvalidInput
from matcher.trajectory import KINDS, Watched, signals
from matcher.trajectory.cuts import SHARES

SCALE = Scale(0, 10, 0.5)
NAN = np.nan


def prior(mean: float = 7.0, sd: float = 1.5, n: int = 1, trend: float = 0.0) -> CoursePrior:
    return CoursePrior(np.full(n, mean), np.full(n, sd), np.full(n, trend), 1.0, SCALE)


def seen(scores: list[float], *, held: list[bool] | None = None, mean: float = 7.0) -> Watched:
    course = np.array([scores])
    return watch(prior(mean), course, ~np.isnan(course) if held is None else np.array([held]))


def told(scores: list[float], **more: object) -> tuple[str, int]:
    found = seen(scores, **more)  # type: ignore[arg-type]
    return str(found.kind[0]), int(found.number[0])


def test_the_evidence_for_a_drop_by_hand() -> None:
    """Two scores of a level that is known but for N(0, 1), sessions' spread 1, a drop by 1 before the second.

    (y1, y2) ~ N((0, 0), I + J) without a drop and N((0, -1), I + J) with it, Σ⁻¹ = [[2, -1], [-1, 2]] / 3:
    log LR = m'Σ⁻¹y - m'Σ⁻¹m / 2 with m = (0, -1) is (y1 - 2 y2) / 3 - 1 / 3; the chance that it begins is .1.
    """
    wide = Scale(-100, 100, 1)
    known = CoursePrior(np.zeros(1), np.ones(1), np.zeros(1), 1.0, wide, censored=False)
    y1, y2 = 0.7, -1.3
    found = signals(known, np.array([[y1, y2]]), np.ones((1, 2), dtype=bool), 0.2)
    assert found.drop[0, 0] == -np.inf
    assert found.drop[0, 1] == pytest.approx(np.log(0.1) + (y1 - 2 * y2) / 3 - 1 / 3, abs=1e-6)


def test_the_evidence_of_a_low_start_by_hand() -> None:
    """After y = -2 the level is N(-1, 1/2): odds of the lowest tenth to the rest, against one to nine."""
    from scipy.stats import norm

    known = CoursePrior(np.zeros(1), np.ones(1), np.zeros(1), 1.0, Scale(-100, 100, 1), censored=False)
    found = signals(known, np.array([[-2.0]]), np.ones((1, 1), dtype=bool), 0.2)
    low = norm.cdf((-1.2815516 + 1) / np.sqrt(0.5))
    assert found.low_start[0, 0] == pytest.approx(np.log(low / (1 - low)) + np.log(9), abs=0.06)  # of a grid's step


def test_the_evidence_of_silence_by_hand() -> None:
    # α = 0.9, β = 3.6; two came, then two missing: 0.9 / 6.5 · 1.9 / 7.5
    course = np.array([[7.0, 7.0, NAN, NAN]])
    found = signals(prior(), course, np.ones((1, 4), dtype=bool), 0.2)
    assert found.silence[0] == pytest.approx([0, 0, -np.log(0.9 / 6.5), -np.log(0.9 / 6.5 * 1.9 / 7.5)])


def test_a_drop_is_called_and_a_dip_is_not() -> None:
    assert told([7, 7, 7.5, 7, 3, 3]) == ("drop", 5)
    assert told([7, 7, 7.5, 6, 7, 7]) == ("", 0)


def test_however_deep_a_fall_it_is_called() -> None:
    sharp = CoursePrior(np.array([9.0]), np.array([1.0]), np.zeros(1), 0.3, SCALE)
    for depth in (7.0, 4.0, 2.0, 0.0):
        course = np.array([[9.0, 9.0, 9.0, depth]])
        assert watch(sharp, course, ~np.isnan(course)).kind.tolist() == ["drop"]


def test_who_always_was_low_did_not_fall() -> None:
    assert told([NAN, NAN, NAN, 3, 3, 3, 3, 3]) == ("", 0)


def test_a_low_start_is_one_against_what_was_expected_of_this_pair() -> None:
    assert told([3, 3])[0] == "low_start"
    assert told([3, 3], mean=3.5) == ("", 0)


def test_a_fall_after_three_perfect_forms_is_one_from_the_top() -> None:
    assert told([10, 10, 10, 10, 6, 5], mean=9)[0] == "from_the_top"
    assert told([10, 10, 9, 10, 5, 4], mean=9)[0] == "drop"


def test_the_top_is_no_number_to_fall_from_by_a_step() -> None:
    assert told([10, 10, 10, 9.5, 10, 9.5], mean=10) == ("", 0)


def test_a_slow_slide_is_called_and_named_where_no_drop_is() -> None:
    strict = Thresholds(drop=50)
    course = np.array([[8, 8, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5]])
    found = watch(prior(8), course, ~np.isnan(course), thresholds=strict)
    assert found.kind.tolist() == ["slide"]


def test_silence_lasts_until_a_form_comes() -> None:
    held = [True] * 11
    assert told([7, 7, 7, 7, 7] + [NAN] * 6, held=held)[0] == "silence"
    assert told([7, 7, 7, 7, 7] + [NAN] * 5 + [7], held=held) == ("", 0)
    assert told([7, 7, 7, 7, 7] + [NAN] * 6) == ("", 0)  # nobody met


def test_the_gravest_kind_is_named() -> None:
    kind, number = told([7, 7, 7.5, 7, 3, 3] + [NAN] * 7, held=[True] * 13)
    assert (kind, number) == ("drop", 5)


def test_one_finding_a_course_of_a_known_kind() -> None:
    rng = np.random.default_rng(2)
    scores = np.where(rng.random((300, 15)) < 0.2, NAN, np.clip(np.round(rng.normal(7, 2, (300, 15)) * 2) / 2, 0, 10))
    found = watch(prior(n=300), scores, np.ones((300, 15), dtype=bool))
    assert set(found.kind.tolist()) <= {"", *KINDS}
    assert ((found.kind == "") == (found.number == 0)).all()
    assert (found.first <= np.where(found.number > 0, found.number, 99)).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(2, 11), st.floats(0.2, 3), st.floats(0, 1), st.integers(1, 30))
def test_a_course_as_expected_raises_nothing(mean: float, sd: float, trend: float, n: int) -> None:
    known = prior(mean, sd, trend=trend)
    course = np.full((1, n), NAN)
    for column in range(n):
        course[0, column] = expected_course(known, course).typical[0, column]
    assert watch(known, course, np.ones((1, n), dtype=bool)).kind[0] == ""


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.floats(0, 3), st.floats(0, 9), st.sampled_from([5.0, 7.0, 9.5]))
def test_a_larger_drop_is_never_found_later(seed: int, falls: int, size: float, more: float, mean: float) -> None:
    latent = mean + np.random.default_rng(seed).normal(0, 1, 12)
    lower = np.arange(1, 13) >= falls
    latent[lower] = np.minimum(latent[lower], 9.0)  # a top score is another kind of word than a number
    course = np.clip([latent - size * lower, latent - (size + more) * lower], 0, 10)
    found = signals(prior(mean, n=2), course, np.ones((2, 12), dtype=bool), 0.2).drop
    assert (found[1, 1:] >= found[0, 1:] - 1e-9).all()


def test_the_order_of_the_other_dyads_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    scores = np.clip(np.round(rng.normal(7, 2, (60, 12)) * 2) / 2, 0, 10)
    many = CoursePrior(rng.normal(7, 1, 60), rng.uniform(0.5, 2, 60), np.zeros(60), 1.0, SCALE)
    held, order = np.ones((60, 12), dtype=bool), rng.permutation(60)
    found, other = watch(many, scores, held), watch(many.take(order), scores[order], held)
    assert found.kind[order].tolist() == other.kind.tolist()
    alone = watch(many.take([7]), scores[[7]], held[[7]])
    assert (alone.kind[0], alone.number[0]) == (found.kind[7], found.number[7])


def test_no_course_is_impossible_everywhere() -> None:
    sharp = CoursePrior(np.array([5.0]), np.array([2.0]), np.zeros(1), 0.01, SCALE)
    course = np.array([[0.0, 10.0, 0.0, 10.0, 0.0, 5.0, 10.0]])
    found = signals(sharp, course, np.ones((1, 7), dtype=bool), 0.2)
    assert not np.isnan(found.drop).any()
    assert not np.isnan(expected_course(sharp, course).typical).any()


def test_nobody_is_watched_without_complaint() -> None:
    found = watch(prior(n=1).take([]), np.zeros((0, 3)), np.zeros((0, 3), dtype=bool))
    assert len(found.kind) == 0


def test_thresholds_are_the_stored_ones_and_repeat() -> None:
    found = thresholds(n_courses=3000, seed=4)
    assert found == thresholds(n_courses=3000, seed=4)
    for name in SHARES:  # the stored ones are of 20,000 courses; these are of 3,000
        assert getattr(found, name) == pytest.approx(getattr(Thresholds(), name), abs=0.45)


def test_twice_as_many_false_alarms_need_less() -> None:
    strict, mild = thresholds(false_alarms=3, n_courses=2000), thresholds(false_alarms=6, n_courses=2000)
    assert all(getattr(strict, name) >= getattr(mild, name) for name in SHARES)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"false_alarms": 0}, "false_alarms"),
        ({"false_alarms": 51}, "false_alarms"),
        ({"dyad_share": 0.7}, "dyad_share"),
        ({"n_courses": 10}, "n_courses"),
    ],
)
def test_thresholds_that_cannot_be_are_refused(words: dict[str, float], field: str) -> None:
    with pytest.raises(InvalidInput) as told_so:
        thresholds(**words)  # type: ignore[arg-type]
    assert told_so.value.field == field


def test_what_was_held_must_be_said_of_each_session() -> None:
    with pytest.raises(InvalidInput, match="held"):
        watch(prior(), np.array([[7.0, 7.0]]), np.array([[True]]))
    with pytest.raises(InvalidInput, match="missing_share"):
        watch(prior(), np.array([[7.0]]), np.array([[True]]), missing_share=0)
