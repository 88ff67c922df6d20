"""scikit-learn's own checks of an estimator, by name; then what they do not cover of tables with ids.

The library's checks hand over arrays of numbers. ``OnArrays`` makes ratings of them, with ids from their first two
columns, and leaves the rest to the model. Every check that the library would run stands either in ``APPLY`` or, with
its reason, in ``LEFT``: a check that is new in a new release of it is seen.
"""

from __future__ import annotations

import copy
import importlib.util
import pickle
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import estimator_checks_generator

from matcher.alliance import AllianceModel
from matcher.errors import InvalidInput, NotFitted
from tests.matcher.alliance.clinics import clinic, rows

DOCUMENT = Path(__file__).parents[3] / "docs" / "model.md"
PAIRS = {"client_id": ["c00", "c05", "new"], "therapist_id": ["t1", "t2", "t3"], "fit": [0.1, -1.0, 2.0]}
_TABLES = "about the shape of 2-D arrays; ratings are a table with named columns of one value a row"
LEFT = {
    "check_array_api_input": "numpy and scipy alone do the arithmetic",
    "check_complex_data": _TABLES,
    "check_estimator_sparse_array": _TABLES,
    "check_estimator_sparse_matrix": _TABLES,
    "check_estimator_sparse_tag": _TABLES,
    "check_estimators_empty_data_messages": _TABLES,
    "check_estimators_unfitted": "NotFitted is the matcher's own error: it imports without scikit-learn",
    "check_fit1d": _TABLES,
    "check_fit2d_1feature": _TABLES,
    "check_fit2d_1sample": "one rating is refused, in the matcher's words",
    "check_fit2d_predict1d": _TABLES,
    "check_n_features_in_after_fitting": "pairs may lack columns, and may have more: forecast counts and names them",
    "check_non_transformer_estimators_n_iter": "the count is report_['iterations']; it may be 0",
    "check_regressor_data_not_an_array": "needs pandas; the frames below play its part",
    "check_requires_y_none": "missing scores are refused, in the matcher's words",
    "check_sample_weights_pandas_series": "needs pandas; the frames below play its part",
    "check_supervised_y_2d": "a column of columns is refused by name, not flattened with a warning",
}  # fmt: skip
APPLY = (
    "check_all_zero_sample_weights_error",
    "check_dict_unchanged",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_dont_overwrite_parameters",
    "check_dtype_object",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_dtypes",
    "check_estimators_fit_returns_self",
    "check_estimators_overwrite_params",
    "check_estimators_partial_fit_n_features",
    "check_estimators_pickle",
    "check_f_contiguous_array_estimator",
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_fit_score_takes_y",
    "check_get_params_invariance",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_mixin_order",
    "check_n_features_in",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_pipeline_consistency",
    "check_positive_only_tag_during_fit",
    "check_readonly_memmap_input",
    "check_regressors_int",
    "check_regressors_no_decision_function",
    "check_regressors_train",
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weights_list",
    "check_sample_weights_not_an_array",
    "check_sample_weights_not_overwritten",
    "check_sample_weights_shape",
    "check_set_params",
    "check_supervised_y_no_nan",
    "check_valid_tag_types",
)


class OnArrays(AllianceModel):
    """Columns of a 2-D array: client (five of them), therapist (three), then covariates of the pair."""

    def fit(self, X, y, sample_weight=None):
        super().fit(ratings_of(X), y, sample_weight=sample_weight)
        self.n_features_in_ = np.array(X).shape[1]
        return self

    def predict(self, X):
        return super().predict(ratings_of(X))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = True, False
        return tags


def ratings_of(X):
    values = np.array(X, dtype=np.float64)
    ids = {"client_id": np.floor(5 * values[:, 0]) % 5, "therapist_id": np.floor(3 * values[:, 1]) % 3}
    return {**ids, **{f"x{k}": values[:, k] for k in range(2, values.shape[1])}}


def offered():
    """(name, check) of all that the library would run on this estimator."""
    return [(check.func.__name__, check) for _, check in estimator_checks_generator(OnArrays())]


@pytest.mark.parametrize("name", APPLY)
@pytest.mark.filterwarnings("ignore")
def test_checks_of_scikit_learn(name):
    checks = [check for own, check in offered() if own == name]
    assert checks, f"this scikit-learn has no {name}"
    for check in checks:
        check(OnArrays())


@pytest.mark.filterwarnings("ignore:Estimator OnArrays does not inherit")
def test_every_check_is_decided_and_in_the_documentation():
    there = {name for name, _ in offered()}
    assert there == {*APPLY, *LEFT} and not set(APPLY) & set(LEFT)
    text = DOCUMENT.read_text()
    missing = [name for name in sorted(there) if f"`{name}`" not in text]
    assert not missing, f"docs/model.md does not name {missing}"


