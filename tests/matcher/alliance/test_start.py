"""Going on from an earlier fit ends where a fresh one ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matcher.alliance import AllianceModel
from matcher.alliance.fitting import Start
from tests.matcher.alliance.clinics import clinic
from tests.matcher.alliance.test_ceiling import STEP, half_at_the_top
from tests.matcher.alliance.test_drift import wandering


def part(table, rows):
    return {name: np.asarray(values)[rows] for name, values in table.items()}


def agree(one, other, table):
    for ours, theirs in zip(one.components_, other.components_, strict=True):
        assert ours.name == theirs.name
        assert ours.variance == pytest.approx(theirs.variance, rel=1e-3, abs=1e-6)
    mine, theirs = one.forecast(table), other.forecast(table)
    assert mine.mean == pytest.approx(theirs.mean, abs=1e-3)
    assert mine.sd == pytest.approx(theirs.sd, rel=1e-3)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_new_ratings_are_taken_in_from_where_the_last_fit_ended(method):
    made = clinic(n=400)
    sides = {"clients": made["clients"], "therapists": made["therapists"]}
    words = {"method": method, "random": ("room",), "vary_by": ("worry",)}
    before = AllianceModel(**words).fit(part(made["ratings"], np.arange(380)), made["score"][:380], **sides)
    warm = AllianceModel(**words).fit(made["ratings"], made["score"], **sides, start=before)
    fresh = AllianceModel(**words).fit(made["ratings"], made["score"], **sides)
    agree(warm, fresh, part(made["ratings"], np.arange(30)))
    assert warm.report_["warm"] and not fresh.report_["warm"]
    assert warm.report_["iterations"] <= fresh.report_["iterations"]


def test_the_same_behind_a_ceiling():
    table, score, top, _, _ = half_at_the_top(n_dyads=240, clients=2)
    words = {"top": top, "step": STEP}
    before = AllianceModel(**words).fit(part(table, np.arange(len(score) - 20)), score[:-20])
    warm = AllianceModel(**words).fit(table, score, start=before)
    fresh = AllianceModel(**words).fit(table, score)
    agree(warm, fresh, part(table, np.arange(30)))


def test_a_stored_model_is_a_start_as_well():
    table, score, top, _, _ = half_at_the_top(n_dyads=240, clients=2)
    before = AllianceModel(top=top, step=STEP).fit(table, score)
    again = AllianceModel.from_arrays(before.to_arrays(), before.metadata())
    warm, other = (AllianceModel(top=top, step=STEP).fit(table, score, start=start) for start in (before, again))
    assert warm.components_ == other.components_
    agree(warm, before, part(table, np.arange(30)))


@pytest.mark.parametrize("drift", [None, "auto"])
def test_a_start_whose_drift_took_the_therapists_variance_is_no_harm(drift):
    table, score, _ = wandering(1, n_clients=60, top=0.4)
    words = {"top": 0.4, "step": 0.2, "only_declared": True}
    before = AllianceModel(**words, drift=300.0).fit(table, score)
    warm, fresh = (AllianceModel(**words, drift=drift).fit(table, score, start=start) for start in (before, None))
    assert warm.report_["converged"]
    assert warm.report_["criterion"] == pytest.approx(fresh.report_["criterion"], abs=0.01)


def test_from_a_start_that_leads_nowhere_the_search_begins_anew():
    table, score, _ = wandering(1, n_clients=60, top=0.4)
    words = {"top": 0.4, "step": 0.2, "only_declared": True, "max_iter": 25}
    fresh = AllianceModel(**words).fit(table, score)
    far = AllianceModel(**words).fit(table, score)
    far.components_ = [replace(part, variance=0.0) if part.name == "therapist" else part for part in far.components_]
    again = AllianceModel(**words).fit(table, score, start=far)
    assert again.components_ == fresh.components_ and not again.report_["warm"]


def test_the_curvature_of_other_terms_is_no_curvature():
    start = Start((), {"client": 1.0, "therapist": 0.2, "residual": 1.0}, np.diag([1.0, 2.0, 3.0]), 40)
    assert start.curvature_of(["client"], []) is None
    assert start.curvature_of(["client", "therapist", "therapist drift"], []) is None
    assert np.diag(start.curvature_of(["client", "therapist"], [])).tolist() == [3.0, 1.0, 2.0]
    assert start.curvature_of(["dyad", "client", "therapist"], ["dyad"]) is not None


def test_a_start_with_other_terms_is_no_harm():
    made = clinic(n=400)
    before = AllianceModel().fit(made["ratings"], made["score"])
    words = {"random": ("room",), "vary_by": ("worry",)}
    sides = {"clients": made["clients"], "therapists": made["therapists"]}
    warm = AllianceModel(**words).fit(made["ratings"], made["score"], **sides, start=before)
    fresh = AllianceModel(**words).fit(made["ratings"], made["score"], **sides)
    agree(warm, fresh, part(made["ratings"], np.arange(30)))


def test_a_start_that_reproduced_its_scores_is_none():
    made = clinic(n=400)
    before = AllianceModel().fit(made["ratings"], np.full(400, 3.0))
    warm = AllianceModel().fit(made["ratings"], made["score"], start=before)
    assert warm.components_ == AllianceModel().fit(made["ratings"], made["score"]).components_
    assert not warm.report_["warm"]


def test_with_many_new_ratings_or_other_blocks_all_is_chosen_anew():
    """A block that is not among the start's could never come in, and the fit would be another one."""
    made = clinic(n=400)
    sides = {"clients": made["clients"], "therapists": made["therapists"]}
    fresh = AllianceModel().fit(made["ratings"], made["score"], **sides)
    for upto, words, warm in ((380, {}, True), (300, {}, False), (380, {"only_declared": True}, False),
                              (380, {"fixed": ("worry",)}, False), (380, {"blocks": ()}, False)):  # fmt: skip
        before = AllianceModel(**words).fit(part(made["ratings"], np.arange(upto)), made["score"][:upto], **sides)
        found = AllianceModel().fit(made["ratings"], made["score"], **sides, start=before)
        assert found.report_["warm"] is warm
        agree(found, fresh, part(made["ratings"], np.arange(30)))


