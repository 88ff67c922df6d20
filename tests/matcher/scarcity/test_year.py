"""A year of arrivals: small ones by hand, nobody over capacity at any moment, the same seed the same year."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher import year_of_arrivals
from matcher.errors import InvalidInput
from matcher.scarcity.arrivals import YEAR_DAYS, Arrivals, draw_arrivals, patience_days
from matcher.scarcity.figures import ALLIANCE, figures, upper_bound
from matcher.scarcity.forecast import (
    FORECAST,
    GREEDY,
    POLICIES,
    Moment,
    Outlooks,
    Pricing,
    expected_places,
    forecast,
    one_shot,
    pricing,
)
from matcher.scarcity.year import NEAREST, TURNS, Year, run

Floats = NDArray[np.float64]
NAN = math.nan
PATIENT = 1_000.0


def some_scores(seed: int = 1, n: int = 60, m: int = 6) -> Floats:
    rng = np.random.default_rng(seed)
    scores = np.where(rng.random((n, m)) < 0.5, rng.random((n, m)), NAN)
    scores[np.arange(n), rng.integers(0, m, n)] = rng.random(n)
    return scores


def priced(*prices: float) -> Pricing:
    return Pricing(lambda moment: np.array(prices), 7.0)


def arrivals(
    days: list[float], clients: list[int], places: list[int], courses: float = 10, patience: list[float] | None = None
) -> Arrivals:
    """One row of courses for each place, all of one length, every place free."""
    return Arrivals(
        day=np.array(days),
        client=np.array(clients),
        patience_days=np.array(patience or [PATIENT] * len(days)),
        place_of=np.array(places),
        first_free=np.zeros(len(places)),
        course_days=np.full((len(places), 50), courses),
    )


def test_a_place_reopens_when_the_course_ends() -> None:
    year = run(np.array([[0.5]]), arrivals([0, 1, 2], [0, 0, 0], [0]), priced(0))
    assert year.wait_days.tolist() == [0, 9, 18]


def test_who_has_left_takes_no_place() -> None:
    """Whether prices have been made anew since (after a week) or not."""
    for days, patience in ((10, 5), (3, 1)):
        drawn = arrivals([0, 1, 2], [0, 0, 0], [0], courses=days, patience=[PATIENT, patience, PATIENT])
        year = run(np.array([[0.5]]), drawn, priced(0))
        assert year.therapist.tolist() == [0, -1, 0] and year.wait_days[2] == days - 2


def test_a_price_leads_aside_and_says_what_it_costs() -> None:
    scores = np.array([[0.6, 0.7]])
    year = run(scores, arrivals([0], [0], [0, 1]), priced(0, 0.2))
    assert year.therapist.tolist() == [0] and year.given_up.tolist() == pytest.approx([0.1])
    assert run(scores, arrivals([0], [0], [0, 1]), priced(0, 0.05)).therapist.tolist() == [1]


def test_no_price_keeps_anybody_from_a_free_place() -> None:
    assert run(np.array([[0.6]]), arrivals([0], [0], [0]), priced(5)).placed.all()


def test_whose_turn_it_is() -> None:
    """The place of the first reopens on day 10. The one who waits longest has it .3 below their best, the other .1;
    a price of .25 on their best brings the former nearest."""
    scores = np.array([[0.5, 0.5], [0.4, 0.7], [0.6, 0.7]])
    busy = arrivals([0, 0.5, 1, 2], [0, 0, 1, 2], [0, 1])
    taken = {turn: run(scores, busy, priced(0, 0), turn).wait_days.tolist() for turn in TURNS}
    assert taken == {"longest_waiting": [0, 0, 9, 8.5], "nearest": [0, 0, 9.5, 8]}


def test_among_equals_it_is_who_has_waited_longest() -> None:
    scores = np.array([[0.5, 0.5], [0.4, 0.7], [0.6, 0.7]])
    waiting = arrivals([0, 0.5, 1, 2], [0, 0, 1, 2], [0, 1])
    assert run(scores, waiting, priced(0, 0.5), NEAREST).wait_days.tolist() == [0, 0, 9, 8.5]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("turn", TURNS)
def test_nobody_is_over_capacity_at_any_moment(policy: str, turn: str) -> None:
    scores = some_scores()
    year = year_of_arrivals(scores, [3, 4, 5, 0, 2, 6], rng=5, policy=policy, turn=turn, load=1.1)
    assert year.placed.sum() > 50
    assert np.isfinite(scores[year.arrivals.client, year.therapist][year.placed]).all()
    assert len(overlaps(year)) == 0
    begins = (year.arrivals.day + year.wait_days)[year.placed]
    assert (begins < YEAR_DAYS).all()
    assert (year.wait_days <= year.arrivals.patience_days)[year.placed].all()


def overlaps(year: Year) -> list[int]:
    """Places in which a course begins before the one before it has ended, or that belong to somebody else."""
    found, drawn = [], year.arrivals
    for place in range(len(drawn.place_of)):
        here = np.flatnonzero(year.place == place)
        begins = np.sort((drawn.day + year.wait_days)[here])
        ends = np.concatenate([drawn.first_free[[place]], begins + drawn.course_days[place, : len(begins)]])
        if (begins < ends[:-1] - 1e-9).any() or (year.therapist[here] != drawn.place_of[place]).any():
            found.append(place)
    return found


def test_the_same_seed_is_the_same_year() -> None:
    one, again, other = (year_of_arrivals(some_scores(), [4] * 6, rng=seed) for seed in (3, 3, 4))
    assert (one.therapist == again.therapist).all() and np.array_equal(one.wait_days, again.wait_days, equal_nan=True)
    assert len(other.therapist) != len(one.therapist) or (other.therapist != one.therapist).any()


def test_every_policy_meets_the_same_people() -> None:
    years = [year_of_arrivals(some_scores(), [4] * 6, rng=3, policy=policy) for policy in POLICIES]
    for year in years[1:]:
        assert (year.arrivals.day == years[0].arrivals.day).all()
        assert (year.arrivals.course_days == years[0].arrivals.course_days).all()


def test_with_places_to_spare_everybody_has_their_best_at_once() -> None:
    scores = some_scores()
    for policy in POLICIES:
        year = year_of_arrivals(scores, [500] * 6, rng=3, policy=policy, load=0.02)
        best = np.nanargmax(scores, axis=1)[year.arrivals.client]
        assert (year.therapist == best).all() and (year.wait_days == 0).all() and not year.given_up.any()


def test_no_policy_reaches_beyond_the_bound() -> None:
    scores = some_scores()
    for seed in range(5):
        for policy in POLICIES:
            year = year_of_arrivals(scores, [3] * 6, rng=seed, policy=policy, load=1.3)
            share = figures(year, scores, upper_bound(scores, year.arrivals))[ALLIANCE]
            assert 0.3 < share <= 1


def test_most_places_by_hand() -> None:
    """Free at once, courses of 100 days: begins on days 0, 100, 200, 300; free on day 350: one more; after it: none."""
    drawn = Arrivals(
        day=np.array([]), client=np.array([], dtype=int), patience_days=np.array([]), place_of=np.array([0, 0, 1]),
        first_free=np.array([0.0, 350.0, 400.0]), course_days=np.full((3, 6), 100.0),
    )  # fmt: skip
    assert drawn.most_places(2).tolist() == [5, 0]


def test_patience_by_hand() -> None:
    """After one week the odds are 4 · .95 = 3.8, a chance of 3.8/4.8, which is 3.8/4.8 / .8 of those at once."""
    assert patience_days(np.array([1.0, 3.8 / 4.8 / 0.8])) == pytest.approx([0, 7])


def test_courses_in_progress_are_met_more_often_where_they_are_long() -> None:
    """Of courses of 10 and 90 days nine in ten that are met are long: (.1 · 10 + .9 · 90) / 2 = 41 days are left."""
    full = np.array([20_000])
    drawn = draw_arrivals(np.random.default_rng(1), 1, full, full, 0.001, np.array([10.0, 90.0]))
    assert drawn.first_free.mean() == pytest.approx(41, abs=1)


def test_places_to_expect_by_hand() -> None:
    """Half a course ahead a busy place has reopened with chance 1 − e^−½."""
    nobody = np.zeros((0, 2))
    moment = Moment(np.array([1, 0]), np.array([2, 4]), nobody, nobody)
    hand = [1 + 2 * (1 - math.exp(-0.5)), 4 * (1 - math.exp(-0.5))]
    assert expected_places(moment, Outlooks(nobody, 1, 80)) == pytest.approx(hand)


def test_who_waits_and_who_comes_raise_the_price() -> None:
    known, nobody = np.array([[0.5, 0.4]]), np.zeros((0, 2))
    alone = Moment(np.array([4, 90]), np.array([0, 0]), nobody, nobody)
    queue = Moment(alone.free, alone.busy, np.array([[0.6, NAN]] * 5), nobody)
    few, many = (Outlooks(known, a_day, 20) for a_day in (0.1, 1.0))
    assert forecast(alone, few).prices[0] == 0
    assert forecast(alone, many).prices[0] == pytest.approx(0.1, abs=0.02)
    assert forecast(queue, few).prices[0] == pytest.approx(0.6, abs=0.05)
    assert one_shot(alone).prices[0] == 0 and one_shot(queue).prices[0] == pytest.approx(0.6, abs=0.05)


def test_the_forecast_looks_ahead_where_today_is_not_short() -> None:
    """Whoever comes today has the first .1 better; tomorrow many come who can go nowhere else."""
    known = np.array([[0.9, 0.8], [0.9, NAN]])
    drawn, outlook = arrivals([0, 1, 2, 3], [0, 0, 1, 1], [0, 0, 1, 1], courses=400), Outlooks(known, 1, 80)
    years = {policy: run(known, drawn, pricing(policy, outlook)) for policy in (GREEDY, FORECAST)}
    assert years[GREEDY].therapist.tolist() == [0, 0, -1, -1]
    assert years[FORECAST].therapist.tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("scores", {"scores": [0.1]}),
        ("scores", {"scores": [[NAN, NAN]]}),
        ("scores", {"scores": [[math.inf, 1]]}),
        ("places", {"places": [1, -1]}),
        ("places", {"places": [1, 1.5]}),
        ("places", {"places": [1]}),
        ("busy", {"busy": [2, 0]}),
        ("known", {"known": [[0.1]]}),
        ("course_days", {"course_days": []}),
        ("course_days", {"course_days": [0.2]}),
        ("load", {"load": 0}),
        ("load", {"load": NAN}),
        ("policy", {"policy": "best"}),
        ("turn", {"turn": "loudest"}),
    ],
)
def test_bad_input_is_named(field: str, changes: dict[str, Any]) -> None:
    said: dict[str, Any] = {"scores": [[0.5, 0.4]], "places": [1, 1], "rng": 1} | changes
    with pytest.raises(InvalidInput) as refused:
        year_of_arrivals(said.pop("scores"), said.pop("places"), **said)
    assert refused.value.field == field
