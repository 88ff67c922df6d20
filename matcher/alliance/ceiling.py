r"""Scores at the top of their scale as censored: the alliance behind them is at least that high, and may be higher.

A session's latent score is y* = η + ε, ε ~ N(0, σ² / weight); its score is y = y* below the cut κ, half a step under
the top, and the top from there on. So a score at the top says Φ((η - κ) / σ), and any other one N(y; η, σ²).

**Expectation propagation, one site a dyad** (Minka 2001, Expectation propagation for approximate Bayesian inference,
UAI). Let u_p be the latent mean of dyad p at its mean row, and o_i what session i differs from it. The dyad's
likelihood Π_i l_i(u_p + o_i) is replaced by a Gaussian in u_p, chosen so that, multiplied with the *cavity* (what all
other dyads say of u_p), mean and variance are those of the true product. The product is integrated by adaptive
Gauss-Hermite quadrature, so that a dyad's own effect is integrated exactly however many of its sessions stand at the
top; what EP approximates is how dyads act upon each other through client, therapist and coefficients.

A site is spread over the dyad's sessions at the top as precisions W_i and responses m_i, with ψ_i = ∂ log l_i / ∂η,

    Σ_i W_i = 1 / v̂ - 1 / v_cavity - Σ_other 1 / σ²,   in proportion to E[-ψ_i'],      W_i (m_i - μ̂ - o_i) = E[ψ_i]

so that the other sessions keep precision 1 / σ² and their score, sums over the dyad give the site, and what differs
within a dyad (the order of sessions) meets the exact expected gradient. All ratings are then Gaussian with known
precisions, and the linear solver does the rest: nothing that was not seen counts as seen.

**Variances** are where the gradient of log Z_EP is zero. At EP's fixed point the sites may be taken as constant, so
that a term's gradient is the Gaussian one, tr(Z'PZ) - |Z'Py|² / σ², and the residual's is the expectation of the
sessions' own. Steps are Newton's, with the average information of the Gaussian stand-in to begin with, which sees
more than the censored sessions tell; it learns the true curvature from one step to the next (BFGS), and near the end
the curvature is taken from differences of the gradient.

**How exact.** For what is the same within a dyad, the gradient is exact at EP's fixed point. Where a coefficient is
integrated over (REML's fixed ones, random levels) and its column differs within a dyad, it is not: a site has the
dyad's variance and not each session's, so that it may not quite be taken as constant; and what such a column adds to
the spread of single sessions is shared out by precision between those at the top and those below. With 120 dyads of
four sessions, half of them at the top, the session's number under REML puts the residual's slope of 8 to 50 off by .5,
the dyad's of -18 to -56 by .1 to .2 and the others' by less. In three such data sets the σ² found was .02 standard
errors below that of a direct minimisation of -2 log Z, the other variances by less (.01 with 600 dyads; with eight more
such columns .14 to .18, and .06); under ML all were within .003.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from matcher.alliance.declared import DYAD
from matcher.alliance.design import Design
from matcher.alliance.forms import quadratic
from matcher.alliance.moments import Sums
from matcher.alliance.reml import LARGEST_RATIO, Criterion, Estimate, Slope, feasible_step, slope_at
from matcher.alliance.scores import Scores
from matcher.alliance.sessions import Sessions, sessions_of
from matcher.alliance.solver import Level, Solution, System, solve
from matcher.alliance.structure import CLIENT
from matcher.alliance.tables import Codes, Flags, Floats
from matcher.alliance.tilting import Known, Tilted, Tops, tilt

BLOCK = 2048  # clients at a time
NEAR = 0.5  # of -2 log Z: so little does a step promise where the curvature is worth being measured
MOST_SWEEPS, HEAVY = 60, 10  # from the tenth sweep on, sites move half of the way only
SETTLED, ROUGHLY = 1e-6, 1e-3  # of a dyad's own sd: how far its mean may still move
LEAST_PRECISION = 1e-10  # of a session's: a score at the top that was sure to be there says nothing
_LARGEST_FALL = 0.7  # of the residual variance in one step
_TURNED = 0.5  # of the slope along a step: what may be left of it with the other sign
_SHORTER = 0.1  # of a step, at least: the slope grows without end where a variance that is needed nears zero
_DIFFERENCE = 0.02  # of a variance, or of this share of the residual's where it is small
_SMALL = 0.05


@dataclass(frozen=True)
class Sites:
    """What stands in for the ratings: precision (n,), weight / σ² for those below the top, and response (n,)."""

    precision: Floats
    response: Floats


@dataclass(frozen=True)
class Settled:
    """EP at its fixed point: the solver's solution, its sites, σ², the criterion -2 log Z and its slope."""

    solution: Solution
    sites: Sites
    variance: float
    value: float
    slope: Slope
    settled: bool

    @property
    def variances(self) -> Floats:
        """The residual's, then the terms'."""
        return self.variance * np.append(1.0, self.solution.ratios)

    @property
    def gradient(self) -> Floats:
        """By these variances."""
        return self.slope.gradient / self.variance

    def curved(self, curvature: Floats) -> Slope:
        """The slope with a curvature by the variances in place of the stand-in's."""
        return replace(self.slope, information=curvature * self.variance**2)


