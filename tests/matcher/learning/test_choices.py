"""What choices teach: the truth behind simulated choices, apart from the place, and clients counted once."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from matcher import Choice, Directory, learned_from_choices, normalised, rank
from matcher.entities import Intake, Therapist
from matcher.errors import InvalidInput
from matcher.learning import Learned
from matcher.learning.answer import (
    CODES,
    DEFAULT_RELATIVE,
    NO_ALLIANCE_WEIGHT,
    NO_DIFFERENCES,
    OTHERS,
    PRIOR_SD,
    SAME_FOR_ALL,
    TELLS_FEW_APART,
    TOO_FEW_CLIENTS,
)
from matcher.learning.logit import PLACE_SD, SCALE, Lists, _top, logit_fit
from matcher.weights import GRID

TRUE = DEFAULT_RELATIVE | {"access": 0.8, "credibility": 0.0, "continuity": 0.3}
SHOWN = 6
LOG_S = np.linspace(-3, 3, 31) + np.log(SCALE)


def chosen(n_clients: int, *, scale: float = 8.0, place: float = 0.0, seed: int = 1) -> list[Choice]:
    rng = np.random.default_rng(seed)
    true = np.array([1.0 if code == "alliance" else TRUE[code] for code in CODES])
    values, places = rng.random((n_clients, SHOWN, len(CODES))), np.arange(1, SHOWN + 1)
    if place:  # the first places go to those who are easy to reach, so that the two are easily mistaken
        access = values[:, :, CODES.index("access")]
        values = np.take_along_axis(values, np.argsort(-access, axis=1)[:, :, None], axis=1)
    appeal = scale * values @ true - place * np.log(places) + rng.gumbel(size=(n_clients, SHOWN))
    return [Choice(f"c{k}", values[k], places, int(appeal[k].argmax())) for k in range(n_clients)]


@cache
def many() -> Learned:
    return learned_from_choices(chosen(900, place=1.0))


def centres(learned: Learned) -> np.ndarray:
    return np.array([(one.lower95 + one.upper95) / 2 for one in learned.factors])


def widths(learned: Learned) -> np.ndarray:
    return np.array([one.upper95 - one.lower95 for one in learned.factors])


def test_many_choices_teach_the_truth_though_the_first_place_draws() -> None:
    learned = many()
    assert centres(learned) == pytest.approx([TRUE[code] for code in OTHERS], abs=0.2)
    assert sum(one.lower95 <= TRUE[one.factor] <= one.upper95 for one in learned.factors) >= len(OTHERS) - 1
    assert (learned.taught_by, learned.n_clients, learned.n_observations) == ("choices", 900, 900)
    assert learned.weights.version == "learned-from-choices"


def test_weights_are_on_the_grid_and_sum_to_one() -> None:
    values = many().weights.values
    assert sum(values.values()) == 1 and all(weight >= 0 and (weight * GRID).is_integer() for weight in values.values())


def test_choices_by_chance_come_back_near_the_defaults() -> None:
    learned = learned_from_choices(chosen(40, scale=0.0))
    assert centres(learned) == pytest.approx([DEFAULT_RELATIVE[code] for code in OTHERS], abs=PRIOR_SD)
    assert widths(learned).mean() > 0.8 * 2 * 1.96 * PRIOR_SD


def test_order_within_a_list_of_lists_and_of_names_does_not_matter() -> None:
    found = chosen(60, place=1.0)
    turned = [
        Choice(f"z{k}", each.values[::-1].copy(), each.place[::-1].copy(), SHOWN - 1 - each.chosen)
        for k, each in enumerate(reversed(found))
    ]
    assert centres(learned_from_choices(turned)) == pytest.approx(centres(learned_from_choices(found)), abs=1e-6)


def test_a_choice_made_twice_by_the_same_client_is_not_two_clients() -> None:
    once = chosen(150)
    same = [*once, *once]
    others = [*once, *(Choice(f"d{each.client_id}", each.values, each.place, each.chosen) for each in once)]
    assert widths(learned_from_choices(same)).mean() > 1.15 * widths(learned_from_choices(others)).mean()


@cache
def on_a_grid() -> tuple[Lists, np.ndarray, np.ndarray, np.ndarray]:
    """One other factor: s, w and b laid out on a grid, and the posterior there, without any approximation."""
    n_lists = 60
    found = chosen(n_lists, scale=4.0, place=0.5)
    values = np.array([each.values[:, :2] for each in found])
    log_place, rows = np.log(np.arange(1.0, SHOWN + 1)), np.array([each.chosen for each in found])
    log_s, steps, places = LOG_S, np.linspace(-0.8, 1.6, 31), np.linspace(-2, 3, 31)
    s, w, b = np.meshgrid(log_s, steps, places, indexing="ij")
    log = -0.5 * ((s - np.log(SCALE)) ** 2 + ((w - 0.4) / PRIOR_SD) ** 2 + (b / PLACE_SD) ** 2)
    for row, each in zip(rows, values, strict=True):
        worth = each[:, 0, None, None, None] + each[:, 1, None, None, None] * w
        utility = np.exp(s) * worth - b * log_place[:, None, None, None]
        log += utility[row] - np.log(np.exp(utility).sum(axis=0))
    lists = Lists(
        values[:, :, 0].ravel(), values[:, :, 1].reshape(-1, 1), np.tile(log_place, n_lists),
        np.repeat(np.arange(n_lists), SHOWN), np.arange(n_lists) * SHOWN + rows, np.arange(n_lists),
    )  # fmt: skip
    return lists, s, w, np.exp(log - log.max())


def test_the_posterior_is_that_of_a_sum_over_a_grid() -> None:
    lists, _, w, share = on_a_grid()
    mean = float(np.average(w, weights=share))
    at, covariance = logit_fit(lists, np.array([0.4]))
    assert at[0] == pytest.approx(mean, abs=0.02)
    assert np.sqrt(covariance[0, 0]) == pytest.approx(np.sqrt(np.average((w - mean) ** 2, weights=share)), rel=0.1)


def test_the_scale_is_averaged_over_with_the_room_that_each_leaves_to_the_rest() -> None:
    """The height at one ln s, beside that at another, is the sum over all w and b: not the largest of them."""
    lists, _, _, share = on_a_grid()
    summed = np.log(share.sum(axis=(1, 2)))
    heights = np.array([_top(lists, float(log_s), np.array([0.4])).height for log_s in LOG_S])
    likely = summed > summed.max() - 8
    assert likely.sum() >= 8
    assert (heights - heights.max())[likely] == pytest.approx((summed - summed.max())[likely], abs=0.05)


def _with(choices: list[Choice], code: str, value: float, *, but: int = 0) -> list[Choice]:
    """One factor the same for all, but for the first few lists."""
    found = []
    for k, each in enumerate(choices):
        values = each.values.copy()
        if k >= but:
            values[:, CODES.index(code)] = value
        found.append(Choice(each.client_id, values, each.place, each.chosen))
    return found


def test_what_cannot_be_learned_stays_with_the_reason() -> None:
    found = _with(_with(chosen(60), "continuity", 0.5), "expectancy", 0.5, but=10)
    stays = {one.factor: one.stays for one in learned_from_choices(found).factors if one.stays}
    assert stays == {"continuity": SAME_FOR_ALL, "expectancy": TELLS_FEW_APART}


def test_too_little_is_an_answer() -> None:
    few = learned_from_choices(chosen(39))
    assert (few.too_little, few.n_clients, few.weights) == (TOO_FEW_CLIENTS, 39, None)
    assert learned_from_choices(chosen(3)).n_clients is None
    assert learned_from_choices([*chosen(20)] * 3).too_little == TOO_FEW_CLIENTS
    assert learned_from_choices(_with(chosen(50), "alliance", 0.5)).too_little == NO_DIFFERENCES
    serving = normalised({"access": 1}, version="x")
    assert learned_from_choices(chosen(50), serving=serving).too_little == NO_ALLIANCE_WEIGHT


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"values": np.full((1, 8), 0.5), "place": np.array([1])}, "choice.values"),
        ({"values": np.full((2, 7), 0.5)}, "choice.values"),
        ({"values": np.full((2, 8), 1.5)}, "choice.values"),
        ({"values": np.full((2, 8), np.nan)}, "choice.values"),
        ({"place": np.array([1, 1])}, "choice.place"),
        ({"place": np.array([0, 1])}, "choice.place"),
        ({"place": np.array([1])}, "choice.place"),
        ({"chosen": 2}, "choice.chosen"),
        ({"chosen": -1}, "choice.chosen"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(change: dict, field: str) -> None:
    given = {"client_id": "c", "values": np.full((2, 8), 0.5), "place": np.array([1, 2]), "chosen": 0} | change
    with pytest.raises(InvalidInput) as refused:
        Choice(**given)
    assert refused.value.field == field


def test_a_choice_is_read_from_the_list_that_was_shown() -> None:
    people = [
        Therapist(id=id_, name=id_, profession="counsellor", licence_regions=("DE",), concerns={"grief": depth},
                  languages=("de",), formats=("online",), capacity=1)
        for id_, depth in (("ana", 1), ("ben", 3), ("cem", 2))
    ]  # fmt: skip
    shown = rank(Intake(id="i1", concerns=("grief",)), Directory.of(people))
    found = Choice.of(shown, "cem", client_id="person")
    assert (found.client_id, found.chosen, found.place.tolist()) == ("person", 1, [1, 2, 3])
    assert found.values[:, CODES.index("concern_expertise")] == pytest.approx([1, 2 / 3, 1 / 3])
    assert Choice.of(shown, "cem", n_shown=2).values.shape == (2, len(CODES))
    for therapist_id, n_shown in (("dora", None), ("ana", 2)):
        with pytest.raises(InvalidInput, match="not in the list"):
            Choice.of(shown, therapist_id, n_shown=n_shown)
