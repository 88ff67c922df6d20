"""What must not matter does not, in clinics of any seed and size; and two ways to one model give the same answers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from matcher.alliance import AllianceModel, partitions
from matcher.alliance.moments import Moments, Rows, collect
from matcher.alliance.reml import Criterion, slope_at
from matcher.alliance.solver import System, solve
from tests.matcher.alliance.clinics import clinic, rows

few = settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])  # a seed does not shrink
TERMS = (
    {"blocks": ()},
    {"only_declared": True, "random": ("dyad", "room"), "vary_by": ("worry",), "fixed": ("fit",)},
    {"blocks": None, "method": "ml"},
)
terms = st.sampled_from(TERMS)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def clinics(draw):
    sizes = {"n": st.integers(40, 80), "n_clients": st.integers(7, 12), "n_therapists": st.integers(3, 5)}
    return clinic(draw(seeds), **{name: draw(size) for name, size in sizes.items()})


def fit(made, weight=None, **params):
    people = {name: made[name] for name in ("clients", "therapists") if name in made}
    return AllianceModel(**{"tol": 1e-10, **params}).fit(made["ratings"], made["score"], **people, sample_weight=weight)


def pairs_of(made):
    """Six fitted pairs, and newcomers with each other and with people who are known."""
    first = {name: [*made["ratings"][name][:6]] for name in ("client_id", "therapist_id", "room", "fit")}
    more = {"client_id": ["new", "c00", "new"], "therapist_id": ["t0", "new", "new"], "room": ["", "attic", "room 1"]}
    return {name: [*values, *more.get(name, [0.0, 1.0, None])] for name, values in first.items()}


def answers(model, pairs):
    found = model.forecast(pairs, personal=True)
    return {name: getattr(found, name) for name in ("mean", "sd", "contrast", "contrast_sd", "personal")}


def variances(model):
    return {part.name: part.variance for part in model.components_}


def same(found, wanted, tolerance=1e-5):
    """Answers on one scale: a variance near zero is known to less, and matters less."""
    for name, values in wanted.items():
        assert found[name] == pytest.approx(values, rel=tolerance, abs=tolerance), name


def same_variances(found, wanted):
    assert found == pytest.approx(wanted, rel=1e-3, abs=1e-5 * sum(wanted.values()))


@few
@given(clinics(), terms, seeds)
def test_the_order_of_rows(made, params, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(made["score"]))
    other = {"ratings": rows(made["ratings"], order), "score": made["score"][order]}
    for name in ("clients", "therapists"):
        other[name] = rows(made[name], rng.permutation(len(made[name][f"{name[:-1]}_id"])))
    there, shuffled = fit(made, **params), fit(other, **params)
    same(answers(shuffled, pairs_of(made)), answers(there, pairs_of(made)))
    same_variances(variances(shuffled), variances(there))


@few
@given(clinics(), terms, st.floats(-1e4, 1e4))
def test_a_constant_added_to_the_scores_moves_the_mean_and_nothing_else(made, params, constant):
    there, moved = fit(made, **params), fit({**made, "score": made["score"] + constant}, **params)
    found = answers(moved, pairs_of(made))
    same(found | {"mean": found["mean"] - constant}, answers(there, pairs_of(made)))
    same_variances(variances(moved), variances(there))


@few
@given(clinics(), terms, st.floats(0.01, 1000), st.booleans())
def test_scores_in_other_units_have_variances_in_their_square(made, params, factor, upside_down):
    by = -factor if upside_down else factor
    there, scaled = fit(made, **params), fit({**made, "score": by * made["score"]}, **params)
    scales = {"mean": by, "contrast": by, "personal": by, "sd": factor, "contrast_sd": factor}
    found = {name: values / scales[name] for name, values in answers(scaled, pairs_of(made)).items()}
    same(found, answers(there, pairs_of(made)))
    same_variances({name: value / factor**2 for name, value in variances(scaled).items()}, variances(there))
    freedom = there.report_["degrees_of_freedom"]
    rise = scaled.report_["criterion"] - there.report_["criterion"]
    assert rise == pytest.approx(2 * freedom * np.log(factor), abs=1e-6 * freedom)


@few
@given(clinics(), clinics(), terms)
def test_a_refit_is_a_fresh_fit(before, made, params):
    people = {name: made[name] for name in ("clients", "therapists")}
    again = fit(before, **params).fit(made["ratings"], made["score"], **people)
    fresh = fit(made, **params)
    assert json.dumps(again.metadata()) == json.dumps(fresh.metadata())
    assert all(np.array_equal(values, fresh.to_arrays()[name]) for name, values in again.to_arrays().items())


@few
@given(clinics(), terms)
def test_saved_and_loaded_is_the_same_to_the_bit(made, params):
    there = fit(made, **params)
    back = AllianceModel.from_arrays(there.to_arrays(), json.loads(json.dumps(there.metadata(), allow_nan=False)))
    found, wanted = answers(back, pairs_of(made)), answers(there, pairs_of(made))
    assert all(found[name].tobytes() == wanted[name].tobytes() for name in wanted)
    assert json.dumps(back.metadata()) == json.dumps(there.metadata())


def twice_some(made, seed):
    """The ratings with some of them twice, and how often each stands there."""
    times = np.random.default_rng(seed).integers(1, 3, len(made["score"]))
    at = np.repeat(np.arange(len(times)), times)
    return {**made, "ratings": rows(made["ratings"], at), "score": made["score"][at]}, times, times[at]


@few
@given(clinics(), terms, seeds)
def test_a_weight_of_two_is_two_rows(made, params, seed):
    repeated, times, _ = twice_some(made, seed)
    there, other = fit(made, weight=times, **params), fit(repeated, **params)
    same(answers(other, pairs_of(made)), answers(there, pairs_of(made)))
    same_variances(variances(other), variances(there))
    assert other.report_["criterion"] == pytest.approx(there.report_["criterion"], abs=1e-7)


@few
@given(clinics(), terms, seeds)
def test_two_rows_of_half_a_weight_are_one(made, params, seed):
    repeated, _, times = twice_some(made, seed)
    there, halves = fit(made, **params), fit(repeated, weight=1 / times, **params)
    same(answers(halves, pairs_of(made)), answers(there, pairs_of(made)))
    assert halves.report_["criterion"] == pytest.approx(there.report_["criterion"], abs=1e-7)


@few
@given(clinics(), terms, seeds)
def test_people_under_other_names(made, params, seed):
    rng, name_of = np.random.default_rng(seed), {"new": "new"}
    for table, key in (("clients", "client_id"), ("therapists", "therapist_id")):
        name_of |= {old: f"{key} {number}" for number, old in enumerate(rng.permutation(made[table][key]).tolist())}

    def renamed(table):
        keys = [key for key in ("client_id", "therapist_id") if key in table]
        return table | {key: [name_of[old] for old in table[key]] for key in keys}

    other = {**made, **{name: renamed(made[name]) for name in ("ratings", "clients", "therapists")}}
    there, found = fit(made, **params), fit(other, **params)
    same(answers(found, renamed(pairs_of(made))), answers(there, pairs_of(made)))
    same_variances(variances(found), variances(there))


@few
@given(clinics(), terms, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.booleans())
def test_columns_in_other_units(made, params, factor, shift, upside_down):
    by = -factor if upside_down else factor

    def moved(values):
        return [None if value is None else by * value + shift for value in values]

    other = {**made, "ratings": {**made["ratings"], "fit": moved(made["ratings"]["fit"])}}
    other["clients"] = {**made["clients"], "worry": moved(made["clients"]["worry"])}
    there, found = fit(made, **params), fit(other, **params)
    pairs = pairs_of(made)
    same(answers(found, {**pairs, "fit": moved(pairs["fit"])}), answers(there, pairs), 1e-4)
    effects = ({each.name: each.estimate for each in model.coefficients_} for model in (there, found))
    one, other_one = (next(value for name, value in each.items() if name == "fit") for each in effects)
    assert other_one * by == pytest.approx(one, rel=1e-3, abs=1e-4)


@few
@given(clinics(), terms, st.integers(1, 40))
def test_partitions_of_any_size(made, params, most):
    there = fit(made, **params)
    with pytest.MonkeyPatch.context() as patch, partitions.threads(3):
        patch.setattr(partitions, "MOST", most)
        parts = fit(made, **params)
    same(answers(parts, pairs_of(made)), answers(there, pairs_of(made)))
    assert parts.report_["criterion"] == pytest.approx(there.report_["criterion"], abs=1e-7)


@few
@given(clinics(), st.sampled_from([(), ("dyad",)]))
def test_clients_and_therapists_are_alike_to_the_mathematics(made, random):
    """Clients are integrated out, therapists are solved for: with the two exchanged the model must be the same."""
    ids = {name: made["ratings"][name] for name in ("client_id", "therapist_id")}
    mirrored = {"client_id": ids["therapist_id"], "therapist_id": ids["client_id"]}
    there, found = (
        fit({"ratings": table, "score": made["score"]}, only_declared=True, random=random) for table in (ids, mirrored)
    )
    assert found.report_["criterion"] == pytest.approx(there.report_["criterion"], abs=1e-7)
    exchanged = {"client": "therapist", "therapist": "client"}
    same_variances({exchanged.get(name, name): value for name, value in variances(found).items()}, variances(there))
    pairs = {name: pairs_of(made)[name] for name in ids}
    wanted, mirror = (answers(each, table) for each, table in (
        (there, pairs), (found, {"client_id": pairs["therapist_id"], "therapist_id": pairs["client_id"]})))  # fmt: skip
    same(mirror, {name: wanted[name] for name in ("mean", "sd")})


@few
@given(clinics())
def test_pairs_as_dyads_are_pairs_as_a_grouping(made):
    """Integrated out or solved for: the same term by two ways."""
    ids = {name: made["ratings"][name] for name in ("client_id", "therapist_id")}
    pair = [" ".join(both) for both in zip(*ids.values(), strict=True)]
    dyad = fit({"ratings": ids, "score": made["score"]}, only_declared=True, random=["dyad"])
    grouping = fit({"ratings": {**ids, "pair": pair}, "score": made["score"]}, only_declared=True, random=["pair"])
    assert grouping.report_["criterion"] == pytest.approx(dyad.report_["criterion"], abs=1e-7)
    assert [part.name for part in grouping.components_] == ["client", "therapist", "pair", "residual"]
    found, wanted = variances(grouping), variances(dyad)
    same_variances({"dyad" if name == "pair" else name: value for name, value in found.items()}, wanted)
    there = answers(dyad, ids)
    same(answers(grouping, {**ids, "pair": pair}), {name: there[name] for name in ("mean", "sd")})


def systems(client, therapist, score, weight):
    """The same model four ways: dyads, clients and therapists in turn integrated out and solved for."""
    n, n_c, n_t = len(score), client.max() + 1, therapist.max() + 1
    pair = np.unique(client * n_t + therapist, return_inverse=True)[1]
    dense, ones = np.column_stack([np.ones(n), np.arange(n) % 3, score]), np.ones((n, 3))
    for nested, border in ((("dyad", "client"), ("therapist",)), (("dyad", "therapist"), ("client",)),
                           (("client",), ("therapist", "dyad")), ((), ("client", "therapist", "dyad"))):  # fmt: skip
        codes = {"client": client, "therapist": therapist, "dyad": pair}
        sizes = tuple(int(codes[name].max()) + 1 for name in border)
        levels = np.column_stack([codes[name] for name in border])
        rows_ = Rows(levels, ones[:, : len(border)], sizes, dense, weight)
        group = codes[nested[0]] if nested else None
        n_groups = 0 if group is None else int(group.max()) + 1
        parent = np.zeros(pair.max() + 1, dtype=np.int64)
        parent[pair] = codes[nested[-1]] if nested else 0
        outer = (parent, {"client": n_c, "therapist": n_t}[nested[1]]) if len(nested) == 2 else (None, 0)
        column = np.append(np.repeat(np.arange(len(border)) + len(nested), sizes), [-1, -1])
        yield System(Moments.joined([collect(rows_, group)], n_groups, *outer), nested, border, column)


ratios = st.lists(st.sampled_from([0.0, 1e-3, 0.2, 1.0, 7.0]), min_size=3, max_size=3)


@settings(few, max_examples=25)
@given(seeds, ratios, st.booleans())
def test_integrated_out_or_solved_for_is_the_same_likelihood(seed, given_ratios, restricted):
    rng, criterion = np.random.default_rng(seed), Criterion(restricted)
    client, therapist = np.append(np.arange(6), rng.integers(0, 6, 24)), np.append(rng.integers(0, 4, 26), np.arange(4))
    weight, score = rng.choice([0.5, 1.0, 3.0], 30), rng.normal(size=30) + rng.normal(size=6)[client]
    ratio_of = dict(zip(("client", "therapist", "dyad"), given_ratios, strict=True))
    found = []
    for system in systems(client, therapist, score, weight):
        at = [system.terms.index(name) for name in ratio_of]
        solution = solve(system, np.array([ratio_of[name] for name in system.terms]))
        slope, places = slope_at(solution, criterion), [0, *(1 + place for place in at)]
        found.append([
            criterion.value(solution), criterion.variance(solution), *solution.coefficients[-2:],
            *slope.gradient[places], *slope.information[np.ix_(places, places)].ravel(),
            *(value for place in at for value in solution.scores()[place]),
        ])  # fmt: skip
    for other in found[1:]:
        assert other == pytest.approx(found[0], rel=1e-8, abs=1e-8)


@settings(few, max_examples=25)
@given(seeds, ratios)
def test_a_row_of_weight_three_is_three_rows_to_the_likelihood(seed, given_ratios):
    rng, criterion = np.random.default_rng(seed), Criterion(True)
    client, therapist, weight = rng.integers(0, 5, 20), rng.integers(0, 3, 20), rng.integers(1, 4, 20)
    client[:5], therapist[:3], score = np.arange(5), np.arange(3), rng.normal(size=20)
    thrice = np.repeat(np.arange(20), weight)
    values = []
    for at, weights in ((np.arange(20), weight.astype(float)), (thrice, np.ones(len(thrice)))):
        dense = np.column_stack([np.ones(20), np.arange(20) % 3, score])[at]
        found = Rows(therapist[at, None], np.ones((len(at), 1)), (3,), dense, weights)
        pairs, pair = np.unique(client[at] * 3 + therapist[at], return_inverse=True)
        moments = Moments.joined([collect(found, pair)], len(pairs), pairs // 3, 5)
        solution = solve(
            System(moments, ("dyad", "client"), ("therapist",), np.array([2, 2, 2, -1, -1])), np.array(given_ratios)
        )
        values.append([criterion.value(solution), *slope_at(solution, criterion).gradient, *solution.coefficients])
    assert values[0] == pytest.approx(values[1], rel=1e-9, abs=1e-9)


@st.composite
def balanced(draw):
    """Scores of every client with every therapist, equally often: (clients, therapists, replicates)."""
    shape = draw(st.tuples(st.integers(3, 6), st.integers(3, 6), st.integers(2, 3)))
    rng = np.random.default_rng(draw(seeds))
    client, therapist, dyad = (rng.normal(0, 2, size) for size in (shape[0], shape[1], shape[:2]))
    return client[:, None, None] + therapist[:, None] + dyad[:, :, None] + rng.normal(size=shape)


@few
@given(balanced())
def test_a_balanced_design_has_the_variances_of_its_analysis_of_variance(cells):
    """Mean squares against their expectations (Searle, Casella, McCulloch 1992, Variance Components, section 4.3)."""
    c, t, r = cells.shape
    mean, rows_, columns = cells.mean(), cells.mean(axis=(1, 2)), cells.mean(axis=(0, 2))
    within = cells - cells.mean(axis=2, keepdims=True)
    crossed = cells.mean(axis=2) - rows_[:, None] - columns + mean
    residual = (within**2).sum() / (c * t * (r - 1))
    squares = r * (crossed**2).sum() / ((c - 1) * (t - 1))
    of_client = t * r * ((rows_ - mean) ** 2).sum() / (c - 1)
    of_therapist = c * r * ((columns - mean) ** 2).sum() / (t - 1)
    wanted = {
        "dyad": (squares - residual) / r, "client": (of_client - squares) / (t * r),
        "therapist": (of_therapist - squares) / (c * r), "residual": residual,
    }  # fmt: skip
    assume(min(wanted.values()) > 0.05)  # below zero REML is not the analysis of variance
    client, therapist, _ = np.indices(cells.shape).reshape(3, -1)
    made = {"ratings": {"client_id": client, "therapist_id": therapist}, "score": cells.ravel()}
    found = fit(made, only_declared=True, random=["dyad"])
    assert variances(found) == pytest.approx(wanted, rel=1e-4)
    (intercept,) = found.coefficients_
    assert intercept.estimate == pytest.approx(mean)


@few
@given(clinics(), st.sampled_from(["reml", "ml"]))
def test_a_therapist_without_ratings_is_never_below_the_worst_proven_one(made, method):
    ids = {name: made["ratings"][name] for name in ("client_id", "therapist_id")}
    model = fit({"ratings": ids, "score": made["score"]}, method=method)
    therapists = [*dict.fromkeys(ids["therapist_id"]), "new"]
    *proven, new = model.forecast({"client_id": ["new"] * len(therapists), "therapist_id": therapists}).contrast
    assert min(proven) - 1e-9 <= new <= max(proven) + 1e-9