@dataclass(frozen=True)
class Marginals:
    """Posterior mean and variance of each dyad's latent mean at its mean row; the dyads' sums, the border's form."""

    mean: Floats
    variance: Floats
    sums: Sums
    form: Floats


@dataclass(frozen=True)
class Censored:
    """The ratings with their ceiling as a problem in the variances.

    ``cut`` is κ from the mean of all scores. ``system`` is that of the scores as seen, with dyads and clients nested;
    those of them that are ``absent`` are no terms of the model and have a ratio of zero.
    """

    sessions: Sessions
    tops: Tops
    cut: float
    system: System
    criterion: Criterion
    absent: tuple[str, ...]

    @classmethod
    def of(
        cls, sessions: Sessions, at_top: Flags, cut: float, like: System, criterion: Criterion, both: tuple[str, str]
    ) -> Censored:
        """``like`` has the border's terms, and as nested ones some of ``both``, the dyad and the client."""
        tops = Tops.of(np.flatnonzero(at_top), sessions.dyad, sessions.weight)
        columns = np.where(like.term_of_column < 0, -1, like.term_of_column + len(both) - len(like.nested))
        system = System(sessions.moments(sessions.weight, sessions.score), both, like.border, columns)
        absent = tuple(name for name in both if name not in like.nested)
        return cls(sessions, tops, cut, system, criterion, absent)

    @property
    def held(self) -> Flags:
        """Which terms keep their ratio of zero."""
        return np.array([name in self.absent for name in self.system.terms])

    @property
    def below(self) -> Floats:
        """(n,) the weights of the sessions below the top, 0 of the others."""
        found = self.sessions.weight.copy()
        found[self.tops.rows] = 0.0
        return found

    @property
    def share(self) -> float:
        """Of the ratings' weight, how much stands at the top."""
        return float(self.tops.weight.sum() / self.sessions.weight.sum())

    def without(self, names: Collection[str]) -> Censored:
        """The same ratings without some of the border's terms, whose columns must be dense ones."""
        if not names:
            return self
        dense = self.system.staying(names)[self.sessions.sparse.shape[1] :]
        return replace(self, system=self.system.without(names), sessions=self.sessions.taken(dense))

    def as_seen(self, variance: float) -> Sites:
        """Sites to begin with: every score taken as seen."""
        return Sites(self.sessions.weight / variance, self.sessions.score)

    def stand_in(self, sites: Sites, variance: float) -> System:
        """The Gaussian problem at these sites, in units of σ²."""
        return replace(self.system, moments=self.sessions.moments(variance * sites.precision, sites.response))

    def settle(self, sites: Sites, variance: float, ratios: Floats, tol: float) -> Settled:
        """Sweep over the dyads until no mean moves by more than ``tol`` of its sd."""
        sites, before, settled = self._rescaled(sites, variance), None, False
        for sweep in range(MOST_SWEEPS):
            solution = solve(self.stand_in(sites, variance), ratios)
            found = self._marginals(solution, variance)
            known = self._known(sites, solution, found)
            tilted = tilt(self.tops, known, self.cut, math.sqrt(variance))
            if before is not None:
                settled = bool(np.max(np.abs(found.mean - before) / np.sqrt(found.variance)) < tol)
            if settled:
                break
            before = found.mean
            sites = self._moved(sites, known, tilted, 0.5 if sweep >= HEAVY else 1.0)
        value = self._value(solution, sites, variance, known, tilted)
        return Settled(solution, sites, variance, value, self._slope(solution, variance, found, tilted), settled)

    def _rescaled(self, sites: Sites, variance: float) -> Sites:
        precision = self.sessions.weight / variance
        precision[self.tops.rows] = sites.precision[self.tops.rows]
        return replace(sites, precision=precision)

    def _marginals(self, solution: Solution, variance: float) -> Marginals:
        """As ``predict`` has it for a seen dyad, at its mean row a_p / n_p: e = f_p (a_p / n_p - π_c S_c)."""
        form = solution.form(restricted=self.criterion.restricted)
        fine, top = solution.eliminated.levels
        sums, parent, at = fine.sums, self.sessions.parent, solution.coefficients
        split = sums.sparse.shape[1]
        by_dyad, by_client = solution.scores()[:2]
        mean = (sums.sparse @ at[:split] + sums.dense[:, :-1] @ at[split:]) / sums.weight
        mean += fine.ratio * by_dyad + (top.ratio * by_client)[parent]
        spread = fine.pull + fine.kept**2 * top.pull[parent]
        for first in range(0, len(top.kept), BLOCK):
            clients = slice(first, first + BLOCK)
            rows = slice(*np.searchsorted(parent, [first, first + BLOCK]))
            spread[rows] += _from_border(form, fine, top, clients, rows, parent[rows] - first)
        return Marginals(mean, variance * spread, sums, form)

    def _known(self, sites: Sites, solution: Solution, found: Marginals) -> Known:
        """The cavity of each dyad with a session at the top, and its other sessions."""
        rows, dyads = self.tops.rows, self.tops.dyads
        offset = self.sessions.offsets(solution.coefficients, sites.precision)[rows]
        precision, response = sites.precision[rows], sites.response[rows]
        whole, mean = 1 / found.variance[dyads], found.mean[dyads]
        left = np.maximum(whole - self.tops.summed(precision), LEAST_PRECISION * whole)
        pulled = self.tops.summed(precision * (response - offset))
        return Known((whole * mean - pulled) / left, left, offset)

    def _moved(self, sites: Sites, known: Known, tilted: Tilted, share: float) -> Sites:
        """The sites that give each dyad its tilted mean and variance; or a share of the way to them."""
        tops, weight = self.tops, self.sessions.weight[self.tops.rows]
        total = np.maximum(1 / tilted.variance - known.precision, 0.0)
        least = LEAST_PRECISION * weight / tilted.variance[tops.at]
        curvature = tilted.curvature + least
        found = np.maximum((total / tops.summed(curvature))[tops.at] * curvature, least)
        pulled = found * (tilted.mean[tops.at] + known.offset) + tilted.gradient
        precision, response = sites.precision.copy(), sites.response.copy()
        precision[tops.rows] += share * (found - precision[tops.rows])
        before = sites.precision[tops.rows] * sites.response[tops.rows]
        response[tops.rows] = (before + share * (pulled - before)) / precision[tops.rows]
        return Sites(precision, response)

    def _value(self, solution: Solution, sites: Sites, variance: float, known: Known, tilted: Tilted) -> float:
        """-2 log Z: the stand-in's, with every dyad's site exchanged for what it stands for."""
        precision = sites.precision[self.tops.rows]
        apart = sites.response[self.tops.rows] - known.offset
        site, pulled, squares = (self.tops.summed(precision * apart**power) for power in (0, 1, 2))
        joint = known.precision + site
        joined = (known.precision * known.centre + pulled) ** 2 / joint
        log_site = 0.5 * (joined - known.precision * known.centre**2 - squares + np.log(known.precision / joint))
        restricted = self.criterion.restricted
        freedom = float(self.below.sum()) - (self.system.n_fixed if restricted else 0)
        rescaled = 2 * self.criterion.log_scale if restricted else 0.0
        gaussian = solution.log_determinant(restricted=restricted) + rescaled + solution.residual / variance
        return gaussian + freedom * math.log(2 * math.pi * variance) - 2 * float(np.sum(tilted.log_mass - log_site))

    def _slope(self, solution: Solution, variance: float, found: Marginals, tilted: Tilted) -> Slope:
        """By the terms' variances as if sites were ratings; by σ² from the sessions: E (1 - (y - η)² / σ²) below the
        top, E ω z r at it. In units of σ², residual first. Nearly so where columns differ within a dyad (see above)."""
        slope = slope_at(solution, replace(self.criterion, variance_known=variance), found.form)
        below, weight = self.below, found.sums.weight
        n_known = self.system.n_fixed if self.criterion.restricted else 0
        spread = found.variance / variance
        within = n_known + float(solution.ratios @ solution.traces(found.form)) - float(weight @ spread)
        unsure = float(self.sessions.within(below) @ spread) + within * float(below.sum() / weight.sum())
        missed = float(below @ self._residuals(solution) ** 2) / variance
        residual = float(below.sum()) - missed - unsure + float(tilted.widening.sum())
        return replace(slope, gradient=np.append(residual, slope.gradient[1:]))

    def _residuals(self, solution: Solution) -> Floats:
        """Score minus posterior mean of each rating's latent mean, (n,)."""
        by_dyad, by_client = solution.scores()[:2]
        fine, top = solution.eliminated.levels
        effects = fine.ratio * by_dyad + (top.ratio * by_client)[self.sessions.parent]
        return self.sessions.score - self.sessions.along(solution.coefficients) - effects[self.sessions.dyad]


