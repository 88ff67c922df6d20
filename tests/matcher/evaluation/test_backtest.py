"""A replay tells what it can by hand, hides small groups, and says what it cannot tell."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student

from matcher import DEFAULT_WEIGHTS, Directory, Past, backtest, normalised, simulate
from matcher.eligibility import refusals
from matcher.encoding import ClientArrays
from matcher.errors import InvalidInput
from matcher.evaluation.backtest import (
    BY_MODEL,
    CONFOUNDED,
    FIGURES,
    NOTES,
    TOO_LITTLE,
    VERDICTS,
    Backtest,
    Figure,
)
from matcher.evaluation.gate import FEWEST_CLIENTS
from matcher.factors.base import Circumstances
from matcher.scoring import factor_values, scores
from matcher.simulation.clinic import TODAY

N = 40
BY_INTAKE = ("eligible", "attended", "outcome", "expected")


def a_past(seed: int = 0, n: int = N, **changes: Any) -> Past:
    """Six therapists, some eligible, the attended one among them."""
    rng = np.random.default_rng(seed)
    eligible = rng.random((n, 6)) < 0.7
    attended = rng.integers(0, 6, n)
    eligible[np.arange(n), attended] = True
    given: dict[str, Any] = {
        "eligible": eligible, "attended": attended, "outcome": rng.normal(3, 1, n),
        "expected": rng.normal(3, 1, (n, 6)), "waiting_days": rng.integers(0, 30, 6).astype(float),
        "openings": rng.integers(1, 4, 6), "groups": {"gender": rng.choice(["man", "woman"], n)},
    }  # fmt: skip
    return Past(**given | changes)


def two(seed: int = 1, n: int = N) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"serving": rng.random((n, 6)), "draft": rng.random((n, 6))}


def of(found: Backtest, code: str) -> Figure:
    return next(figure for figure in found.figures if figure.code == code)


def test_every_figure_by_hand() -> None:
    """Three therapists, all eligible. Serving ranks a, b, c; the draft c, b, a for thirty clients and a, b, c for ten.
    Everybody attended c."""
    flips = np.arange(N) < 30
    serving = np.tile([3.0, 2.0, 1.0], (N, 1))
    draft = np.where(flips[:, None], serving[:, ::-1], serving)
    past = Past(
        np.ones((N, 3), dtype=bool), attended=np.full(N, 2), expected=np.tile([1.0, 2.0, 5.0], (N, 1)),
        waiting_days=[10.0, 20.0, np.nan],
    )  # fmt: skip
    found = backtest(past, {"serving": serving, "draft": draft}, serving="serving", top=2)
    told = {figure.code: (figure.serving, figure.value, figure.verdict) for figure in found.figures}
    assert told == {
        "expected_first": (1.0, pytest.approx(4.0), "better"),  # 30 × 5 + 10 × 1
        "expected_shown": (1.5, pytest.approx(3.0), "better"),  # 30 × 3.5 + 10 × 1.5
        "waiting": (15.0, pytest.approx(18.75), "worse"),  # 30 × 20 + 10 × 15
        "chosen_first": (0.0, 0.75, "more"),
        "chosen_shown": (0.0, 0.75, "more"),
        "reciprocal_place": (pytest.approx(1 / 3), pytest.approx(0.75 + 0.25 / 3), "more"),
        "share_shown": (pytest.approx(2 / 3), 1.0, "more"),
        # shown 40, 40, 0: 1/3; shown 10, 40, 30: x ⅓ ⅔ 1, y ⅛ ½ 1, 1 − ⅓(⅛ + ⅝ + 3/2)
        "gini": (pytest.approx(1 / 3), pytest.approx(0.25), "less"),
    }
    first = of(found, "expected_first").difference
    assert first is not None
    assert first.se == pytest.approx(np.sqrt(40 / 39 * (30 * 1.0**2 + 10 * 3.0**2)) / 40)  # 4 or 0, less 3
    uneven = of(found, "gini").difference
    assert uneven is not None
    # without one of the thirty shown 10, 39, 29: 58/234; without one of the ten 9, 39, 30: 60/234; their mean 58.5/234
    assert uneven.se == pytest.approx(np.sqrt(39 / 40 * (30 * 0.5**2 + 10 * 1.5**2)) / 234)
    assert first.upper - first.value == pytest.approx(student.ppf(0.975, 39) * first.se)


def test_the_order_of_outcomes() -> None:
    """Who attended whom the draft puts far up did well, under the serving scores it made no difference."""
    rng = np.random.default_rng(2)
    past = a_past(n=200)
    outcome = rng.normal(size=200)
    draft = rng.random((200, 6))
    draft[np.arange(200), past.attended] += outcome
    found = of(
        backtest(replace(past, outcome=outcome), {"now": rng.random((200, 6)), "draft": draft}, serving="now"), "order"
    )
    assert found.verdict == "better" and found.value is not None and found.value > 0.8


def test_the_same_weights_make_no_difference() -> None:
    scores = two()["serving"]
    found = backtest(a_past(), {"serving": scores, "draft": scores.copy()}, serving="serving")
    assert {figure.verdict for figure in found.figures} == {"no_detectable_difference"}
    assert all(figure.difference is not None and figure.difference.value == 0 for figure in found.figures)
    assert [figure.code for figure in found.figures] == list(FIGURES)


def test_the_order_of_the_intakes_is_irrelevant() -> None:
    past, scores, order = a_past(client=np.arange(N) // 2 * 7), two(), np.random.default_rng(3).permutation(N)
    per_intake = {name: getattr(past, name)[order] for name in (*BY_INTAKE, "client")}
    shuffled = replace(past, **per_intake, groups={"gender": past.groups["gender"][order]})
    one = backtest(past, scores, serving="serving")
    other = backtest(shuffled, {name: score[order] for name, score in scores.items()}, serving="serving")
    for ours, theirs in zip((*one.figures, *one.by_group), (*other.figures, *other.by_group), strict=True):
        assert (ours.code, ours.group, ours.n_clients, ours.verdict) == (
            theirs.code, theirs.group, theirs.n_clients, theirs.verdict,
        )  # fmt: skip
        if ours.difference is not None and theirs.difference is not None:
            assert ours.difference.se == pytest.approx(theirs.difference.se)
            assert ours.difference.value == pytest.approx(theirs.difference.value, abs=1e-12)


def test_a_clients_intakes_are_one_piece_of_evidence() -> None:
    past, scores = a_past(), two()
    twice = {name: np.repeat(getattr(past, name), 2, axis=0) for name in BY_INTAKE}
    often = backtest(
        replace(past, **twice, client=np.repeat(np.arange(N), 2), groups={}),
        {name: np.repeat(score, 2, axis=0) for name, score in scores.items()},
        serving="serving",
    )
    for ours, theirs in zip(backtest(past, scores, serving="serving").figures, often.figures, strict=True):
        assert ours.difference is not None and theirs.difference is not None
        assert theirs.n_clients == ours.n_clients == N
        assert theirs.difference.se == pytest.approx(ours.difference.se, rel=1e-9)


def test_what_it_cannot_say_is_always_said() -> None:
    found = backtest(a_past(), two(), serving="serving")
    assert found.notes == (CONFOUNDED, BY_MODEL)
    assert backtest(a_past(expected=None), two(), serving="serving").notes == (CONFOUNDED,)


@pytest.mark.parametrize("n", [0, 1, FEWEST_CLIENTS - 1])
def test_too_little_is_said_with_its_figures(n: int) -> None:
    found = backtest(a_past(n=n), two(n=n), serving="serving")
    assert (found.n_clients, found.figures, found.by_group) == (n, (), ())
    assert TOO_LITTLE in found.notes and CONFOUNDED in found.notes


def test_one_figure_may_have_too_little() -> None:
    """Nobody but twelve attended anybody."""
    attended = a_past().attended.copy()
    attended[12:] = -1
    figure = of(backtest(a_past(attended=attended), two(), serving="serving"), "order")
    assert (figure.verdict, figure.n_clients, figure.value, figure.difference) == (TOO_LITTLE, 12, None, None)


def test_small_groups_are_hidden_and_cannot_be_worked_out() -> None:
    """Groups of 4, 7 and 29: with the four hidden alone, the whole less the others would tell them."""
    labels = np.repeat(["few", "some", "many"], [4, 7, 29])
    found = backtest(a_past(groups={"faith": labels}), two(), serving="serving").by_group
    by_code = Counter((figure.code, figure.group, figure.hidden) for figure in found)
    assert by_code == {
        (code, group, hidden): 1
        for code in ("expected_first", "waiting")
        for group, hidden in (("few", True), ("some", True), ("many", False))
    }
    assert all(figure.difference is None and figure.verdict == TOO_LITTLE for figure in found if figure.hidden)
    assert {figure.n_clients for figure in found if not figure.hidden} == {29}


def test_a_group_of_a_few_is_told_without_a_verdict() -> None:
    labels = np.repeat(["some", "many"], [7, 33])
    figure = backtest(a_past(groups={"faith": labels}), two(), serving="serving").by_group[1]
    assert (figure.group, figure.n_clients, figure.verdict) == ("some", 7, TOO_LITTLE)
    assert figure.difference is not None
    reach = (figure.difference.upper - figure.difference.value) / figure.difference.se
    assert reach == pytest.approx(student.ppf(1 - 0.05 / 2 / 2, 6))  # two groups share the level


def test_people_of_whom_a_figure_says_nothing_do_not_fill_a_group() -> None:
    """Six of a group, three of them with nobody eligible."""
    past = a_past(groups={"faith": np.repeat(["a", "b"], [6, 34])}, attended=None)
    past.eligible[:3] = False
    found = backtest(past, two(), serving="serving").by_group
    assert all(figure.hidden for figure in found)


def test_several_drafts_stand_beside_the_same() -> None:
    scores = two() | {"third": two(5)["draft"]}
    found = backtest(a_past(), scores, serving="serving")
    assert Counter(figure.policy for figure in found.figures) == {"draft": len(FIGURES), "third": len(FIGURES)}
    alone = backtest(a_past(), {name: scores[name] for name in ("serving", "third")}, serving="serving")
    assert alone.figures == found.figures[len(FIGURES) :]


def test_a_clinics_own_scores_fit_in() -> None:
    """A simulated clinic's factors under two sets of weights: waiting counts more in the draft."""
    clinic = simulate(np.random.default_rng(4), n_therapists=12, n_clients=60)
    clients, directory = ClientArrays.of(clinic.intakes), Directory.of(clinic.therapists)
    values = factor_values(clients, directory, Circumstances(TODAY, None))
    sooner = normalised({"access": 1.0}, version="draft")
    past = Past(refusals(clients, directory) == 0, expected=clinic.expected)
    found = backtest(past, {"now": scores(values, DEFAULT_WEIGHTS), "draft": scores(values, sooner)}, serving="now")
    assert {figure.code for figure in found.figures} == {"expected_first", "expected_shown", "share_shown", "gini"}
    assert all(figure.n_clients and figure.n_clients <= 60 for figure in found.figures)