def test_where_little_is_new_the_way_of_meeting_change_is_kept_and_else_decided_anew(monkeypatch):
    """One drift of the start stays one; each later fit says of how many ratings the choice is."""
    table, score, _ = wandering(1, n_clients=300, top=None)
    n = len(score)
    before = AllianceModel(drift="auto").fit(part(table, np.arange(n - 20)), score[:-20])
    asked = []
    monkeypatch.setattr("matcher.alliance.changing._by_later", lambda *a: asked.append(a))
    monkeypatch.setattr("matcher.alliance.changing._gain", lambda *a: asked.append(a) or 0.0)
    warm = AllianceModel(drift="auto").fit(table, score, start=before)
    assert not asked and warm.report_["warm"] and warm.report_["drift"] == before.report_["drift"]
    assert warm.report_["noted"][-1] == before.report_["noted"][-1]
    assert (before.report_["chosen_of"], warm.report_["chosen_of"]) == (n - 20, n - 20)
    AllianceModel(drift="auto").fit(part(table, np.arange(n // 2)), score[: n // 2], start=before)
    AllianceModel(drift="auto").fit(table, score, start=AllianceModel().fit(table, score))
    assert len(asked) >= 1


def test_a_choice_is_not_handed_on_for_ever():
    """Each fit of a chain has few new ratings; the one with a tenth more than the choice was of chooses anew."""
    made = clinic(n=400)
    sides = {"clients": made["clients"], "therapists": made["therapists"]}
    found, warm = None, []
    for upto in (340, 360, 372, 380, 400):
        found = AllianceModel().fit(part(made["ratings"], np.arange(upto)), made["score"][:upto], **sides, start=found)
        warm.append((found.report_["warm"], found.report_["chosen_of"]))
    assert warm == [(False, 340), (True, 340), (True, 340), (False, 380), (True, 380)]