def problem_of(plan: Design, scores: Scores, criterion: Criterion) -> Censored:
    """The ratings of a design with the ceiling of their scale."""
    at_top = scores.at_top(plan.whole.draft.ratings.score) if plan.below is None else ~plan.below
    cut = scores.cut - plan.centre
    return Censored.of(sessions_of(plan), at_top, cut, plan.system, criterion, (DYAD, CLIENT))


@dataclass(frozen=True)
class Climbed:
    """Where a climb ended, with the curvature of -2 log Z there, after how many steps, and whether there was no more to
    gain."""

    problem: Censored
    at: Settled
    curvature: Floats
    iterations: int
    converged: bool

    def estimate(self) -> Estimate:
        """As the Gaussian model's, with the terms that are held."""
        at, converged = self.at, self.converged and self.at.settled
        slope = at.curved(self.curvature)
        return Estimate(at.solution, slope, at.variance, at.value, self.iterations, converged, self.problem.held)


def _from_border(form: Floats, fine: Level, top: Level, clients: slice, rows: slice, client: Codes) -> Floats:
    """e'Fe with e = f_p (a_p / n_p - π_c S_c) of some clients' dyads, F S_c once a client."""
    split = fine.sums.sparse.shape[1]
    own, kept = fine.kept[rows] / fine.sums.weight[rows], fine.kept[rows]
    a, x = fine.sums.sparse[rows], fine.sums.dense[rows, :-1]
    above, above_x = top.sums.sparse[clients], top.sums.dense[clients, :-1]
    through = above @ form[:split] + above_x @ form[split:]
    squared = above.multiply(through[:, :split]).sum(axis=1) + np.sum(above_x * through[:, split:], axis=1)
    entry = np.repeat(np.arange(len(own)), np.diff(a.indptr))
    crossed = np.bincount(entry, a.data * through[client[entry], a.indices], minlength=len(own))
    crossed = crossed + np.sum(x * through[client, split:], axis=1)
    carried = kept * top.pull[clients][client]
    return np.asarray(own**2 * quadratic(form, a, x) - 2 * own * carried * crossed + carried**2 * squared[client])


