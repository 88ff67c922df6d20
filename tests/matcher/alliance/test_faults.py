"""Every statistical fault gets a named error or a stated treatment: never NaN, never a crash in the arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.alliance import AllianceModel
from matcher.errors import InvalidInput
from tests.matcher.alliance.clinics import NEW, answered, clinic, ratings


def noted(model, text):
    assert any(text in note for note in model.report_["notes"]), model.report_["notes"]


@pytest.mark.parametrize(
    ("table", "score", "field", "mend"),
    [
        (ratings(""), [], "ratings", "at least two"),
        (ratings("as"), [4], "ratings", "at least two"),
        (ratings("as bt"), [4, None], "ratings", "at least two"),
        (ratings("as bt cs"), [4, 5, np.inf], "score, row 3", "finite"),
        (ratings("as bt cs"), [4, 5, 1e99], "score, row 3", "scale"),
        (ratings("as bt cs"), [4, "five", 3], "score", "number"),
        (ratings("as bt cs"), [4, 5], "score", "3 in all"),
        (ratings("as bt cs"), None, "score", "number"),
        ({"client_id": ["a"]}, [4], "ratings", "therapist_id"),
        (7, [4], "ratings", "named columns"),
        (ratings("as bt", x=[1]), [4, 5], "ratings", "equal length"),
        (ratings("as bt", x=[1.0, np.inf]), [4, 5], "match.x, row 2", "finite"),
        (ratings("as bt", x=np.array(["2020-01-01", "2020-01-02"], dtype="M8[D]")), [4, 5], "match.x", "days"),
        (ratings("as bt", session=[1, 0]), [4, 5], "session.session, row 2", "from 1"),
    ],
)  # fmt: skip
def test_input_that_cannot_be_used_is_named(table, score, field, mend):
    with pytest.raises(InvalidInput) as error:
        AllianceModel().fit(table, score)
    assert error.value.field == field and mend in error.value.mend


@pytest.mark.parametrize("weight", [[0, 0, 0], [1, -1, 1], [1, np.nan, 1], [1, 1e308, 1], [1, np.inf, 1], ["a", 1, 1]])
def test_weights_that_cannot_be_used_are_named(weight):
    with pytest.raises(InvalidInput):
        AllianceModel().fit(ratings("as bt cs"), [4, 5, 6], sample_weight=weight)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"method": "bayes"}, "method"), ({"vary_by": "worry"}, "vary_by"), ({"typical_session": 0}, "typical_session"),
        ({"lowest": 5, "top": 1}, "lowest"), ({"max_iter": 0}, "max_iter"), ({"fixed": ["nothing"]}, "fixed"),
        ({"random": ["nothing"]}, "random"), ({"vary_by": ["warmth"]}, "vary_by"), ({"fixed": ["age"]}, "fixed"),
    ],
)  # fmt: skip
def test_parameters_that_cannot_be_used_are_named(params, field):
    made = clinic()
    clients, therapists = (
        {**made[name], "age": made[name][column]} for name, column in (("clients", "worry"), ("therapists", "warmth"))
    )
    with pytest.raises(InvalidInput) as error:
        AllianceModel(only_declared=True, **params).fit(
            made["ratings"], made["score"], clients=clients, therapists=therapists
        )
    assert error.value.field == field


def test_ids_twice_or_empty_in_a_table_are_named():
    for ids, mend in ((["s", "s"], "once"), (["s", ""], "an id")):
        with pytest.raises(InvalidInput, match=mend):
            AllianceModel().fit(ratings("as bt"), [4, 5], therapists={"therapist_id": ids, "age": [1, 2]})


def test_all_scores_equal():
    model = AllianceModel().fit(ratings("as at bs bt cs ct", x=[1, 2, 3, 4, 5, 7]), [0.1] * 6)
    found = answered(model, {**NEW, "x": [2, 3]})
    assert found.mean.tolist() == [0.1, 0.1]
    assert all(part.variance == 0 for part in model.components_)
    noted(model, "All scores are 0.1")


def test_scores_that_a_column_reproduces():
    model = AllianceModel().fit(ratings("as at bs bt cs ct as", x=[1, 2, 3, 4, 5, 7, 9]), [3, 5, 7, 9, 11, 15, 19])
    assert answered(model, {**NEW, "x": [2, 3]}).mean == pytest.approx([5, 7])
    noted(model, "reproduce every score")


def test_clients_that_always_give_the_same_score():
    model = AllianceModel().fit(ratings("as at bs bt cs ct ds dt"), [3, 3, 5, 5, 4, 4, 5, 5])
    found = answered(model, {"client_id": ["a", "b"], "therapist_id": ["s", "new"]})
    assert found.mean == pytest.approx([3, 5], abs=0.05)
    noted(model, "reproduces its ratings exactly")


def test_one_client():
    model = AllianceModel().fit(ratings("as at au as at au"), [3, 4, 5, 4, 5, 5])
    answered(model)
    assert "only one" in model.report_["terms_left_out"]["client"]


def test_one_therapist():
    model = AllianceModel().fit(ratings("as bs cs as bs cs"), [3, 4, 5, 4, 5, 5])
    answered(model)
    assert "only one" in model.report_["terms_left_out"]["therapist"]
    assert "groups are those of client" in model.report_["terms_left_out"]["dyad"]
    noted(model, "cannot be estimated here")


def test_one_rating_a_therapist():
    model = AllianceModel().fit(ratings("as bt cu dv"), [3, 4, 5, 4])
    answered(model)
    assert "no one has two ratings" in model.report_["terms_left_out"]["therapist"]


def test_clients_with_one_therapist_each_do_not_identify_dyads():
    model = AllianceModel().fit(ratings("as as bs bs ct ct dt dt"), [3, 4, 5, 4, 2, 3, 5, 5])
    answered(model)
    assert "client" in [part.name for part in model.components_]
    assert "dyad" in model.report_["terms_left_out"]


def test_two_ratings():
    answered(AllianceModel().fit(ratings("as bt"), [3, 4]))


def test_more_columns_than_ratings():
    columns = {f"x{at}": np.random.default_rng(at).normal(size=4) for at in range(6)}
    with pytest.raises(InvalidInput, match="more ratings"):
        AllianceModel(fixed=list(columns)).fit(ratings("as bs at bt", **columns), [3, 4, 5, 4])
    answered(AllianceModel().fit(ratings("as bs at bt", **columns), [3, 4, 5, 4]))


def test_missing_numbers_are_at_the_mean_and_marked():
    made = clinic()
    fit = made["ratings"]["fit"].copy()
    fit[::4] = np.nan
    model = AllianceModel().fit({**made["ratings"], "fit": fit}, made["score"])
    assert model.report_["missing"] == {"fit": 40}
    effects = {each.name: each.estimate for each in model.coefficients_}
    pairs = {"client_id": ["new"] * 2, "therapist_id": ["new"] * 2, "fit": [np.nan, np.nanmean(fit)]}
    assert -np.diff(model.predict(pairs))[0] == pytest.approx(effects["fit missing"])


def test_missing_text_is_a_level():
    made = clinic()
    room = list(made["ratings"]["room"])
    room[:20] = [""] * 20
    model = AllianceModel().fit({**made["ratings"], "room": room}, made["score"])
    assert "room=missing" in [each.name for each in model.coefficients_] and model.report_["missing"] == {"room": 20}


def test_a_level_never_seen_counts_as_the_average_and_is_counted():
    made = clinic()
    model = AllianceModel().fit(made["ratings"], made["score"])
    rooms = made["ratings"]["room"]
    pairs = {"client_id": ["new"] * 5, "therapist_id": ["new"] * 5, "fit": [0.0] * 5,
             "room": ["attic", *sorted(set(rooms))]}  # fmt: skip
    found = answered(model, pairs)
    shares = [rooms.count(room) / 160 for room in sorted(set(rooms))]
    assert found.mean[0] == pytest.approx(np.dot(shares, found.mean[1:]))
    assert model.forecast(pairs).averaged == {"room": 1}


def test_many_levels_are_refused_as_fixed_and_fitted_as_random():
    rng = np.random.default_rng(0)
    pairs = {"client_id": rng.integers(0, 50, 600), "therapist_id": rng.integers(0, 9, 600),
             "street": [f"street {at}" for at in rng.integers(0, 150, 600)]}  # fmt: skip
    score = rng.normal(size=600)
    with pytest.raises(InvalidInput, match="street"):
        AllianceModel().fit(pairs, score)
    answered(AllianceModel(random=["street"]).fit(pairs, score))


def test_repeated_sessions_are_counted():
    model = AllianceModel().fit(ratings("as as bt bt", session=[1, 1, 1, 2]), [3, 3, 5, 4])
    noted(model, "1 ratings repeat a session")


def test_a_number_where_text_was_and_text_where_a_number_was():
    made = clinic()
    model = AllianceModel().fit(made["ratings"], made["score"])
    pair = {"client_id": ["c00"], "therapist_id": ["t0"]}
    with pytest.raises(InvalidInput, match="fit"):
        model.predict({**pair, "fit": ["much"]})
    assert np.isfinite(model.predict({**pair, "room": [3]})).all()


def test_many_scores_at_the_top_are_said():
    model = AllianceModel().fit(ratings("as at bs bt cs ct"), [5, 5, 5, 4, 3, 5])
    noted(model, "67% of the scores are the highest one")


def test_one_extreme_score_gives_finite_answers():
    made = clinic()
    score = made["score"].copy()
    score[3] = 1e11
    answered(AllianceModel().fit(made["ratings"], score), {"client_id": ["c00"], "therapist_id": ["t1"]})


def test_pairs_without_ids_are_named():
    model = AllianceModel().fit(ratings("as at bs bt"), [3, 4, 5, 4])
    with pytest.raises(InvalidInput, match="therapist_id"):
        model.predict({"client_id": ["a"]})


@pytest.mark.parametrize(
    ("weight", "field", "mend"),
    [
        ([0, 0, 0], "weight", "all weights are zero"), ([1, -1, 1], "weight, row 2", "from 0 to"),
        ([1, -1, 2e6], "weight, row 2", "from 0 to"), ([1, 1, 2e6], "weight, row 3", "from 0 to"),
        ([1, -1, 0], "weight, row 2", "from 0 to"), ([1, 1, 1e308], "weight, row 3", "a finite number"),
        ([1, 1], "weight", "3 in all"), ([0, 0, 1], "ratings", "2 left out: weight 0"),
        ([1e-9, 1e-9, 1e-9], "ratings", "weigh 3e-09 together"),
    ],
)  # fmt: skip
def test_weights_are_answered_with_what_to_change(weight, field, mend):
    with pytest.raises(InvalidInput) as error:
        AllianceModel().fit(ratings("as bt cs"), [4, 5, 6], sample_weight=weight)
    assert error.value.field == field and mend in error.value.mend


def test_a_category_of_ten_thousand_levels():
    rng = np.random.default_rng(0)
    n = 20_000
    table = {"client_id": rng.integers(0, 5_000, n), "therapist_id": rng.integers(0, 50, n),
             "street": [f"street {at % 10_000}" for at in range(n)]}  # fmt: skip
    for params, field, mend in (
        ({}, "match.street", "declare it as a grouping"), ({"random": ["street"]}, "random", "can be solved")
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as error:
            AllianceModel(only_declared=bool(params), **params).fit(table, rng.normal(size=n))
        assert error.value.field == field and mend in error.value.mend and "10000" in str(error.value)


def test_complete_separation():
    """One therapist's scores are all at the top and another's all at the bottom, and so with a column's levels."""
    text = " ".join(f"{client}{therapist}" for client in "abcdef" for therapist in "stu")
    score = [{"s": 5, "t": 1, "u": 2 + at % 3}[pair[1]] for at, pair in enumerate(text.split())]
    sign = ["yes" if pair[1] == "s" else "no" for pair in text.split()]
    for table in (ratings(text), ratings(text, sign=sign)):
        model = AllianceModel(lowest=1, top=5).fit(table, score)
        pairs = {"client_id": ["new"] * 4, "therapist_id": ["s", "t", "u", "new"], "sign": ["yes", "no", "no", "no"]}
        found = answered(model, pairs)
        assert found.contrast.argmax() == 0 and found.contrast[:3].argmin() == 1
        assert found.lower80.min() >= 1 and found.upper80.max() <= 5


