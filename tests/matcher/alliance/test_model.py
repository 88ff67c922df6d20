"""The estimator: what must not matter does not matter, and scikit-learn's conventions hold."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from matcher.alliance import AllianceModel
from matcher.alliance.archive import VERSION
from matcher.errors import InvalidInput, NotFitted
from tests.matcher.alliance.clinics import clinic, rows

PAIRS = {
    "client_id": ["c00", "c05", "new", "c07"], "therapist_id": ["t1", "t2", "t3", "new"],
    "room": ["room 1", "room 2", "new", ""], "fit": [0.1, -1.0, None, 2.0],
}  # fmt: skip


def model(**changes):
    return AllianceModel(**{"vary_by": ["worry"], "random": ["room"], **changes})


def fit(made, **changes):
    return model(**changes).fit(made["ratings"], made["score"], clients=made["clients"], therapists=made["therapists"])


def same(a, b, tolerance):
    for name in ("mean", "sd", "contrast", "contrast_sd", "personal"):
        found, wanted = (getattr(each.forecast(PAIRS, personal=True), name) for each in (a, b))
        assert found == pytest.approx(wanted, abs=tolerance), name
    assert [p.variance for p in a.components_] == pytest.approx([p.variance for p in b.components_], rel=1e-4)


def test_order_of_rows_does_not_matter():
    made = clinic()
    shuffled = np.random.default_rng(1).permutation(160)
    other = {**made, "ratings": rows(made["ratings"], shuffled), "score": made["score"][shuffled]}
    backwards = {name: made[name] for name in ("clients", "therapists")}
    other |= {name: rows(table, range(len(table[f"{name[:-1]}_id"]))[::-1]) for name, table in backwards.items()}
    same(fit(made), fit(other), 1e-8)


def test_a_constant_added_to_all_scores_moves_the_mean_alone():
    made = clinic()
    there, moved = fit(made), fit({**made, "score": made["score"] + 100})
    a, b = (each.forecast(PAIRS, personal=True) for each in (there, moved))
    assert b.mean - a.mean == pytest.approx(100, abs=1e-7)
    assert b.contrast == pytest.approx(a.contrast, abs=1e-7)
    assert b.sd == pytest.approx(a.sd, abs=1e-7)


def test_scores_in_other_units_give_the_same_in_those_units():
    made = clinic()
    there, scaled = fit(made), fit({**made, "score": made["score"] * 1000})
    a, b = there.forecast(PAIRS), scaled.forecast(PAIRS)
    assert b.mean == pytest.approx(1000 * a.mean, rel=1e-6)
    assert b.sd == pytest.approx(1000 * a.sd, rel=1e-6)


def test_units_of_a_column_do_not_matter():
    made = clinic()
    celsius = {**made, "clients": {**made["clients"], "worry": 1.8e6 * made["clients"]["worry"] + 3.2e7}}
    same(fit(made), fit(celsius), 1e-6)


def test_a_weight_counts_as_so_many_equal_rows():
    made = clinic()
    times = np.random.default_rng(2).integers(1, 4, 160)
    repeated = np.repeat(np.arange(160), times)
    weighted = model().fit(
        made["ratings"], made["score"], clients=made["clients"], therapists=made["therapists"], sample_weight=times
    )
    doubled = fit({**made, "ratings": rows(made["ratings"], repeated), "score": made["score"][repeated]})
    same(weighted, doubled, 1e-8)
    assert weighted.report_["criterion"] == pytest.approx(doubled.report_["criterion"], abs=1e-8)


def test_a_row_of_weight_zero_is_no_row():
    made = clinic()
    weight = np.append(np.zeros(5), np.ones(155))
    weighted = model().fit(
        made["ratings"], made["score"], clients=made["clients"], therapists=made["therapists"], sample_weight=weight
    )
    assert weighted.report_["rows_left_out"] == {"weight 0": 5}
    same(weighted, fit({**made, "ratings": rows(made["ratings"], range(5, 160)), "score": made["score"][5:]}), 1e-9)


def test_refit_is_a_fresh_fit():
    again = fit(clinic(1))
    made = clinic()
    again.fit(made["ratings"], made["score"], clients=made["clients"], therapists=made["therapists"])
    fresh = fit(made)
    assert again.forecast(PAIRS).mean.tolist() == fresh.forecast(PAIRS).mean.tolist()
    assert again.report_ == fresh.report_


def test_saved_and_loaded_is_equal_to_the_bit():
    there = fit(clinic())
    meta = json.loads(json.dumps(there.metadata(), allow_nan=False))
    arrays = {name: values.copy() for name, values in there.to_arrays().items()}
    back = AllianceModel.from_arrays(arrays, meta)
    a, b = there.forecast(PAIRS, personal=True), back.forecast(PAIRS, personal=True)
    for name in ("mean", "sd", "lower80", "upper80", "contrast", "contrast_sd", "personal", "n_clients_of_therapist"):
        assert getattr(a, name).tolist() == getattr(b, name).tolist(), name
    assert back.components_ == there.components_ and back.coefficients_ == there.coefficients_
    assert back.get_params() == {**there.get_params(), "vary_by": ("worry",), "random": ("room",)}
    assert all(values.dtype.kind in "fi" for values in arrays.values())


def test_a_model_of_another_format_or_version_is_refused():
    there = fit(clinic())
    for change in ({"format": "other"}, {"version": VERSION + 1}):
        with pytest.raises(InvalidInput, match="model"):
            AllianceModel.from_arrays(there.to_arrays(), {**there.metadata(), **change})
    short = there.to_arrays()
    del short["form"]
    with pytest.raises(InvalidInput, match="form"):
        AllianceModel.from_arrays(short, there.metadata())


def test_conventions_of_scikit_learn():
    from sklearn.base import clone, is_regressor
    from sklearn.utils.validation import check_is_fitted

    made = clinic()
    given = ["worry"]
    there = model(vary_by=given)
    assert there.vary_by is given and vars(there) == there.get_params()
    copy = clone(there.set_params(tol=1e-6))
    assert copy.get_params() == there.get_params() and copy is not there
    assert is_regressor(there)
    with pytest.raises(NotFitted):
        there.predict(PAIRS)
    assert there.fit(made["ratings"], made["score"], clients=made["clients"]) is there
    check_is_fitted(there)
    assert there.feature_names_in_.tolist() == list(made["ratings"]) and there.n_features_in_ == 4
    assert 0.3 < there.score(made["ratings"], made["score"]) < 1
    mean, sd = there.predict(PAIRS, return_std=True)
    assert mean.shape == sd.shape == (4,)
    with pytest.raises(InvalidInput, match="colour"):
        there.set_params(colour=1)


def test_works_in_a_pipeline():
    from sklearn.pipeline import make_pipeline

    made = clinic()
    chain = make_pipeline("passthrough", AllianceModel(random=["room"])).fit(made["ratings"], made["score"])
    assert chain.predict(PAIRS).shape == (4,)


def test_importing_the_model_loads_neither_scikit_learn_nor_scipy():
    code = "import sys, matcher.alliance; print([m for m in ('sklearn', 'scipy', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_any_table_is_read_alike():
    import pyarrow

    class Frame:  # the part of a pandas frame that is used
        def __init__(self, table):
            self.columns, self._table = list(table), table

        def __getitem__(self, name):
            return self._table[name]

    made = clinic()
    there = fit(made)
    arrow = {name: pyarrow.table(made[name]) for name in ("ratings", "clients", "therapists")}
    frame = {name: Frame(made[name]) for name in ("ratings", "clients", "therapists")}
    for tables in (arrow, frame):
        same(there, fit({**made, **tables}), 1e-9)


def test_stored_covariates_are_used_and_given_ones_go_before():
    made = clinic()
    there = fit(made)
    alone = there.forecast(PAIRS)
    with_all = there.forecast(PAIRS, clients=made["clients"], therapists=made["therapists"])
    assert alone.mean.tolist() == with_all.mean.tolist()
    other = there.forecast(PAIRS, therapists={"therapist_id": ["t1"], "warmth": [9.0]})
    assert other.mean[0] != alone.mean[0] and other.mean[1:].tolist() == alone.mean[1:].tolist()


def test_components_shares_and_bounds():
    there = fit(clinic())
    assert sum(part.share for part in there.components_) == pytest.approx(1)
    for part in there.components_:
        assert part.variance < part.upper95 and part.sd == pytest.approx(part.variance**0.5)


def test_the_bound_of_a_zero_component_is_where_the_profile_likelihood_has_fallen():
    """Means 3, 4, 5 of pairs (1 5), (2 6), (3 7): at variance ratio r the balanced likelihood is known in full."""
    ratings = {"client_id": ["a", "a", "b", "b", "c", "c"], "therapist_id": ["t"] * 6}
    there = AllianceModel(only_declared=True, tol=1e-13).fit(ratings, [1, 5, 2, 6, 3, 7])
    assert [part.at_zero for part in there.components_] == [True, False]

    def criterion(ratio):
        # within 24, between 4 shrunk by 1 + 2 r, which also has its log twice in the determinant
        return 2 * np.log(1 + 2 * ratio) + 5 * np.log(24 + 4 / (1 + 2 * ratio))

    bound = there.components_[0].upper95
    # the residual variance at ratio r is (24 + 4 / (1 + 2 r)) / 5, and bound = r times it
    grid = np.linspace(0, 20, 2_000_001)
    ratio = grid[np.argmin(np.abs(grid * (24 + 4 / (1 + 2 * grid)) / 5 - bound))]
    assert criterion(ratio) - criterion(0) == pytest.approx(1.6448536**2, abs=0.02)


def test_interactions_can_be_declared():
    made = clinic()
    there = AllianceModel(only_declared=True, fixed=["fit", "room", "fit:room"]).fit(made["ratings"], made["score"])
    names = [each.name for each in there.coefficients_]
    assert len(names) == 1 + 1 + 3 + 3 and all(f"fit:{name}" in names for name in names[2:5])


def test_coefficients_are_in_the_units_of_their_columns():
    """Without spread between people the fit is least squares: intercept and slope of the raw column."""
    x = np.array([1.0, 2, 3, 4, 5, 6])
    ratings = {"client_id": list("aabbcc"), "therapist_id": ["t"] * 6, "x": x}
    there = AllianceModel(only_declared=True, fixed=["x"]).fit(ratings, [3, 4, 8, 9, 10, 14])
    # x̄ 7/2, ȳ 8, Σ(x-x̄)² 35/2, Σ(x-x̄)y 37, so slope 74/35 and intercept 8 - 7/2·74/35 = 3/5
    found = {each.name: each.estimate for each in there.coefficients_}
    assert there.components_[0].at_zero
    assert found == {"intercept": pytest.approx(3 / 5), "x": pytest.approx(74 / 35)}


def test_maximum_likelihood_finds_smaller_variances():
    made = clinic()
    restricted, plain = fit(made), fit(made, method="ml")
    assert plain.report_["method"] == "ml"
    assert sum(p.variance for p in plain.components_) < sum(p.variance for p in restricted.components_)
