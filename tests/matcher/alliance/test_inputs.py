"""What people hand over: ids keep their digits, gaps stay gaps, and what cannot be meant is refused in words."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from matcher.alliance import AllianceModel, tables
from matcher.errors import InvalidInput, shown
from tests.matcher.alliance.clinics import clinic, ratings

HUGE = 10**400
BEYOND = 10**5_000  # Python writes no whole number of so many digits
PAIRS = {"client_id": ["c00", "new"], "therapist_id": ["t1", "new"]}


def fitted(**params):
    made = clinic()
    return AllianceModel(**params).fit(
        made["ratings"], made["score"], clients=made["clients"], therapists=made["therapists"]
    )


def read(column):
    return tables.texts(tables.columns({"id": column}, "table")["id"]).tolist()


IDS = {
    "from 2⁶³ on, and one below 0": [2**63 + 1, 2**63 + 2, -1],
    "from 2⁵³ on, beside a float": [2**53, 2**53 + 1, 0.5],
    "of 23 digits": [10**22 + 1, 10**22 + 2, 3],
    "beyond float64, beside a float": [HUGE, HUGE + 1, 0.5],
    "decimals": [Decimal(10**22 + 1), Decimal(10**22 + 2), Decimal("2.5")],
}


@pytest.mark.parametrize("case", IDS)
def test_ids_keep_all_digits(case):
    assert read(IDS[case]) == list(map(str, IDS[case]))
    names = [IDS[case][at % 3] for at in range(18)]
    table = {"client_id": names, "therapist_id": [f"t{at % 4}" for at in range(18)]}
    model = AllianceModel().fit(table, np.arange(18.0) % 5)
    assert len(model.metadata()["structure"]["clients"]) == 3
    assert model.forecast({"client_id": IDS[case], "therapist_id": ["t0"] * 3}).known_client.all()


def test_whole_numbers_with_gaps_keep_all_digits():
    """Arrow makes float64 of them, as polars does."""
    ids = [2**60, 2**60 + 1, None]
    assert read(pa.array(ids)) == read(pa.chunked_array([ids])) == [str(2**60), str(2**60 + 1), ""]
    assert read(pa.array([1, 2, None])) == ["1", "2", ""]


@pytest.mark.parametrize(("low", "apart"), [(2**63 + 5, 1), (2**63 + 5, 1_000), (2**64 - 7, 1)])
def test_ids_of_uint64(low, apart):
    ids = np.array([low + apart * (at % 5) for at in range(20)], dtype=np.uint64)
    model = AllianceModel().fit({"client_id": ids, "therapist_id": np.arange(20) % 3}, np.arange(20.0) % 7)
    assert len(model.metadata()["structure"]["clients"]) == 5
    known = model.forecast({"client_id": [str(ids[3]), str(low - 1)], "therapist_id": [0, 0]}).known_client
    assert known.tolist() == [True, False]


def test_the_lowest_numbers_there_are_as_ids():
    ids = np.array([-(2**63) + at % 4 for at in range(12)])
    levels, codes = tables.coded(ids)
    assert [levels[code] for code in codes] == list(map(str, ids.tolist()))


def test_a_grouping_of_huge_numbers_in_a_table_of_clients():
    made = clinic()
    ward = np.array([2**60 + at % 4 for at in range(24)])
    clients = {"client_id": made["clients"]["client_id"], "ward": ward}
    model = AllianceModel(random=["ward"], only_declared=True).fit(made["ratings"], made["score"], clients=clients)
    assert model.metadata()["structure"]["covariates"][0]["levels"] == tuple(map(str, sorted(set(ward.tolist()))))


@pytest.mark.parametrize("seven", [7, 7.0, np.float32(7), np.float64(7), np.int8(7), np.uint64(7), Decimal("7.0"), "7"])
def test_seven_is_seven(seven):
    assert read([seven, None, "x"]) == ["7", "", "x"]


@pytest.mark.parametrize(
    "gap", [None, "", float("nan"), np.float32("nan"), np.datetime64("NaT"), Decimal("sNaN"), np.ma.masked]
)
def test_what_is_missing(gap):
    assert read([gap, "x"]) == ["", "x"]


@pytest.mark.parametrize("dtype", [np.float64, np.int64, object, "U5"])
def test_what_is_masked_is_missing(dtype):
    text = " ".join(f"{client}{therapist}" for client in "abcdef" for therapist in "stu")
    gaps = np.arange(18) < 2
    score = (np.arange(18) % 5).astype(dtype if dtype != "U5" else float)
    kept = AllianceModel().fit(ratings(text), [None, None, *score[2:]])
    assert kept.report_["rows_left_out"] == {"no score": 2}
    score[gaps] = 99
    assert AllianceModel().fit(ratings(text), np.ma.array(score, mask=gaps)).report_ == kept.report_
    ids = np.ma.array((np.arange(18) % 6).astype(dtype), mask=gaps)
    model = AllianceModel().fit({**ratings(text), "client_id": ids}, np.arange(18.0) % 5)
    assert model.report_["rows_left_out"] == {"no client_id": 2}


def test_a_mask_that_hides_nothing_costs_nothing():
    column = np.ma.array([1.0, 2.0])
    found = tables.columns({"x": column}, "table")["x"]
    assert type(found) is np.ndarray and np.shares_memory(found, column.data)


REFUSED = {
    "typical_session": ["3", float("nan"), float("inf"), None, True],
    "top": ["5", float("nan"), float("inf"), HUGE, Decimal(5)],
    "lowest": ["1", float("nan"), -float("inf"), -HUGE],
    "step": ["1", float("nan"), float("inf"), 0, -1],
    "tol": ["x", float("nan"), -1, 0, None],
    "max_iter": [1.5, float("inf"), "9", True],
    "influence": ["a", float("nan"), 0.5],
    "vary_by": ["worry", 3, [1]],
    "random": ["room", 3, [None]],
    "fixed": ["fit", 3, [1]],
    "blocks": ["client columns", 3, ["nothing"]],
    "only_declared": ["no", None],
    "method": [None, ["reml"]],
    "ceiling": [None, 1],
    "drift": ["often", np.array([3.0]), True],
    "half_life": ["long", float("nan"), HUGE],
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_parameter_that_cannot_be_meant_is_refused_by_fit(name):
    for value in REFUSED[name]:
        model = AllianceModel(**{name: value})  # not here, so that clone and set_params work
        with pytest.raises(InvalidInput) as error:
            model.fit(ratings("as bt cs"), [4, 5, 6])
        assert error.value.field == name and "expected" in error.value.mend


def test_none_is_no_name_and_arrays_are_sequences():
    assert fitted(vary_by=None, random=None, fixed=None).predict(PAIRS).tolist() == fitted().predict(PAIRS).tolist()
    named, listed = (fitted(random=given).predict(PAIRS).tolist() for given in (np.array(["room"]), ["room"]))
    assert named == listed


def test_a_start_that_is_no_model():
    with pytest.raises(InvalidInput, match="start: 3: expected a fitted AllianceModel"):
        AllianceModel().fit(ratings("as bt cs"), [4, 5, 6], start=3)


@pytest.mark.parametrize("huge", [HUGE, -HUGE, BEYOND, Decimal("1e500")], ids=["int", "-int", "longer", "decimal"])
def test_numbers_beyond_float64_are_refused_with_their_row(huge):
    with pytest.raises(InvalidInput, match=r"score, row 2: .*: expected a finite number"):
        AllianceModel().fit(ratings("as bt cs"), [4, huge, 6])
    with pytest.raises(InvalidInput, match=r"match\.x, row 3: .*: expected a finite number"):
        AllianceModel().fit(ratings("as bt cs", x=[0.5, 1, huge]), [4, 5, 6])


def test_an_id_that_python_does_not_write():
    with pytest.raises(InvalidInput, match=r"a whole number of thousands of digits: .*give it as text"):
        AllianceModel().fit({"client_id": [BEYOND, 1, 2], "therapist_id": list("sts")}, [4, 5, 6])


def test_what_is_neither_number_nor_text_is_named():
    with pytest.raises(InvalidInput, match="score: b'five': expected a number"):
        AllianceModel().fit(ratings("as bt cs"), [4, b"five", 6])


def test_numbers_are_shown_as_they_are_written():
    with pytest.raises(InvalidInput, match=r"weight, row 2: -1\.0: expected"):
        AllianceModel().fit(ratings("as bt cs"), [4, 5, 6], sample_weight=[1, -1, 1])
    assert (shown(np.float32(0.5)), shown(np.str_("a")), shown(np.arange(2))) == ("0.5", "'a'", "array([0, 1])")


def test_a_name_with_a_colon_goes_before_a_product():
    made = clinic()
    fit = made["ratings"]["fit"]
    table = {**made["ratings"], "x": fit**2, "fit:x": np.cos(fit)}

    def effects(**columns):
        found = AllianceModel(fixed=["fit:x"], only_declared=True).fit({**table, **columns}, made["score"])
        return {each.name: each.estimate for each in found.coefficients_ if each.name != "intercept"}

    whole = effects()
    assert list(whole) == ["fit:x"] and effects(x=fit, fit=fit) == whole
    del table["fit:x"]
    assert list(effects()) == ["fit:x"] and effects() != whole


def test_score_is_that_of_scikit_learn():
    from sklearn.metrics import r2_score

    made = clinic()
    model, table, score = fitted(), made["ratings"], made["score"]
    assert model.score(table, score) == pytest.approx(r2_score(score, model.predict(table)))
    same = np.full(160, 5.0)
    assert model.score(table, same) == r2_score(same, model.predict(table)) == 0.0
    level = AllianceModel().fit(table, same)
    assert level.score(table, same) == r2_score(same, level.predict(table)) == 1.0
    gaps = np.arange(160) < 9
    wild = np.ma.array(np.where(gaps, 999.0, score), mask=gaps)
    rest = {name: [values[at] for at in range(9, 160)] for name, values in table.items()}
    assert model.score(table, wild) == pytest.approx(model.score(rest, score[9:]))
    assert np.isnan(model.score(table, np.full(160, np.nan)))


@pytest.mark.parametrize("top", [None, 6])
def test_arrays_that_do_not_fit_the_structure_are_refused_by_name(top):
    made = clinic()
    model = AllianceModel(random=["room"], top=top, lowest=None).fit(
        made["ratings"], np.minimum(made["score"], 6), clients=made["clients"], therapists=made["therapists"]
    )
    arrays, meta = model.to_arrays(), model.metadata()
    assert arrays["curvature"].size > 0 or top is None
    for name, values in arrays.items():
        wrong = [values[..., None], values.astype(str), np.float64(1), np.ones((3, 3, 3))]
        if name != "dyads":  # how many there are, nothing else says
            wrong += [values[:-1], np.concatenate([values, values])] if values.size else []
        for forged in wrong:
            with pytest.raises(InvalidInput, match="fit the model again"):
                AllianceModel.from_arrays({**arrays, name: np.asarray(forged)}, meta)
    for side in ("client", "dyad"):
        beyond = arrays[f"{side}_indices"] + 10**6
        with pytest.raises(InvalidInput, match=f"model: '{side}_indices': no sparse array"):
            AllianceModel.from_arrays({**arrays, f"{side}_indices": beyond}, meta)


def test_parameters_of_numpy_can_be_saved_and_a_saved_model_is_a_start():
    made = clinic(n=200)
    words = {"top": np.float64(made["score"].max() + 1), "fixed": np.array(["room"]), "max_iter": np.int64(50),
             "half_life": np.int64(900)}  # fmt: skip
    moments = {"rated_at": [f"2024-0{1 + k % 9}-01" for k in range(200)]}
    model = AllianceModel(**words).fit({**made["ratings"], **moments}, made["score"])
    meta = json.loads(json.dumps(model.metadata()))
    back = AllianceModel.from_arrays(model.to_arrays(), meta)
    again = AllianceModel(**{**words, "fixed": ["room"]})
    assert again.fit({**made["ratings"], **moments}, made["score"], start=back).report_["warm"]