def fit(made, **params):
    model = AllianceModel(blocks=(), **params)
    return model.fit(made["ratings"], made["score"], clients=made["clients"], therapists=made["therapists"])


def answers(model, pairs=PAIRS):
    found = model.forecast(pairs, personal=True)
    return [getattr(found, name).tolist() for name in ("mean", "sd", "contrast", "contrast_sd", "personal")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("method", "ml"), ("vary_by", ["worry"]), ("fixed", ("fit",)), ("random", ["room"]), ("only_declared", True),
        ("blocks", ["client curves"]), ("typical_session", 7), ("lowest", 0), ("top", 10),
        ("step", 0.5), ("ceiling", "gaussian"), ("influence", None), ("max_iter", 3), ("tol", 1e-3),
    ],
)  # fmt: skip
def test_a_parameter_is_kept_as_it_is_and_comes_back(name, value):
    there = AllianceModel(**{name: value})
    assert getattr(there, name) is value and there.get_params()[name] is value
    other = AllianceModel().set_params(**there.get_params())
    assert other.get_params() == there.get_params() != AllianceModel().get_params()
    assert clone(there).get_params() == there.get_params()
    assert eval(repr(there)).get_params() == there.get_params()  # what is shown can be typed


def test_a_parameter_that_is_not_there_changes_nothing():
    there = AllianceModel()
    with pytest.raises(InvalidInput, match="'rooms': expected one of method, vary_by"):
        there.set_params(rooms=1)
    assert vars(there) == AllianceModel().get_params()


def test_without_ratings_there_is_no_answer():
    for name, given in (("predict", [PAIRS]), ("forecast", [PAIRS]), ("score", [PAIRS, [1, 2, 3]]),
                        ("to_arrays", []), ("metadata", [])):  # fmt: skip
        with pytest.raises(NotFitted, match="call fit first"):
            getattr(AllianceModel(), name)(*given)


def test_fit_changes_neither_its_input_nor_the_parameters():
    made = clinic()
    for table in ("ratings", "clients", "therapists"):
        for name, values in made[table].items():
            made[table][name] = np.array(values)
            made[table][name].setflags(write=False)
    made["score"].setflags(write=False)
    weight = np.ones(160)
    weight.setflags(write=False)
    before = copy.deepcopy(made)
    there = AllianceModel(vary_by=["worry"], random=["room"])
    params = copy.deepcopy(there.get_params())
    people = {name: made[name] for name in ("clients", "therapists")}
    there.fit(made["ratings"], made["score"], **people, sample_weight=weight)
    there.forecast(made["ratings"], **people, personal=True)
    assert there.get_params() == params
    for table in ("ratings", "clients", "therapists"):
        assert made[table].keys() == before[table].keys()
        assert all(np.array_equal(made[table][name], before[table][name]) for name in made[table])
    assert np.array_equal(made["score"], before["score"])


def test_a_fit_that_fails_leaves_the_model_as_it_was():
    there = fit(clinic())
    before, report = answers(there), copy.deepcopy(there.report_)
    with pytest.raises(InvalidInput):
        there.fit(clinic()["ratings"], [np.inf] * 160)
    assert answers(there) == before and there.report_ == report


def test_names_of_the_columns_are_those_of_the_ratings_also_after_loading():
    there = fit(clinic())
    back = AllianceModel.from_arrays(there.to_arrays(), there.metadata())
    for model in (there, back):
        assert model.feature_names_in_.tolist() == ["client_id", "therapist_id", "room", "fit"]
        assert model.n_features_in_ == 4 and model.feature_names_in_.dtype == object


def test_a_pickle_answers_as_the_model_does():
    there = fit(clinic(), vary_by=["worry"], random=["room"])
    back = pickle.loads(pickle.dumps(there))
    assert answers(back) == answers(there) and back.report_ == there.report_


def test_pairs_in_another_order_and_in_parts_get_the_same_answers():
    there, made = fit(clinic(), vary_by=["worry"]), clinic()
    whole = np.array(answers(there, made["ratings"]))
    order = np.random.default_rng(4).permutation(160)
    assert np.array_equal(np.array(answers(there, rows(made["ratings"], order))), whole[:, order])
    parts = [answers(there, rows(made["ratings"], range(at, min(at + 7, 160)))) for at in range(0, 160, 7)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, rtol=1e-12, atol=1e-12)


