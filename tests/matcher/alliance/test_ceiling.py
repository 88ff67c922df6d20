"""Scores at the top as censored: against the exact likelihood where it can be had, and against a known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_ndtr, logsumexp
from scipy.stats import norm

from matcher.alliance import AllianceModel, ceiling, design, ratings, sessions
from matcher.alliance.reml import Criterion
from matcher.alliance.scores import Scores, widening
from matcher.alliance.tables import Keyed
from matcher.errors import InvalidInput

STEP = 0.25
GRID = np.linspace(-8, 8, 2001)
LOG_STEP = np.log(GRID[1] - GRID[0]) - 0.5 * GRID**2 - 0.5 * np.log(2 * np.pi)


def half_at_the_top(
    seed=0, *, n_dyads=120, n_therapists=5, clients=1, sessions_each=4, share=0.5, dyad=0.6, spread=0.5
):
    """``clients`` dyads a client; latent scores with effects of therapist, client, dyad, worry and session."""
    rng = np.random.default_rng(seed)
    client, therapist = np.arange(n_dyads) // clients, rng.integers(0, n_therapists, n_dyads)
    therapist = np.where(clients > 1, np.arange(n_dyads) % n_therapists, therapist)
    worry = rng.normal(size=n_dyads)[client]
    latent = 0.3 * worry + 0.25 * rng.normal(size=n_therapists)[therapist] + np.sqrt(dyad) * rng.normal(size=n_dyads)
    latent = latent + (clients > 1) * 0.5 * rng.normal(size=n_dyads)[client]
    row, session = np.repeat(np.arange(n_dyads), sessions_each), np.tile(np.arange(1, sessions_each + 1), n_dyads)
    score = latent[row] + 0.15 * np.log(session) + np.sqrt(spread) * rng.normal(size=len(row))
    top = np.floor(np.quantile(score, 1 - share) / STEP) * STEP
    table = {
        "client_id": np.array([f"c{at:04d}" for at in client])[row],
        "therapist_id": np.array([f"t{at:02d}" for at in therapist])[row],
        "session": session.astype(float),
        "worry": worry[row],
    }
    seen = np.minimum(np.round(score / STEP) * STEP, top)
    return table, seen, top, latent, row


def problem_of(table, score, *, restricted=True, **words):
    terms = {"vary_by": (), "fixed": (), "random": (), "only_declared": False, "blocks": ()} | words
    used = ratings.read_ratings(table, score, None)
    plan = design.build(
        used, Keyed.read(None, "clients", "client_id"), Keyed.read(None, "therapists", "therapist_id"), **terms
    )
    scores = Scores.of(used.score, used.weight, lowest=None, top=None, step=STEP, ceiling="auto")
    assert scores.censored
    return ceiling.problem_of(plan, scores, Criterion(restricted, plan.structure.log_scale)), plan


def exact(score, row, fitted, cut, variances):
    """-2 log L of dyads that share nothing: ``fitted`` (n,) what is known of each score, summed over a fine grid."""
    residual, dyad = variances
    eta = fitted[:, None] + np.sqrt(dyad) * GRID
    below = -0.5 * (score[:, None] - eta) ** 2 / residual - 0.5 * np.log(2 * np.pi * residual)
    each = np.where((score > cut)[:, None], log_ndtr((eta - cut) / np.sqrt(residual)), below)
    by_dyad = np.zeros((row.max() + 1, len(GRID)))
    np.add.at(by_dyad, row, each)
    return -2 * float(logsumexp(by_dyad + LOG_STEP, axis=1).sum())


def test_maximum_likelihood_is_that_of_the_exact_integral():
    table, score, top, _, row = half_at_the_top(n_therapists=1)
    model = AllianceModel(method="ml", fixed=("worry", "session"), only_declared=True, step=STEP).fit(table, score)
    known = np.column_stack([np.ones(len(score)), table["worry"], np.log(table["session"])])

    def value(at):
        return exact(score, row, known @ at[2:], top - STEP / 2, np.exp(at[:2]))

    found = {part.name: part.variance for part in model.components_}
    effects = {each.name: each.estimate for each in model.coefficients_}
    dyad = found.get("dyad", found.get("client"))
    ours = [np.log(found["residual"]), np.log(dyad), effects["intercept"], effects["worry"], effects["log(session)"]]
    best = minimize(value, ours, method="BFGS", options={"gtol": 1e-3})
    assert model.report_["criterion"] == pytest.approx(value(ours), abs=1e-3)
    assert value(ours) - best.fun < 1e-4
    assert np.abs(np.array(ours) - best.x).max() < 2e-3


@pytest.mark.parametrize(("restricted", "varies", "off"), [(True, False, 0.01), (False, True, 0.01), (True, True, 0.8)])
def test_the_slope_is_that_of_the_criterion(restricted, varies, off):
    """Only where REML integrates over a column that differs within a dyad is it approximate: by .5 of 49 here, which
    would be 1.6 if the residual's slope took no notice of the column."""
    table, score, _, _, _ = half_at_the_top(clients=3)
    table = table if varies else {**table, "session": np.ones(len(score))}
    problem, _ = problem_of(table, score, restricted=restricted)
    variances = np.array([0.6, 0.5, 0.3, 0.1])
    found = problem.settle(problem.as_seen(0.6), 0.6, variances[1:] / 0.6, 1e-9)
    assert found.settled

    def value(at):
        return problem.settle(found.sites, at[0], at[1:] / at[0], 1e-9).value

    apart = 1e-3 * np.eye(4)
    slope = [(value(variances + step) - value(variances - step)) / 2e-3 for step in apart]
    assert found.gradient == pytest.approx(slope, abs=off)


