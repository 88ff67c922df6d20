"""From ratings to an estimate: which likelihood, from where the search begins, and whose influence is bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.alliance import ceiling, choice, design, drift, influence
from matcher.alliance.design import Design
from matcher.alliance.evidence import RESIDUAL
from matcher.alliance.ratings import Ratings
from matcher.alliance.reml import START_RATIO, Criterion, Estimate, maximise
from matcher.alliance.scores import FEWEST_BELOW, Scores
from matcher.alliance.tables import Floats, Keyed

MOST_ROUNDS = 12  # of lowering the weight of pairs that are far off
MOST_NEW = 0.1  # of the ratings of a start
_SAME = 0.05  # of a share: that much of it moves nothing


@dataclass(frozen=True)
class Terms:
    """What the model is to have, as ``AllianceModel`` was asked."""

    vary_by: Sequence[str]
    fixed: Sequence[str]
    random: Sequence[str]
    only_declared: bool
    blocks: Sequence[str] | None
    pace: float | None = None
    half_life: float | None = None


@dataclass(frozen=True)
class Search:
    """How the variances are looked for: REML or ML, and when to stop."""

    restricted: bool
    tol: float
    max_iter: int


@dataclass(frozen=True)
class Start:
    """An estimate to go on from: the blocks that it has, the variance of each term and of the residual, the curvature
    of -2 log L by them in that order, where the likelihood is censored; and of how many ratings its blocks are."""

    blocks: tuple[str, ...]
    variances: Mapping[str, float]
    curvature: Floats | None
    n_ratings: int

    def serves(self, n_ratings: int) -> bool:
        """Whether the blocks that it has are those of these ratings too: with many new ones, counted since the blocks
        were chosen and not since the last fit, they are chosen anew. One of a model that reproduced its scores is
        nothing to go on from."""
        return self.variances[RESIDUAL] > 0 and n_ratings <= (1 + MOST_NEW) * self.n_ratings

    def ratios(self, terms: Sequence[str]) -> Floats:
        residual = self.variances[RESIDUAL]
        return np.array([self.variances.get(name, START_RATIO * residual) / residual for name in terms])

    def curvature_of(self, terms: Sequence[str], absent: Sequence[str]) -> Floats | None:
        """By the residual's variance and these terms'; None where it is not known, or is that of other terms."""
        if self.curvature is None or set(terms) - set(absent) != set(self.variances) - {RESIDUAL}:
            return None
        places = {name: at for at, name in enumerate(self.variances)}
        wanted = [RESIDUAL, *terms]
        there = np.array([name in places for name in wanted])
        at = [places[name] for name in wanted if name in places]
        found: Floats = np.eye(len(wanted)) * np.diag(self.curvature).max()
        found[np.ix_(there, there)] = self.curvature[np.ix_(at, at)]
        return found


@dataclass(frozen=True)
class Found:
    """The estimate with the design that it belongs to; ``bounded`` pairs have less than their full weight."""

    ratings: Ratings
    plan: Design
    estimate: Estimate
    criterion: Criterion
    scores: Scores
    bounded: int
    warm: bool
    terms: Terms
    chosen_of: int  # ratings, of which the blocks were chosen


def fit(
    ratings: Ratings, clients: Keyed, therapists: Keyed, scores: Scores, terms: Terms, search: Search, *,
    bound: float | None, start: Start | None,
) -> Found:  # fmt: skip
    """Estimate; where a pair is farther off than ``bound`` standard deviations, lower its weight and estimate again."""
    ratings = _timed(ratings, terms)
    if start is not None and not start.serves(len(ratings.score)):
        start = None
    _, dyads, pair = ratings.dyads
    full = np.bincount(pair, ratings.weight, len(dyads)).astype(np.float64)
    shares = influence.untouched(len(full))
    if bound is not None:
        shares = influence.glaring(np.bincount(pair, ratings.score * ratings.weight) / full)
    found = _once(_lowered(ratings, shares), clients, therapists, scores, terms, search, start)
    warm, left_out = found.warm, found.plan.terms_left_out
    for _ in range(MOST_ROUNDS):
        before, shares = shares, _shares(found, full, bound)
        if np.array_equal(shares < 1, before < 1) and np.abs(shares / before - 1).max() < _SAME:
            break
        found = _once(_lowered(ratings, shares), clients, therapists, found.scores, terms, search, start_of(found))
    plan = replace(found.plan, terms_left_out=left_out | found.plan.terms_left_out)  # later rounds try no blocks
    return replace(found, ratings=ratings, plan=plan, bounded=int((shares < 1).sum()), warm=warm)


def _timed(ratings: Ratings, terms: Terms) -> Ratings:
    """The ratings as they count where moments count: with less weight for old ones, where that is asked for."""
    if terms.pace is None and terms.half_life is None:
        return ratings
    aside = {name: why for name, why in ratings.set_aside.items() if name != drift.COLUMN}
    ratings = replace(ratings, set_aside=aside)
    return ratings if terms.half_life is None else drift.faded(ratings, terms.half_life)


def _shares(found: Found, full: Floats, bound: float | None) -> Floats:
    """What pairs keep of their weight: all of it where the model does not tell pairs apart. Where each client has one
    pair, the groups that are integrated out first are called clients, and are the pairs."""
    levels = found.estimate.solution.eliminated.levels
    if bound is None or found.estimate.exact or not levels or len(levels[0].kept) != len(full):
        return influence.untouched(len(full))
    return influence.weights(found.estimate, full, bound)


def _lowered(ratings: Ratings, shares: Floats) -> Ratings:
    """The ratings with a share of their dyad's weight."""
    return ratings if np.all(shares == 1) else replace(ratings, weight=ratings.weight * shares[ratings.dyads[2]])