def test_clients_who_only_ever_give_the_top():
    rng = np.random.default_rng(2)
    client, therapist = np.repeat(np.arange(40), 5), rng.integers(0, 5, 200)
    score = np.where(client < 20, 5.0, np.clip(np.round(3.5 + rng.normal(size=200)), 1, 5))
    model = AllianceModel(lowest=1, top=5).fit({"client_id": client, "therapist_id": therapist}, score)
    found = answered(model, {"client_id": [0, 30, 99], "therapist_id": [1, 1, 1]})
    assert found.mean[0] > 4.5 > found.mean[1] and found.upper80.max() <= 5 and found.sd.min() > 0
    noted(model, "of the scores are the top one, 5. They are taken as at least 4.5")


def test_a_variance_of_exactly_zero_is_a_result_with_a_bound():
    model = AllianceModel(only_declared=True).fit(ratings("as as bs bs cs cs"), [1, 5, 2, 6, 3, 7])
    part = model.components_[0]
    assert (part.name, part.variance, part.at_zero) == ("client", 0.0, True) and part.upper95 > 1
    answered(model)
    noted(model, "The variance of client is estimated as zero; up to")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("as at bs bt cs ct", {"age": [30, 40]}), ("as at bs bt au bu cs ct cu", {"age": [30, 40, 50]}),
        ("as at bs bt au bu cs ct cu", {"house": ["north", "south", "west"], "age": [1, 2, 4]}),
    ],
)  # fmt: skip
def test_columns_that_tell_every_therapist_apart_leave_nothing_to_her_own_effect(text, column):
    """The likelihood does not know that variance at all; a band that it would hold could be as wide as any."""
    score, names = [5, 5, 4, 4, 3, 5, 2, 3, 3], "stu"
    therapists = {"therapist_id": list(names[: len(next(iter(column.values())))]), **column}
    table = ratings(text, fit=[1, 3, 2, 2, 5, 1, 1, 0, 2][: len(text.split())])
    model = AllianceModel().fit(table, score[: len(text.split())], therapists=therapists)
    answered(model, {**NEW, "fit": [1, 2]})
    if column != {"age": [30, 40, 50]}:  # which leaves a difference of one therapist
        assert "the unpenalised columns tell every one apart" in model.report_["terms_left_out"]["therapist"]
        noted(model, "How much therapists differ beyond their columns")
