"""Nothing is dropped silently: rows, columns, terms and people that a fit leaves out are named with the reason."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from matcher.alliance import AllianceModel
from matcher.errors import InvalidInput
from tests.matcher.alliance.clinics import answered, clinic, ratings

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
DOCUMENT = ROOT / "docs" / "model.md"


def test_rows_without_score_or_id_are_left_out_and_counted():
    table = {"client_id": ["a", "a", "b", "", "c", "b"], "therapist_id": ["s", "t", "s", "s", None, "t"]}
    model = AllianceModel().fit(table, [3, 4, 5, 4, 3, np.nan])
    assert model.report_["rows_left_out"] == {"no score": 1, "no client_id": 1, "no therapist_id": 1}
    assert model.report_["rows_read"] == 6 and model.report_["rows_used"] == 3


def test_what_is_missing_from_too_few_ratings_is_counted():
    with pytest.raises(InvalidInput, match="2 left out: no score; 1 left out: no therapist_id"):
        AllianceModel().fit(
            {"client_id": ["a", "b", "c", "d"], "therapist_id": ["s", "s", "s", ""]}, [1, None, None, 2]
        )


def test_columns_with_a_place_of_their_own_are_set_aside_and_named():
    """Moments, those in the future too, are no covariate: the import of ratings refuses the future."""
    table = ratings("as at bs bt cs ct", rated_at=["2024-01-01"] * 5 + ["2999-01-01"], weight=[1, 2, 3, 1, 2, 3])
    model = AllianceModel().fit({**table, "score": [9] * 6}, [5, 5, 4, 4, 3, 5])
    assert {name: said.split(":")[0] for name, said in model.report_["columns_left_out"].items()} == dict.fromkeys(
        ["score", "rated_at", "weight"], "no covariate"
    )
    plain = AllianceModel().fit(ratings("as at bs bt cs ct"), [5, 5, 4, 4, 3, 5])
    assert answered(model).mean.tolist() == answered(plain).mean.tolist()


def test_columns_that_nobody_declared_are_named():
    made = clinic()
    people = {name: made[name] for name in ("clients", "therapists")}
    model = AllianceModel(only_declared=True, fixed=["fit:worry"]).fit(made["ratings"], made["score"], **people)
    assert model.report_["columns_left_out"] == {"match.room": "not declared", "therapist.warmth": "not declared"}
    everything = AllianceModel(random=["room"], vary_by=["worry"]).fit(made["ratings"], made["score"], **people)
    assert everything.report_["columns_left_out"] == {}


def test_blocks_that_cannot_be_made_are_named_where_they_were_asked_for():
    made = clinic()
    model = AllianceModel(blocks=["client curves", "match columns"]).fit(made["ratings"], made["score"])
    assert model.report_["terms_left_out"]["client curves"] == "too few columns that differ"
    assert "match columns" in [part.name for part in model.components_]
    assert "client curves" not in AllianceModel().fit(made["ratings"], made["score"]).report_["terms_left_out"]


def test_people_whom_no_rating_names_are_counted_and_rated_ones_without_a_row_are_average():
    clients = {"client_id": ["a", "x", "y"], "age": [30, 40, 50]}
    therapists = {"therapist_id": ["s", "t", "z"], "age": [30, 40, 50]}
    model = AllianceModel().fit(
        ratings("as at bs bt cs ct"), [5, 5, 4, 4, 3, 5], clients=clients, therapists=therapists
    )
    assert model.report_["people_left_out"] == {"clients without ratings": 2, "therapists without ratings": 1}
    assert model.report_["missing"] == {"client.age": 4}
    answered(model)


def test_columns_that_a_prediction_does_not_use_are_named():
    made = clinic()
    table = {**made["ratings"], "none": [None] * 160}
    model = AllianceModel(blocks=()).fit(table, made["score"], clients=made["clients"])
    pair = {"client_id": ["c00"], "therapist_id": ["t1"], "fit": [0.2], "room": ["room 1"]}
    more = {**pair, "session": [9], "none": [2], "shoe": ["red"]}
    people = {"clients": {"client_id": ["c00"], "worry": [1.0], "hat": [3]},
              "therapists": {"therapist_id": ["t9"], "warmth": [1.0]}}  # fmt: skip
    found = model.forecast(more, **people)
    assert found.unused == ("pairs.session", "pairs.none", "pairs.shoe", "clients.hat", "therapists.warmth")
    assert model.forecast(pair).unused == ()
    assert found.mean == model.forecast(pair, clients={"client_id": ["c00"], "worry": [1.0]}).mean


def test_constant_collinear_and_empty_columns_are_left_out_with_their_reasons():
    made = clinic()
    fit = np.asarray(made["ratings"]["fit"])
    table = {
        **made["ratings"], "twice": 2 * fit + 1, "same": [7] * 160, "word": ["x"] * 160, "none": [None] * 160,
        "blank": [""] * 160, "sum": fit + (np.asarray(made["ratings"]["room"]) == "room 1"),
    }  # fmt: skip
    model = AllianceModel(blocks=()).fit(table, made["score"])
    found = answered(model, {"client_id": ["c00"], "therapist_id": ["t1"]})
    left = model.report_["columns_left_out"]
    assert left["twice"] == "a combination of fit"
    assert left["sum"].startswith("a combination of ") and "fit" in left["sum"]
    assert left["same"] == left["match.word"] == "the same in every rating"
    assert left["match.none"] == left["match.blank"] == "missing in every rating"
    plain = AllianceModel(blocks=()).fit(made["ratings"], made["score"])
    assert found.mean == pytest.approx(plain.forecast({"client_id": ["c00"], "therapist_id": ["t1"]}).mean, abs=1e-6)
    ridge = AllianceModel().fit(table, made["score"])
    left = ridge.report_["columns_left_out"]
    assert left["match.same"] == left["match.word"] == "the same in every rating"
    assert left["match.none"] == left["match.blank"] == "missing in every rating"
    assert {"twice", "sum"} <= {each.name for each in ridge.coefficients_ if each.shrunken}


def test_the_documentation_names_tests_that_are_there():
    section = DOCUMENT.read_text().split("## What happens when the data are bad")[1].split("\n## ")[0]
    named = set(re.findall(r"`(test_\w+)`", section))
    there = {name for path in HERE.glob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)}
    assert len(named) > 25 and not named - there
    assert all((ROOT / path).exists() for path in re.findall(r"`(tests/[\w/.]+)`", section))