def start_of(found: Found) -> Start:
    """Where a search that goes on from this estimate begins."""
    estimate, blocks = found.estimate, found.plan.structure.blocks
    names = [*estimate.solution.system.terms, RESIDUAL]
    order = np.append(np.arange(1, len(names)), 0)
    variances = dict(zip(names, (np.append(estimate.ratios, 1.0) * estimate.variance).tolist(), strict=True))
    curvature = (
        (estimate.slope.information / estimate.variance**2)[np.ix_(order, order)] if found.scores.censored else None
    )
    return Start(tuple(block.name for block in blocks), variances, curvature, found.chosen_of)


def _once(
    ratings: Ratings, clients: Keyed, therapists: Keyed, scores: Scores, terms: Terms, search: Search,
    start: Start | None,
) -> Found:  # fmt: skip
    blocks = terms.blocks if start is None else start.blocks
    plan = design.build(
        ratings, clients, therapists, vary_by=terms.vary_by, fixed=terms.fixed, random=terms.random,
        only_declared=terms.only_declared, blocks=blocks, pace=terms.pace,
        below=~scores.at_top(ratings.score) if scores.censored else None,
    )  # fmt: skip
    criterion = Criterion(search.restricted, plan.structure.log_scale)
    if scores.censored and (reason := _no_ceiling(plan)) is not None:
        scores = replace(scores, censored=False, reason=reason)
    if start is not None:
        estimate = _resumed(plan, scores, criterion, start, search)
        if not estimate.converged:  # from a start too far off; what is found must not depend on it
            return _once(ratings, clients, therapists, scores, terms, search, None)
    else:
        (estimate, gains), scores = _chosen(plan, scores, criterion, search)
        plan = plan.with_terms(estimate.solution.system, gains)
    chosen_of = len(ratings.score) if start is None else start.n_ratings
    return Found(ratings, plan, estimate, criterion, scores, 0, start is not None, terms, chosen_of)


def _no_ceiling(plan: Design) -> str | None:
    """Why no score is censored after all, None where some are."""
    assert plan.below is not None
    if plan.below.all():
        return f"scores at the top alone tell {', '.join(plan.told_at_the_top)} apart, and say no more than they are"
    n_fixed, weight = len(plan.structure.fixed), float(plan.whole.draft.ratings.weight[plan.below].sum())
    if weight - n_fixed < FEWEST_BELOW:
        return f"fewer than {FEWEST_BELOW} scores more than unpenalised columns are below the top"
    return None


def _chosen(
    plan: Design, scores: Scores, criterion: Criterion, search: Search
) -> tuple[tuple[Estimate, dict[str, float]], Scores]:
    """The estimate with the blocks that stay, what each gained, and the scale as it was taken."""
    if scores.censored:
        problem = ceiling.problem_of(plan, scores, criterion)
        found = choice.choose_censored(problem, plan.optional, search.tol, search.max_iter)
        if found is not None:
            return found, scores
        scores = replace(scores, censored=False, reason="a grouping reproduces its scores exactly")
    return choice.choose(plan.system, plan.optional, criterion, search.tol, search.max_iter), scores


def _resumed(plan: Design, scores: Scores, criterion: Criterion, start: Start, search: Search) -> Estimate:
    """From where another estimate ended, with the blocks that it has."""
    if not scores.censored:
        ratios = start.ratios(plan.system.terms)
        return maximise(plan.system, criterion, start=ratios, tol=search.tol, max_iter=search.max_iter)
    problem = ceiling.problem_of(plan, scores, criterion)
    terms, variance = problem.system.terms, start.variances[RESIDUAL]
    ratios = np.where(problem.held, 0.0, start.ratios(terms))
    curvature = start.curvature_of(terms, problem.absent)
    climbed = ceiling.climb(
        problem, problem.as_seen(variance), variance, ratios, tol=search.tol, max_iter=search.max_iter,
        curvature=curvature,
    )  # fmt: skip
    return climbed.estimate()
