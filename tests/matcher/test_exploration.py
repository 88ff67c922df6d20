"""Near-ties are drawn: within bounds, from what is not known, the same for a seed, and never for who is at risk."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import Directory, rank
from matcher.entities import MatchList
from matcher.errors import InvalidInput
from matcher.exploration import (
    FLOOR,
    MARGIN,
    PLACES,
    NearTies,
    _mixed,
    _uniform,
    drawn,
    place_chances,
    pool,
    seed_of,
)
from matcher.weights import normalised
from tests.builders import a_therapist, an_intake
from tests.matcher.fakes import a_model

ALLIANCE_ONLY = normalised({"alliance": 1}, version="alliance-only")
SEEDS = range(400)


def ties(score: list[float], doubt: float = 0.5, weight: float = 0.4) -> NearTies:
    ordered = np.sort(np.array(score))[::-1]
    ids = tuple(f"t{k}" for k in range(len(score)))
    return NearTies(ids, ordered, np.zeros(len(score)), np.full(len(score), doubt), weight)


def listed(seed: int | None, *, n: int = 6, gap: float = 0.0, doubt: float = 0.5, **intake: object) -> MatchList:
    """Therapists t0, t1, … whose standings fall by ``gap``."""
    directory = Directory.of(a_therapist(f"t{k}") for k in range(n))
    model = a_model({f"t{k}": -gap * k for k in range(n)}, doubt=doubt)
    return rank(an_intake(**intake), directory, weights=ALLIANCE_ONLY, model=model, seed=seed)


def ids(answer: MatchList) -> list[str]:
    return [match.therapist_id for match in answer.matches]


def test_splitmix64_is_the_published_one() -> None:
    """The first output for the state 0, as in Vigna's reference implementation (2015)."""
    assert int(_mixed(np.uint64(0))) == 0xE220A8397B1DCDAF


def test_the_hash_is_uniform_over_seeds_and_over_people() -> None:
    for numbers in (
        _uniform(np.arange(20_000, dtype=np.uint64), np.uint64(7), 1),
        _uniform(np.uint64(7), np.arange(20_000, dtype=np.uint64), 1),
    ):
        counts = np.histogram(numbers, bins=20, range=(0, 1))[0]
        assert numbers.min() > 0 and numbers.max() < 1
        assert ((counts - 1000) ** 2 / 1000).sum() < 43.8  # χ² with 19 degrees of freedom, .999


def test_a_list_is_its_seeds_and_the_seeds_differ() -> None:
    assert listed(7) == listed(7)
    assert len({tuple(ids(listed(seed))) for seed in range(30)}) > 20
    assert ids(listed(None)) == ["t0", "t1", "t2", "t3", "t4", "t5"]


def test_what_a_seed_belongs_to_decides_it() -> None:
    assert seed_of("intake", "model", "w1") == seed_of("intake", "model", "w1")
    assert len({seed_of("ab", "c"), seed_of("a", "bc"), seed_of("a", "b", "c"), seed_of("abc")}) == 4
    assert 0 <= seed_of("intake") < 2**63


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_is_at_risk_gets_the_strict_order(seed: int) -> None:
    answer = listed(seed, at_risk=True)
    assert answer == listed(None, at_risk=True)
    assert {match.propensity for match in answer.matches} == {1.0} and "near_ties" not in answer.notes


def test_without_a_model_nothing_is_drawn() -> None:
    directory = Directory.of(a_therapist(f"t{k}") for k in range(4))
    assert rank(an_intake(), directory, seed=3) == rank(an_intake(), directory)


def test_those_who_are_apart_are_never_drawn() -> None:
    """Φ falls by more than the margin from one to the next."""
    for seed in range(20):
        answer = listed(seed, gap=0.3, n=4)
        assert answer.matches == listed(None, gap=0.3, n=4).matches and answer.notes == ("near_ties",)[:0]