def test_dyads_that_share_a_client_are_nearly_exact():
    """Two dyads, one client, everything else known: a plane can be summed."""
    table, score, top, _, _ = half_at_the_top(n_dyads=2, clients=2, sessions_each=6, share=0.6, n_therapists=2)
    both = {name: np.concatenate([column, column]) for name, column in table.items()}
    both["client_id"] = np.array(["a"] * len(score) + ["b"] * len(score))
    everything = np.concatenate([score, score - 0.3])
    problem, plan = problem_of(both, everything, only_declared=True, random=("dyad",), restricted=False)
    client, dyad, residual = 0.4, 0.5, 0.6
    at = problem.settle(problem.as_seen(residual), residual, np.array([dyad, client, 0.0]) / residual, 1e-9)
    intercept = float(at.solution.coefficients[-1])
    cut, total = top - STEP / 2 - plan.centre, 0.0
    for who in (everything[: len(score)], everything[len(score) :]):
        log = LOG_STEP.copy()  # over the client's effect
        for of in (slice(0, 6), slice(6, 12)):
            eta = intercept + np.sqrt(client) * GRID[:, None] + np.sqrt(dyad) * GRID[None, ::8]
            inner = np.log(8) + LOG_STEP[None, ::8]
            for value in who[of] - plan.centre:
                one = -0.5 * (value - eta) ** 2 / residual - 0.5 * np.log(2 * np.pi * residual)
                inner = inner + (log_ndtr((eta - cut) / np.sqrt(residual)) if value > cut else one)
            log = log + logsumexp(inner, axis=1)
        total += -2 * float(logsumexp(log))
    assert at.value == pytest.approx(total, abs=2e-3)


def test_differences_between_dyads_are_found_behind_the_ceiling():
    found = {"gaussian": [], "censored": []}
    for seed in range(4):
        table, score, _, _, _ = half_at_the_top(seed, n_dyads=600, n_therapists=20)
        for kind, variances in found.items():
            model = AllianceModel(fixed=("worry", "session"), only_declared=True, ceiling=kind, step=STEP)
            parts = {part.name: part.variance for part in model.fit(table, score).components_}
            worry = next(each.estimate for each in model.coefficients_ if each.name == "worry")
            variances.append((parts.get("dyad", parts.get("client")), parts["residual"], worry))
    censored, gaussian = (np.mean(found[kind], axis=0) for kind in ("censored", "gaussian"))
    assert np.abs(censored / [0.6, 0.5, 0.3] - 1).max() < 0.1
    assert gaussian[0] < 0.3 and gaussian[1] < 0.3 and gaussian[2] < 0.2