def climb(
    problem: Censored, sites: Sites, variance: float, ratios: Floats, *, tol: float, max_iter: int,
    curvature: Floats | None = None,
) -> Climbed:  # fmt: skip
    """From a residual variance and ratios until a step promises less than ``tol`` of -2 log Z.

    Far away the curvature is that of the stand-in, corrected from step to step; near the end it is measured, unless it
    is known.
    """
    close = ROUGHLY if curvature is None else SETTLED
    here = problem.settle(sites, variance, ratios, close)
    iterations, converged = 0, False
    if curvature is None:
        curvature = here.slope.information / here.variance**2
    while iterations < max_iter and not np.any(here.solution.ratios >= LARGEST_RATIO):
        step, promised = feasible_step(here.curved(curvature), here.solution.ratios, problem.held)
        if promised < NEAR and close == ROUGHLY:
            close = SETTLED
            here = problem.settle(here.sites, here.variance, here.solution.ratios, close)
            curvature = _measured(problem, here)
            continue
        converged = abs(promised) < tol
        found = None if converged else _along(problem, here, step, close)
        if found is None:
            break
        curvature = _learned(curvature, here, found)
        here, iterations = found, iterations + 1
    return Climbed(problem, here, curvature, iterations, converged)


def _along(problem: Censored, here: Settled, step: Floats, close: float) -> Settled | None:
    """A step, or a part of it where the slope along it would turn around; None where no part of it helps."""
    share = 1.0 if step[0] > -_LARGEST_FALL else -_LARGEST_FALL / float(step[0])
    before = float(here.slope.gradient @ step)
    for _ in range(12):
        variance = here.variance * (1 + share * float(step[0]))
        ratios = np.maximum(here.solution.ratios + share * step[1:], 0.0) * here.variance / variance
        ratios = np.minimum(ratios, LARGEST_RATIO)
        found = problem.settle(here.sites, variance, ratios, close)
        after = float(found.gradient @ step) * here.variance
        if after < -_TURNED * before:
            return found
        share *= max(before / (before - after), _SHORTER)  # where a straight line through both slopes is zero
    return None


def _learned(curvature: Floats, before: Settled, after: Settled) -> Floats:
    """BFGS: the curvature that explains how the gradient changed along the step (Nocedal, Wright 2006, section 6.1)."""
    step, change = after.variances - before.variances, after.gradient - before.gradient
    along, known = float(step @ change), curvature @ step
    if along <= _SMALL * float(step @ known):
        return curvature
    return np.asarray(curvature - np.outer(known, known) / float(step @ known) + np.outer(change, change) / along)


def _measured(problem: Censored, here: Settled) -> Floats:
    """Of -2 log Z by the variances, from differences of the gradient; rows and columns of what is held as they were."""
    found = here.slope.information / here.variance**2
    free = np.flatnonzero(np.append(True, ~problem.held))
    rows = []
    for place in free:
        moved = here.variances.copy()
        moved[place] += _DIFFERENCE * max(moved[place], _SMALL * here.variance)
        there = problem.settle(here.sites, float(moved[0]), moved[1:] / moved[0], SETTLED)
        rows.append((there.gradient - here.gradient)[free] / (moved[place] - here.variances[place]))
    found[np.ix_(free, free)] = (np.array(rows) + np.array(rows).T) / 2
    return found
