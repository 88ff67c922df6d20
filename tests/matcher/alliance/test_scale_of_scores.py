"""The scale of the scores as it is found, and what the top of a scale cannot tell."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.alliance import AllianceModel
from matcher.errors import InvalidInput
from tests.matcher.alliance.clinics import clinic


def seen(seed=0, n_clients=120, therapists=10, sessions=3):
    """Clients with two therapists each, three sessions; about a third of the scores are the top one, 6."""
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(n_clients), 2 * sessions)
    therapist = np.repeat([rng.choice(therapists, 2, replace=False) for _ in range(n_clients)], sessions)
    latent = 5 + rng.normal(0, 0.7, n_clients)[client] + rng.normal(0, 0.4, therapists)[therapist]
    score = np.clip(np.round(latent + rng.normal(0, 0.9, len(client))), 1, 6)
    session = np.tile(np.arange(1, sessions + 1), 2 * n_clients)
    return {"client_id": client, "therapist_id": therapist, "session": session}, score


def answered(model, **more):
    """Of a new client with a therapist who is known: finite, on the scale, the mean within its band."""
    n = len(next(iter(more.values()))) if more else 1
    found = model.forecast({"client_id": ["new"] * n, "therapist_id": [1] * n, **more})
    assert np.all((found.lower80 < found.mean) & (found.mean < found.upper80) & (found.sd < 2))
    assert model.report_["likelihood"] == "censored" and model.report_["converged"]
    return found.mean


def noted(model, words):
    return any("taken as numbers" in note and words in note for note in model.report_["notes"])


@pytest.mark.parametrize("declared", [{}, {"only_declared": True, "fixed": ("language", "session")},
                                      {"only_declared": True, "random": ("language",)}])  # fmt: skip
def test_what_the_top_alone_tells_apart_is_as_good_as_the_top_and_no_better(declared):
    """Ratings in French are the highest, each of them: an effect without end would fit them best."""
    table, score = seen()
    french = np.random.default_rng(3).random(len(score)) < 0.1
    score[french] = 6
    without = AllianceModel(lowest=1, top=6, **declared).fit(
        {name: values[~french] for name, values in table.items()} | {"language": np.array(["en"] * (~french).sum())},
        score[~french],
    )
    table["language"] = np.where(french, "fr", "en").astype(object)
    model = AllianceModel(lowest=1, top=6, **declared).fit(table, score)
    assert noted(model, "language")
    high, low = answered(model, language=["fr", "en"])
    assert high > 5.2 > low, "as they were seen to rate"
    assert low == pytest.approx(answered(without)[0], abs=0.1), "the others are as they would be without them"
    sd = {part.name: part.sd for part in model.components_}
    assert sd["residual"] == pytest.approx(next(p.sd for p in without.components_ if p.name == "residual"), rel=0.1)
    table["language"][np.flatnonzero(score == 5)[0]] = "fr"
    model = AllianceModel(lowest=1, top=6, **declared).fit(table, score)
    assert not noted(model, "language")
    high, low = answered(model, language=["fr", "en"])
    assert high > low


def test_so_is_a_later_session_a_missing_number_and_a_ridge_of_marks():
    """Whichever block or column it is in, nothing runs away."""
    table, score = seen(1)
    rng = np.random.default_rng(0)
    later = np.where(table["session"] > 1, 6.0, score)
    model = AllianceModel(lowest=1, top=6).fit(table, later)
    assert noted(model, "session") and answered(model)[0] > 5
    absent = {"worry": np.where(score == 6, np.nan, np.arange(len(score)) % 7.0)}
    model = AllianceModel(lowest=1, top=6).fit({**table, **absent}, score)
    assert model.report_["likelihood"] == "gaussian"
    assert model.report_["likelihood_because"].startswith("scores at the top alone tell worry missing")
    marks = {f"mark {k}": np.where((score == 6) & (rng.random(len(score)) < 0.3), 1.0, 0.0) for k in range(6)}
    model = AllianceModel(lowest=1, top=6).fit({**table, **marks}, score)
    answered(model, **{name: [0.0] for name in marks})
    assert noted(model, "mark 5") and max(part.sd for part in model.components_) < 2
    some = {"fit": np.where((score == 6) & (rng.random(len(score)) < 0.5), rng.normal(size=len(score)), 0.7)}
    model = AllianceModel(lowest=1, top=6, blocks=("match curves",)).fit({**table, **some}, score)
    answered(model, fit=[0.7])
    assert max(part.sd for part in model.components_) < 3


def test_more_columns_than_scores_below_the_top_are_taken_as_numbers():
    table, score = seen()
    few = np.flatnonzero(score < 6)[14:]
    score[few] = 6
    noise = {f"x{k}": np.random.default_rng(k).normal(size=len(score)) for k in range(8)}
    model = AllianceModel(top=6, fixed=tuple(noise), only_declared=True).fit({**table, **noise}, score)
    assert "more than unpenalised columns are below the top" in model.report_["likelihood_because"]


def test_where_scores_are_numbers_the_same_column_stays():
    table, score = seen()
    table["language"] = np.where((score == 6) & (np.arange(len(score)) < 300), "fr", "en")
    model = AllianceModel(ceiling="gaussian").fit(table, score)
    assert "language=fr" in [part.name for part in model.coefficients_]


def test_the_mean_of_sliders_has_the_step_that_was_meant():
    """A mean of four tenths is a multiple of 1 / 40, give or take a rounding that is no step."""
    table, score = seen()
    rng = np.random.default_rng(0)
    sliders = np.clip(np.round(score[:, None] / 6 + rng.normal(0, 0.05, (len(score), 4)), 1), 0, 1)
    mean = sliders.mean(axis=1)
    assert np.diff(np.unique(mean)).min() < 1e-12
    model, rounded = AllianceModel().fit(table, mean), AllianceModel().fit(table, mean.round(9))
    assert model.report_["scale"]["step"] == pytest.approx(0.025)
    assert [part.variance for part in model.components_] == pytest.approx(
        [part.variance for part in rounded.components_], rel=1e-6
    )


def test_scores_that_differ_by_rounding_alone_are_one_and_large_ones_have_their_step():
    table, score = seen()
    model = AllianceModel().fit(table, np.where(score > 4, 0.1 + 0.2, 0.3))
    assert model.report_["likelihood_because"] == "all scores are the same but for rounding"
    assert AllianceModel().fit(table, score + 1e10).report_["scale"]["step"] == 1.0
    three = np.where(score > 5, 1.0, np.where(score > 4, 0.1 + 0.2, 0.3))
    assert AllianceModel().fit(table, three).report_["likelihood"] == "censored"


def test_a_ceiling_that_was_asked_for_needs_somebody_at_it():
    table, score = seen()
    model = AllianceModel(top=9, ceiling="censored").fit(table, score)
    assert (model.report_["likelihood"], model.report_["likelihood_because"]) == (
        "gaussian",
        "no score is at the top, 9",
    )


def test_a_step_as_wide_as_the_scale_is_refused():
    table, score = seen()
    for step in (5, 100):
        with pytest.raises(InvalidInput, match=r"^step: .*the scores reach from 1 to 6"):
            AllianceModel(top=6, step=step).fit(table, score)
    binary = np.where(score == 6, 1.0, 0.0)
    assert AllianceModel(top=1, step=1).fit(table, binary).report_["likelihood"] == "censored"


def test_scores_between_two_steps_are_counted():
    table, score = seen()
    score[np.flatnonzero(score == 5)[:7]] = 5.6
    model = AllianceModel(top=6, step=1).fit(table, score)
    assert model.report_["likelihood_because"].endswith(", with 7 that lie within half a step of it")
    assert model.report_["share_at_top"] == pytest.approx(np.mean(score > 5.5))


def test_a_column_that_is_not_there_counts_as_the_average_though_missing_values_have_an_effect():
    """Text: the mean over the levels as they were; a number: at its mean, and as often missing as it was."""
    made = clinic(n=300)
    ratings = made["ratings"]
    ratings["language"] = np.array(["en", "de", None] * 100, dtype=object)
    ratings["hurry"] = np.where(np.arange(300) % 5 == 0, np.nan, np.arange(300) % 7.0)
    score = made["score"] + 3.0 * (np.arange(300) % 3 == 2) + 2.0 * (np.arange(300) % 5 == 0)
    model = AllianceModel(only_declared=True, fixed=("language", "hurry")).fit(ratings, score)
    effect = {part.name: part.estimate for part in model.coefficients_}
    assert effect["language=missing"] > 2 and effect["hurry missing"] > 1
    pair = {"client_id": ["new"], "therapist_id": ["t0"]}

    def mean(**more):
        found = model.forecast({**pair, **{name: [value] for name, value in more.items()}})
        return found.mean[0], found.averaged

    levels = [mean(language=language, hurry=3.0)[0] for language in ("en", "de", None)]
    hurry = np.nanmean(ratings["hurry"])
    value, averaged = mean(hurry=3.0)
    assert value == pytest.approx(np.mean(levels)) and averaged == {"language": 1}
    value, averaged = mean(language="en")
    at_mean, missing = mean(language="en", hurry=hurry)[0], mean(language="en", hurry=None)
    assert value == pytest.approx(0.8 * at_mean + 0.2 * missing[0]) and averaged == {"hurry": 1}
    assert missing[1] == {} and missing[0] > at_mean + 1
    people = {"clients": {"client_id": ["new"], "worry": [0.0]}}
    known = AllianceModel(only_declared=True, fixed=("worry",)).fit(ratings, score, clients=made["clients"])
    assert known.forecast(pair).averaged == {"client.worry": 1}
    assert known.forecast(pair, **people).averaged == {}


def test_an_empty_id_in_a_pair_is_somebody_new():
    made = clinic(n=60)
    model = AllianceModel().fit(made["ratings"], made["score"])
    found = model.forecast({"client_id": ["c00", None, "new"], "therapist_id": ["", "t0", "t0"]})
    assert found.known_client.tolist() == [True, False, False] and found.known_therapist.tolist() == [False, True, True]
    assert found.mean[1] == found.mean[2]


def test_that_new_therapists_have_no_band_of_their_own_is_said():
    made = clinic(n=60)
    ratings = {**made["ratings"], "therapist_id": ["t0"] * 60}
    model = AllianceModel().fit(ratings, made["score"])
    said = "How much therapists differ beyond their columns, which the band of a new one would hold, cannot be"
    assert any(note.startswith(said) for note in model.report_["notes"])