def test_bands_hold_the_expected_score_also_of_dyads_always_at_the_top():
    held, always_held = [], []
    for seed in range(6):
        table, score, top, latent, row = half_at_the_top(seed, n_dyads=400, n_therapists=20)
        model = AllianceModel(fixed=("worry", "session"), only_declared=True, step=STEP).fit(table, score)
        once = np.flatnonzero(table["session"] == 1)
        found = model.forecast({name: column[once] for name, column in table.items()})
        cut = top - STEP / 2
        at = latent + 0.15 * np.log(3)
        truth = model_free_expectation(at, np.sqrt(0.5), top, cut)
        inside = (found.lower80 <= truth) & (truth <= found.upper80)
        held.append(inside.mean())
        always_held.append(inside[np.bincount(row, score < top) == 0].mean())
    assert 0.75 < np.mean(held) < 0.85
    assert 0.72 < np.mean(always_held) < 0.88


def model_free_expectation(latent, sd, top, cut):
    """E of the score, by summing over single sessions."""
    noise = np.linspace(-6, 6, 4001)
    weight = np.exp(-0.5 * noise**2)
    single = latent[:, None] + sd * noise
    return np.sum(np.where(single >= cut, top, single) * weight, axis=1) / weight.sum()


def some_pairs():
    """A fit, some pairs, mean and spread of a session's latent score of each, and the scale's top and cut."""
    table, score, top, _, _ = half_at_the_top()
    model = AllianceModel(fixed=("worry", "session"), only_declared=True, step=STEP).fit(table, score)
    pairs = {"client_id": ["new", "new", "c0001", "c0002"], "therapist_id": ["t00", "new", "t01", "new"]}
    pairs["worry"] = np.array([-2.0, 1.0, 0.5, -0.5])
    single = model.distribution(pairs)
    return model, pairs, single.mean, single.sd[:, None], (top, top - STEP / 2)


def test_the_band_is_from_a_tenth_to_nine_tenths_of_the_latent_mean_read_on_the_scale():
    model, pairs, latent, single, scale = some_pairs()
    noise = next(part.variance for part in model.components_ if part.name == "residual")
    found, sd = model.forecast(pairs), np.sqrt(single[:, 0] ** 2 - noise)
    assert found.mean == pytest.approx(model_free_expectation(latent, single, *scale), abs=1e-4)
    for end, share in ((found.lower80, 0.1), (found.upper80, 0.9)):
        assert end == pytest.approx(model_free_expectation(norm(latent, sd).ppf(share), noise**0.5, *scale), abs=1e-4)


def test_the_personal_part_is_what_the_expected_score_would_lose_without_it():
    """A new client's is that of her worry alone: a column of the ratings is the pair's."""
    model, pairs, latent, single, scale = some_pairs()
    slope = next(each.estimate for each in model.coefficients_ if each.name == "worry")
    without = latent - slope * (pairs["worry"] - half_at_the_top()[0]["worry"].mean())
    lost = model_free_expectation(latent, single, *scale) - model_free_expectation(without, single, *scale)
    assert np.abs(lost[:2]).min() > 0.05
    assert model.forecast(pairs, personal=True).personal[:2] == pytest.approx(lost[:2], abs=1e-4)


def test_expected_scores_are_means_of_what_is_seen():
    scores = Scores(0.0, 1.0, 0.1, censored=True)
    latent, sd = np.array([-0.5, 0.6, 0.95, 2.0]), 0.3
    assert scores.cut == pytest.approx(0.95)
    assert scores.expected(latent, np.full(4, sd)) == pytest.approx(
        model_free_expectation(latent, sd, 1.0, 0.95), abs=1e-4
    )
    drawn = np.random.default_rng(0).normal(0.9, 0.2, 200_000)
    spread = np.std(scores.expected(drawn, np.full(len(drawn), sd)))
    assert scores.spread(np.array([0.9]), np.array([0.2]), sd)[0] == pytest.approx(spread, rel=0.01)


def test_how_much_wider_latent_scores_are():
    drawn = np.random.default_rng(0).normal(size=400_000)
    for share in (0.1, 0.5, 0.9):
        seen = np.minimum(drawn, np.quantile(drawn, 1 - share))
        assert widening(share) == pytest.approx(1 / seen.var(), rel=0.02)