KINDS = {
    "int": int, "float": float, "numpy int": np.int32, "float32": np.float32, "object": lambda value: value,
    "decimal": lambda value: Decimal(int(value)),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_any_type_are_the_same_numbers(kind):
    made = clinic()
    whole = np.round(made["score"]), np.round(3 * made["ratings"]["fit"])
    there = fit({**made, "score": whole[0], "ratings": {**made["ratings"], "fit": whole[1]}})
    score, column = ([KINDS[kind](value) for value in values] for values in whole)
    as_array = np.array(score) if kind in ("numpy int", "float32") else score
    other = fit({**made, "score": as_array, "ratings": {**made["ratings"], "fit": column}})
    assert answers(other) == answers(there) and other.report_ == there.report_


@pytest.mark.parametrize("kind", [int, float, str, np.int32, np.str_, lambda value: str(value).encode()])
def test_ids_of_any_type_are_the_same_people(kind):
    made = clinic()
    ids = {name: [int(text[1:]) for text in made["ratings"][name]] for name in ("client_id", "therapist_id")}
    as_text = {name: list(map(str, given)) for name, given in ids.items()}
    as_given = {name: list(map(kind, given)) for name, given in ids.items()}
    as_given["therapist_id"] = np.array(as_given["therapist_id"])
    there, other = (AllianceModel(blocks=()).fit(table, made["score"]) for table in (as_text, as_given))
    wanted = answers(there, {"client_id": ["3"], "therapist_id": ["2"]})
    for pair in ({"client_id": [kind(3)], "therapist_id": [kind(2)]}, {"client_id": ["3"], "therapist_id": ["2"]}):
        assert answers(other, pair) == wanted
        assert other.forecast(pair).known_client.all() and other.forecast(pair).known_therapist.all()


class Series:
    """A column as data frames have it: nothing but its array can be relied on."""

    def __init__(self, values):
        self._values = np.array(values, dtype=object if isinstance(values[0], str) else None)

    def __iter__(self):
        raise AssertionError("a column of a frame is not read value by value")

    def to_numpy(self):
        return self._values


class Frame:
    """The part of a data frame that is used: its names, and its columns by name."""

    def __init__(self, table):
        self.columns, self._table = list(table), {name: Series(values) for name, values in table.items()}

    def __getitem__(self, name):
        return self._table[name]


def structured(table):
    kinds = [(name, "U8" if isinstance(values[0], str) else "f8") for name, values in table.items()]
    return np.array(list(zip(*table.values(), strict=True)), dtype=kinds)


FRAMES = {"a mapping": dict, "a frame": Frame, "an array with names": structured, "Arrow": pyarrow.table}
FRAMES |= {"a batch of Arrow": lambda table: pyarrow.RecordBatch.from_pydict({n: list(v) for n, v in table.items()})}
for library in filter(importlib.util.find_spec, ("pandas", "polars")):
    FRAMES[library] = importlib.import_module(library).DataFrame


@pytest.mark.parametrize("kind", FRAMES)
def test_any_frame_is_the_same_table(kind):
    made, of = clinic(), FRAMES[kind]
    there = fit(made)
    other = fit({**made, **{name: of(made[name]) for name in ("ratings", "clients", "therapists")}})
    assert answers(other) == answers(there) and answers(other, of(PAIRS)) == answers(there)
    assert other.feature_names_in_.tolist() == list(made["ratings"]) and other.report_ == there.report_


def test_an_array_with_names_is_cut_up_by_cross_validation():
    made = clinic()
    found = cross_val_score(AllianceModel(blocks=()), structured(made["ratings"]), made["score"], cv=4)
    assert found.shape == (4,) and np.isfinite(found).all() and found.mean() > 0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (np.zeros((3, 2)), "named columns"), ([[1, 2]], "named columns"), (None, "named columns"),
        ({"client_id": "a", "therapist_id": 7}, "one value a row"),
        ({"client_id": ["a", "b"], "therapist_id": ["s", "t"], "x": np.array([1j, 2])}, "complex128"),
        ({"client_id": [["a"], ["b"]], "therapist_id": ["s", "t"], "x": np.zeros((2, 2))}, "one value a row"),
        (pyarrow.table([["a", "b"], ["s", "t"], [1, 2], [3, 4]], ["client_id", "therapist_id", "x", "x"]), "'x'"),
        ({"client_id": ["a", "b"], "therapist_id": ["s", "t"], "7": [1, 2], 7: [3, 4]}, "'7'"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_ratings_is_refused(table, said):
    with pytest.raises(InvalidInput, match=said):
        AllianceModel().fit(table, [3, 4])