def test_the_document_is_plain() -> None:
    document = json.loads(json.dumps(backtest(a_past(), two(), serving="serving").document(), allow_nan=False))
    assert {figure["verdict"] for figure in document["figures"]} <= set(VERDICTS)
    assert set(document["notes"]) <= set(NOTES)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"eligible": np.ones((N, 6))}, "eligible"),
        ({"eligible": np.ones(6, dtype=bool)}, "eligible"),
        ({"attended": np.full(N, 6)}, "attended"),
        ({"attended": np.full(N, 1.5)}, "attended"),
        ({"attended": np.zeros(3, dtype=int)}, "attended"),
        ({"outcome": np.zeros(3)}, "outcome"),
        ({"expected": np.full((N, 6), np.nan)}, "expected"),
        ({"waiting_days": np.zeros(5)}, "waiting_days"),
        ({"openings": np.zeros(6)}, "openings"),
        ({"openings": np.full(6, np.inf)}, "openings"),
        ({"client": [1, 2]}, "client"),
        ({"groups": {"gender": ["man"]}}, "groups.gender"),
    ],
)
def test_a_past_that_is_none_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        backtest(a_past(**change), two(), serving="serving")
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"serving": "another"}, "serving"),
        ({"top": 0}, "top"),
        ({"scores": two() | {"draft": np.full((N, 6), np.nan)}}, "scores.draft"),
        ({"scores": two() | {"draft": np.zeros((N, 5))}}, "scores.draft"),
    ],
)
def test_scores_that_are_none_are_refused(asked: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        backtest(a_past(), **({"scores": two(), "serving": "serving"} | asked))
    assert refused.value.field == field
