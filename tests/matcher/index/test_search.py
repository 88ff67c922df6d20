"""The search finds what scoring everybody finds: the same therapists, in the same order, with the same bits."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import ClinicModel, Directory, rank, simulate
from matcher.eligibility import refusals
from matcher.encoding import ClientArrays
from matcher.entities import Intake, Therapist, Weights
from matcher.factors.base import Circumstances
from matcher.factors.registry import FACTORS
from matcher.index import index_of, search, searching
from matcher.scoring import best, factor_values, scores
from matcher.simulation.therapists import draw_therapists
from matcher.weights import DEFAULT, normalised
from tests.builders import INTAKES, TODAY, directories

CODES = [factor.code for factor in FACTORS]
WEIGHTS = st.lists(st.integers(0, 20), min_size=8, max_size=8).filter(any)


@cache
def a_clinic() -> tuple[ClinicModel, tuple[Intake, ...], Directory]:
    """A fitted clinic of 30 whose directory has grown to 900, every third of them twice: ties."""
    found = simulate(np.random.default_rng(5), n_therapists=30, n_clients=150)
    model = ClinicModel.fit(found.intakes, found.therapists, found.ratings, scale=found.scale)
    others = draw_therapists(np.random.default_rng(6), 660, today=TODAY)
    twins = [replace(therapist, id=f"twin of {therapist.id}") for therapist in others[::3]]
    return model, found.intakes, Directory.of([*found.therapists, *others, *twins])


@cache
def a_bent_model() -> ClinicModel:
    """One in which each therapist has a slope of their own, so that standings are no lines."""
    found = simulate(np.random.default_rng(5), n_therapists=30, n_clients=150)
    bent = {"vary_by": ("gap_lead",)}
    return ClinicModel.fit(found.intakes, found.therapists, found.ratings, scale=found.scale, specification=bent)


def same(intake: Intake, directory: Directory, weights: Weights, model: ClinicModel | None, top: int) -> None:
    client = ClientArrays.of([intake])
    rows = np.flatnonzero(refusals(client, directory)[0] == 0)
    here = Circumstances(TODAY, None if model is None else model.standing(client, directory, rows))
    values = factor_values(client, directory.take(rows), here)
    order = best(scores(values, weights)[0], top)
    found = search(client, directory, weights, model=model, today=TODAY, top=top)
    assert found.n_eligible == len(rows)
    np.testing.assert_array_equal(found.rows, rows[order])
    np.testing.assert_array_equal(found.scores, scores(values, weights)[0][order])
    np.testing.assert_array_equal(found.values, values[:, 0, order])


@pytest.fixture(autouse=True)
def _nobody_is_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.index.searching.FEW", 1)


@settings(max_examples=40, deadline=None)
@given(INTAKES, directories(4, 12), WEIGHTS, st.integers(1, 3))
def test_random_directories_by_the_rules(
    intake: Intake, therapists: list[Therapist], relative: list[int], top: int
) -> None:
    weights = normalised(dict(zip(CODES, relative, strict=True)), version="drawn")
    same(replace(intake, blocked_therapist_ids=()), Directory.of(therapists), weights, None, top)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 149), WEIGHTS, st.sampled_from([1, 5, 20, 100]), st.booleans(), st.sampled_from([1, 3, 64]))
def test_a_grown_clinic_with_its_model(at: int, relative: list[int], top: int, modelled: bool, tried: int) -> None:
    """Clients who have rated, named, and tied; thresholds that come from many and from few."""
    model, intakes, directory = a_clinic()
    weights = normalised(dict(zip(CODES, relative, strict=True)), version="drawn")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.index.searching.TRIED", tried)
        patch.setattr("matcher.index.searching.MOST_TRIED", 2 * tried)
        same(intakes[at], directory, weights, model if modelled else None, top)


@pytest.mark.parametrize("named", ["recommended_therapist_id", "former_therapist_id"])
def test_who_is_named_is_found(named: str) -> None:
    """Whoever stands 50th by the rules comes first where they are named and nothing else counts."""
    _, _, directory = a_clinic()
    intake = Intake(id="new", concerns=("grief",))
    id_ = str(directory.ids[search(ClientArrays.of([intake]), directory, DEFAULT, top=50).rows[-1]])
    code = "expectancy" if named.startswith("recommended") else "continuity"
    found = search(
        ClientArrays.of([replace(intake, **{named: id_})]), directory, normalised({code: 1}, version="x"), top=5
    )
    assert directory.ids[found.rows[0]] == id_
    same(replace(intake, **{named: id_}), directory, normalised({code: 1}, version="x"), None, 5)


def test_dyads_count() -> None:
    """Of a client who has rated, the rated are found with what is known of the pair."""
    model, intakes, directory = a_clinic()
    line = model.line(ClientArrays.of(intakes[:1]))
    assert line is not None and line[1]
    for intake in intakes[:20]:
        same(intake, directory, normalised({"alliance": 1}, version="x"), model, 8)


def test_a_model_that_bends_is_asked_about_everybody() -> None:
    model, (_, intakes, directory) = a_bent_model(), a_clinic()
    assert model.line(ClientArrays.of(intakes[:1])) is None
    same(intakes[3], directory, DEFAULT, model, 10)


def test_nobody_is_found_where_nobody_can_be_offered() -> None:
    model, intakes, directory = a_clinic()
    nowhere = replace(intakes[0], region="XX")
    found = search(ClientArrays.of([nowhere]), directory, DEFAULT, model=model, today=TODAY, top=5)
    assert (found.n_eligible, len(found.rows), found.values.shape) == (0, 0, (len(FACTORS), 0))


def test_a_factor_without_a_line_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tuple(replace(factor, line=None) if factor.code == "access" else factor for factor in FACTORS)
    monkeypatch.setattr("matcher.index.question.FACTORS", bare)
    _, intakes, directory = a_clinic()
    for intake in intakes[:10]:
        same(intake, directory, DEFAULT, None, 10)


def test_where_the_last_bits_decide_the_factors_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were every value in doubt, the answer would be the same."""
    monkeypatch.setattr("matcher.index.question.UNSURE", 1.0)
    model, intakes, directory = a_clinic()
    same(intakes[1], directory, DEFAULT, model, 10)


def test_the_index_is_bounded_and_gone_with_its_directory() -> None:
    _, intakes, directory = a_clinic()
    part = directory.take(np.arange(0, len(directory), 2))
    for intake in intakes:
        search(ClientArrays.of([intake]), part, DEFAULT, today=TODAY, top=5)
    kept = index_of(part)
    assert 0 < kept.n_bytes <= len(part) * (512 / 8 + 64 * 4 + 8 * (128 + 4)) + 512 * 8
    n = len(searching._kept)
    del part
    assert len(searching._kept) == n - 1


def test_all_are_found_where_no_end_is_given() -> None:
    _, intakes, directory = a_clinic()
    client = ClientArrays.of([intakes[0]])
    found = search(client, directory, DEFAULT, today=TODAY)
    assert len(found.rows) == found.n_eligible == int((refusals(client, directory)[0] == 0).sum())


@pytest.mark.parametrize("seed", [None, 7])
def test_the_first_of_a_large_list_are_the_first_of_all(seed: int | None) -> None:
    """Contributions, reasons, outlooks, propensities: nothing shows whether everybody was asked about."""
    model, intakes, directory = a_clinic()
    for intake in intakes[:6]:
        every = rank(intake, directory, model=model, today=TODAY, seed=seed)
        first = rank(intake, directory, model=model, today=TODAY, seed=seed, top=15)
        assert first.matches == every.matches[:15]
        assert first.refusals == every.refusals