@given(st.lists(st.floats(0.4, 0.6), min_size=1, max_size=30), st.integers(0, 2**63 - 1), st.integers(1, 25))
def test_no_place_costs_more_than_the_margin(score: list[float], seed: int, n_places: int) -> None:
    found = ties(score)
    rows, propensities = drawn(found, n_places, seed)
    left = list(range(len(score)))
    for row in rows.tolist():
        assert found.score[row] >= max(found.score[left]) - MARGIN
        left.remove(row)
    assert len(rows) == min(n_places, len(score)) and (propensities > 0).all() and (propensities <= 1 + 1e-12).all()


def test_without_doubt_only_the_floor_is_drawn() -> None:
    """Two near-ties of whom nothing is unknown: the better one first but for half the floor."""
    found = ties([0.50, 0.49], doubt=0.0)
    first = Counter(int(drawn(found, 2, seed)[0][0]) for seed in SEEDS)
    assert first[1] == pytest.approx(len(SEEDS) * FLOOR / 2, abs=9)  # three standard deviations
    rows, propensities = drawn(found, 1, 0)
    assert propensities[0] == pytest.approx(1 - FLOOR / 2 if rows[0] == 0 else FLOOR / 2)


def test_equals_are_as_likely_and_the_propensity_says_so() -> None:
    found = ties([0.5] * 4)
    first = Counter(int(drawn(found, 1, seed)[0][0]) for seed in SEEDS)
    for row in range(4):
        assert first[row] == pytest.approx(100, abs=27)  # 3 · √(400 · ¼ · ¾)
    for seed in range(8):
        assert drawn(found, 1, seed)[1][0] == pytest.approx(0.25, abs=0.045)  # 4.5 · √(¼ · ¾ / 2000)


def test_the_error_of_the_propensities_averages_out_over_lists() -> None:
    """Eight equals: each list tells 1/8 with an error of about .007, and forty lists together with one of .0012."""
    found = ties([0.5] * 8)
    told = np.array([place_chances(found, 1, seed)[:, 0] for seed in range(40)])
    assert told.sum(axis=1) == pytest.approx(1.0)
    assert told.mean(axis=0) == pytest.approx(1 / 8, abs=0.005)
    assert 0.003 < told.std(axis=0).mean() < 0.012


def test_the_chance_of_whoever_stands_there_is_their_propensity() -> None:
    found = ties([0.51, 0.505, 0.5, 0.495], doubt=0.3)
    for seed in range(5):
        rows, propensities = drawn(found, 4, seed)
        chances = place_chances(found, 4, seed)
        assert propensities == pytest.approx(chances[rows, np.arange(4)])


def test_the_propensity_is_how_often_it_happens() -> None:
    """Unequal near-ties, first and second place: what is logged is the share of seeds in which it happens."""
    found = ties([0.505, 0.5, 0.492], doubt=0.3)
    told: dict[tuple[int, int], float] = {}
    happened: Counter[tuple[int, int]] = Counter()
    for seed in SEEDS:
        rows, propensities = drawn(found, 2, seed)
        for place in (0, 1):
            happened[int(rows[place]), place] += 1
            told[int(rows[place]), place] = float(propensities[place])
    for key, likely in told.items():
        assert happened[key] / len(SEEDS) == pytest.approx(likely, abs=0.08), key


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(0, 2**63 - 1), st.integers(1, 9))
def test_every_place_is_somebodys_and_whoever_stands_there_has_their_propensity(
    score: list[float], seed: int, n_places: int
) -> None:
    found = ties(score)
    chances = place_chances(found, n_places, seed)
    rows, propensities = drawn(found, n_places, seed)
    assert chances.shape == (len(score), min(n_places, len(score)))
    assert chances.sum(axis=0) == pytest.approx(1)
    assert chances[rows, range(len(rows))] == pytest.approx(propensities, abs=1e-12)