def test_the_distribution_of_single_scores_is_calibrated_and_adds_up_to_one():
    uniform = []
    for seed in range(3):
        table, score, top, _, _ = half_at_the_top(seed, n_dyads=600, n_therapists=20)
        later = table["session"] == 4
        before, after = ({name: column[which] for name, column in table.items()} for which in (~later, later))
        model = AllianceModel(fixed=("worry", "session"), only_declared=True, top=top, step=STEP)
        found, seen = model.fit(before, score[~later]).distribution(after), score[later]
        below, upto = found.below(seen), found.upto(seen)
        assert found.upto(np.full(len(seen), top)).min() == 1.0
        assert below == pytest.approx(found.upto(seen - STEP), abs=1e-12)
        assert found.log_probability(seen) == pytest.approx(np.log(upto - below))
        uniform.append(np.random.default_rng(seed).uniform(below, upto))
    tenths = np.arange(0.1, 1, 0.1)
    assert np.abs(np.quantile(np.concatenate(uniform), tenths) - tenths).max() < 0.03


def test_without_a_ceiling_it_is_the_gaussian_model_to_the_bit():
    table, score, _, _, _ = half_at_the_top(share=0.02)
    auto, gaussian = (AllianceModel(ceiling=kind).fit(table, score) for kind in ("auto", "gaussian"))
    assert auto.report_["likelihood"] == "gaussian" and "4.2%" in auto.report_["likelihood_because"]
    assert auto.components_ == gaussian.components_


def test_with_hardly_any_score_at_the_top_both_agree():
    table, score, _, _, _ = half_at_the_top(share=0.01)
    censored, gaussian = (AllianceModel(ceiling=kind, step=STEP).fit(table, score) for kind in ("censored", "gaussian"))
    for ours, theirs in zip(censored.components_, gaussian.components_, strict=True):
        assert ours.name == theirs.name and ours.variance == pytest.approx(theirs.variance, rel=0.06, abs=0.01)


def test_everything_scales_and_shifts_with_the_scores():
    table, score, top, _, _ = half_at_the_top()
    one = AllianceModel(top=top, step=STEP).fit(table, score)
    other = AllianceModel(top=3 + 10 * top, step=10 * STEP).fit(table, 3 + 10 * score)
    for ours, theirs in zip(one.components_, other.components_, strict=True):
        assert 100 * ours.variance == pytest.approx(theirs.variance, rel=1e-5, abs=1e-6)
        assert 100 * ours.upper95 == pytest.approx(theirs.upper95, rel=1e-3)
    pairs = {name: column[:9] for name, column in table.items()}
    ours, theirs = one.forecast(pairs, personal=True), other.forecast(pairs, personal=True)
    for name in ("mean", "lower80", "upper80"):
        assert 3 + 10 * getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-5)
    assert 10 * ours.contrast == pytest.approx(theirs.contrast, rel=1e-5, abs=1e-7)
    assert 10 * ours.personal == pytest.approx(theirs.personal, rel=1e-5, abs=1e-7)


def test_a_weight_of_two_is_two_ratings():
    table, score, top, _, _ = half_at_the_top(n_dyads=60)
    twice = {name: np.concatenate([column, column[:40]]) for name, column in table.items()}
    weight = np.where(np.arange(len(score)) < 40, 2.0, 1.0)
    words = {"fixed": ("worry", "session"), "only_declared": True, "top": top, "step": STEP}
    one = AllianceModel(**words).fit(table, score, sample_weight=weight)
    two = AllianceModel(**words).fit(twice, np.concatenate([score, score[:40]]))
    for ours, theirs in zip(one.components_, two.components_, strict=True):
        assert ours.variance == pytest.approx(theirs.variance, rel=1e-4)


def test_a_slope_and_a_grouping_that_vary_within_a_dyad_are_summed_as_the_rows_are():
    table, score, _, _, _ = half_at_the_top(clients=2)
    rng = np.random.default_rng(5)
    table = {**table, "mood": rng.normal(size=len(score)), "room": rng.choice(["a", "b", "c"], len(score))}
    problem, plan = problem_of(table, score, random=("room",), vary_by=("mood",), fixed=("worry", "session", "mood"))
    precision, response = rng.uniform(0.1, 2, len(score)), rng.normal(size=len(score))
    found = problem.sessions.moments(precision, response)
    whole = plan.whole.rows(np.arange(len(score)))
    rows = np.hstack([whole.sparse().toarray(), whole.dense[:, :-1], response[:, None]])
    assert found.gram.dense() == pytest.approx(rows.T @ (precision[:, None] * rows), abs=1e-8)
    by_dyad = np.zeros((len(plan.dyads), rows.shape[1]))
    np.add.at(by_dyad, plan.dyad, precision[:, None] * rows)
    assert found.finest is not None
    assert np.hstack([found.finest.sparse.toarray(), found.finest.dense]) == pytest.approx(by_dyad, abs=1e-10)
    some = np.arange(plan.structure.n_dense) % 2 == 0
    part = sessions.sessions_of(plan).taken(some).moments(precision, response).gram
    kept = np.concatenate([np.ones(part.n_sparse, bool), some, [True]])
    assert part.dense() == pytest.approx(found.gram.dense()[np.ix_(kept, kept)], abs=1e-8)