def test_who_is_less_known_is_drawn_up_more_often() -> None:
    """Equal scores, doubts .1 and 1: of three the one of whom most is open is first and last most often."""
    base = ties([0.5, 0.5, 0.5])
    found = NearTies(base.ids, base.score, base.standing, np.array([0.1, 0.1, 1.0]), base.weight)
    first = Counter(int(drawn(found, 3, seed)[0][0]) for seed in SEEDS)
    last = Counter(int(drawn(found, 3, seed)[0][2]) for seed in SEEDS)
    assert first[2] > 150 and last[2] > 150


def test_who_leaves_changes_nobody_elses_draw() -> None:
    whole, part = ties([0.5] * 6), ties([0.5] * 6)
    stays = [0, 1, 3, 4, 5]
    part = NearTies(
        tuple(part.ids[k] for k in stays), *(a[stays] for a in (part.score, part.standing, part.doubt)), 0.4
    )
    same = 0
    for seed in SEEDS:
        before = [whole.ids[row] for row in drawn(whole, 6, seed)[0] if row != 2]
        same += before == [part.ids[row] for row in drawn(part, 5, seed)[0]]
    assert same > 0.7 * len(SEEDS)  # all but those in which the floor drew


def test_a_list_names_the_draw_and_keeps_the_points() -> None:
    answer = listed(5, gap=0.01)
    assert "near_ties" in answer.notes
    assert sorted(ids(answer)) == ["t0", "t1", "t2", "t3", "t4", "t5"]
    for match in answer.matches:
        assert sum(part.points for part in match.contributions) == match.score and 0 < match.propensity < 1


def test_beyond_the_drawn_places_the_order_is_strict() -> None:
    answer = listed(5, n=60)
    behind = ids(answer)[PLACES:]
    strict = [id_ for id_ in ids(listed(None, n=60)) if id_ in behind]
    assert behind == strict and len(behind) == 40
    assert ids(answer)[:12] == [match.therapist_id for match in listed(5, n=60).matches[:12]]


def test_a_shorter_list_is_the_start_of_the_longer_one() -> None:
    directory = Directory.of(a_therapist(f"t{k:02}") for k in range(40))
    model = a_model({})
    whole, short = (rank(an_intake(), directory, model=model, seed=9, top=top) for top in (None, 5))
    assert short.matches == whole.matches[:5]


def test_the_pool_is_what_is_within_reach_of_the_last_place() -> None:
    score = np.array([0.9, 0.8, 0.79, 0.785, 0.7])
    assert pool(score, np.arange(5), 2).tolist() == [0, 1, 2, 3]
    assert pool(score, np.arange(0), 2).tolist() == []


def test_a_price_moves_the_order_and_leaves_the_score() -> None:
    directory = Directory.of(a_therapist(f"t{k}") for k in range(3))
    answer = rank(an_intake(), directory, prices={"t0": 0.25})
    assert ids(answer) == ["t1", "t2", "t0"]
    assert [match.price for match in answer.matches] == [0.0, 0.0, 0.25]
    assert len({match.score for match in answer.matches}) == 1


@pytest.mark.parametrize("price", [-0.1, float("nan"), float("inf")])
def test_a_price_that_is_none_is_refused(price: float) -> None:
    with pytest.raises(InvalidInput, match=r"prices\.t0"):
        rank(an_intake(), Directory.of([a_therapist("t0")]), prices={"t0": price})


def test_a_price_of_nobody_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no such therapist"):
        rank(an_intake(), Directory.of([a_therapist("t0")]), prices={"t9": 0.1})


@pytest.mark.parametrize("seed", [-1, 2**63, True, 1.5])
def test_a_seed_that_is_none_is_refused(seed: object) -> None:
    with pytest.raises(InvalidInput, match="seed"):
        rank(an_intake(), Directory.of([a_therapist("t0")]), seed=seed)  # type: ignore[arg-type]