def test_a_score_above_the_top_or_below_the_lowest_is_named():
    table, score, top, _, _ = half_at_the_top()
    with pytest.raises(InvalidInput, match="above the top"):
        AllianceModel(top=top - STEP).fit(table, score)
    with pytest.raises(InvalidInput, match="below the lowest"):
        AllianceModel(lowest=score.min() + STEP, top=top).fit(table, score)


def test_where_nothing_is_below_the_top_scores_are_numbers_and_the_reason_is_said():
    table, score, top, _, _ = half_at_the_top()
    few = np.where(np.arange(len(score)) < 5, top - STEP, top)
    report = AllianceModel(top=top).fit(table, few).report_
    assert report["likelihood"] == "gaussian" and "fewer than 10" in report["likelihood_because"]
    assert any("because fewer than 10 scores are below the top" in note for note in report["notes"])
    same = AllianceModel(top=top).fit(table, np.full(len(score), top)).report_
    assert same["likelihood_because"] == "all scores are the same"


def test_the_step_is_the_smallest_difference_where_none_is_declared():
    table, score, top, _, _ = half_at_the_top()
    model = AllianceModel().fit(table, score)
    assert model.report_["scale"] == {"lowest": None, "top": top, "step": STEP}
    assert any(f"{top - STEP / 2:g}, half" in note for note in model.report_["notes"])


def test_a_stored_model_predicts_the_same():
    table, score, top, _, _ = half_at_the_top()
    model = AllianceModel(lowest=-9, top=top, step=STEP).fit(table, score)
    again = AllianceModel.from_arrays(model.to_arrays(), model.metadata())
    pairs = {"client_id": ["c0000", "new"], "therapist_id": ["t00", "t01"], "worry": [0.1, 0.2]}
    ours, theirs = model.forecast(pairs, personal=True), again.forecast(pairs, personal=True)
    for name in ("mean", "sd", "lower80", "upper80", "contrast", "personal"):
        assert getattr(ours, name).tolist() == getattr(theirs, name).tolist()


def test_components_that_the_model_lacks_are_not_listed():
    """Each client has one dyad, so that one of the two is no term of its own, although both are integrated out."""
    table, score, _, _, _ = half_at_the_top()
    model = AllianceModel(step=STEP).fit(table, score)
    assert [part.name for part in model.components_] == ["client", "therapist", "residual"]
    assert all(part.upper95 > part.variance for part in model.components_)


def test_a_variance_at_zero_has_a_bound():
    table, score, _, _, _ = half_at_the_top(dyad=0.0)
    rng = np.random.default_rng(1)
    table = {**table, "room": rng.choice(list("abcdefgh"), len(score))}
    found = {part.name: part for part in AllianceModel(random=("room",), step=STEP).fit(table, score).components_}
    zero = [part for part in found.values() if part.at_zero]
    assert zero and all(0 < part.upper95 < 0.5 for part in zero)


def test_sites_of_sure_scores_say_nothing():
    """A latent score far above the cut was sure to be at the top: it stays finite, and tells nearly nothing."""
    table, score, _, _, _ = half_at_the_top()
    problem, _ = problem_of(table, score)
    far = replace(problem, cut=problem.cut - 50)
    found = far.settle(far.as_seen(0.5), 0.5, np.array([0.5, 0.0, 0.1]), 1e-6)
    precision = found.sites.precision[far.tops.rows]
    assert np.isfinite(found.value) and np.isfinite(found.slope.gradient).all()
    assert precision.max() < 1e-6 and np.isfinite(found.sites.response).all()
