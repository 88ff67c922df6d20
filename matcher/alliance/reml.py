r"""Variances by restricted maximum likelihood, or maximum likelihood on request.

With σ² and β profiled out the criterion of the variance ratios λ is, d = Σω - p degrees of freedom (Σω for ML),

    -2 log L(λ) = log|V| + log|X'V⁻¹X| + d (1 + log(2π y'Py / d))        (ML without log|X'V⁻¹X|)

Its gradient is exact: ∂/∂λ_k = tr(Z_k'PZ_k) - |Z_k'Py|² / σ². A step is Newton's with the average information
y'P H_k P H_l P y (Gilmour, Thompson, Cullis 1995, Biometrics 51), taken in the variances themselves, the residual's
included, where the likelihood of balanced data is closest to quadratic. Variances may not be negative, so each step is
a non-negative least-squares problem: a component that the data do not ask for becomes exactly zero, and may come back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg

from matcher.alliance.solver import Eliminated, Solution, System, solve, summed
from matcher.alliance.tables import Flags, Floats

START_RATIO, SMALLEST_START, LARGEST_START = 0.1, 0.01, 10.0
LEAST_SHRINKING = 1 / 3  # of a ratio in a step that does not end at zero: a small one is easily passed, slow to rise
LARGEST_RATIO = 1e5  # beyond it a grouping explains its ratings to the last digit: the residual variance is zero
LARGE_BORDER = 1_500  # columns, from which on steps without a factor come first
MOST_NEAR_STEPS = 12
NEAR = 1.0  # of -2 log L: the step that promises less, about a standard error, ends closer by orders of magnitude
_SUFFICIENT = 1e-4  # Armijo's share of the predicted decrease
_ROUNDING = 1e-13
_EXACT = 1e-13  # share of the scores' sum of squares that rounding leaves of an exact fit


@dataclass(frozen=True)
class Criterion:
    """Which likelihood is maximised. ``log_scale`` is Σ log of the fixed columns' scales, so that the REML criterion
    is that of the columns as given and can be compared between programs."""

    restricted: bool
    log_scale: float = 0.0
    variance_known: float | None = None

    def freedom(self, system: System) -> float:
        return system.moments.n_ratings - (system.n_fixed if self.restricted else 0)

    def variance(self, solution: Solution) -> float:
        """σ², at its best for these ratios unless it is known."""
        if self.variance_known is not None:
            return self.variance_known
        return solution.residual / self.freedom(solution.system)

    def value(self, solution: Solution) -> float:
        variance, freedom = self.variance(solution), self.freedom(solution.system)
        if variance <= 0:
            return math.inf
        rescaled = 2 * self.log_scale if self.restricted else 0.0
        determinant = solution.log_determinant(restricted=self.restricted)
        return determinant + rescaled + solution.residual / variance + freedom * math.log(2 * math.pi * variance)


@dataclass(frozen=True)
class Slope:
    """Gradient and average information in the variances (residual first), in units of σ²."""

    gradient: Floats
    information: Floats
    form: Floats  # of the solution, ``Solution.form``
    is_whole: bool  # whether ``form`` is that of the whole border


@dataclass(frozen=True)
class Estimate:
    """The optimum: variance ratios, σ², the criterion -2 log L, and how it was reached."""

    solution: Solution
    slope: Slope
    variance: float
    criterion: float
    iterations: int
    converged: bool
    held: Flags | None = None  # the terms that the model lacks, at a ratio of zero; only where there is a ceiling

    @property
    def ratios(self) -> Floats:
        return self.solution.ratios

    @property
    def exact(self) -> bool:
        """Whether the fixed columns reproduce every score, which leaves no variance to estimate."""
        return self.variance == 0.0

    @cached_property
    def form(self) -> Floats:
        """diag(ℓ) C⁻¹ diag(ℓ) of the border; the last step has it, but for ML, which needs its random block alone."""
        return self.slope.form if self.slope.is_whole else self.solution.form()

    @property
    def unbounded(self) -> bool:
        """Whether a grouping reproduces its ratings, so that the likelihood has no maximum and was stopped."""
        return bool(np.any(self.ratios >= LARGEST_RATIO))


def estimate(system: System, criterion: Criterion, tol: float = 1e-9, max_iter: int = 200) -> Estimate:
    """The variances at the maximum; all zero where the fixed columns leave nothing to explain."""
    n, p, gram = len(system.terms), system.n_fixed, system.moments.gram.xx
    border = gram[-1 - p : -1, -1]
    left = gram[-1, -1] - border @ linalg.solve(gram[-1 - p : -1, -1 - p : -1], border, assume_a="pos")
    if left > _EXACT * gram[-1, -1]:
        return maximise(system, criterion, tol=tol, max_iter=max_iter)
    bare = solve(system, np.zeros(n))
    flat = Slope(np.zeros(n + 1), np.zeros((n + 1, n + 1)), bare.form(), True)
    return Estimate(bare, flat, 0.0, -math.inf, 0, True)


def maximise(
    system: System, criterion: Criterion, *, start: Floats | None = None, held: Flags | None = None,
    tol: float = 1e-9, max_iter: int = 200,
) -> Estimate:  # fmt: skip
    """Climb from ``start`` until a step promises less than ``tol``; terms with ``held`` True keep their ratio."""
    n = len(system.terms)
    ratios = near_start_of(system, criterion) if start is None else np.asarray(start, dtype=np.float64)
    held = np.zeros(n, dtype=bool) if held is None else held.astype(bool)
    solution = solve(system, ratios)
    value, iterations, converged = criterion.value(solution), 0, False
    slope = slope_at(solution, criterion)
    known = criterion.variance_known is not None
    while iterations < max_iter and not _unbounded(ratios, held):
        step, promised = feasible_step(slope, ratios, held, residual_held=known)
        converged = abs(promised) < tol
        if promised < tol:
            break
        del solution, slope  # a large border has room for one factor and one inverse
        found = _search(system, ratios, value, step, promised, criterion)
        solution = solve(system, ratios) if found is None else found
        ratios, value = solution.ratios, criterion.value(solution)
        slope = slope_at(solution, criterion)
        if found is None:
            break
        iterations += 1
    converged |= _unbounded(ratios, held)
    return Estimate(solution, slope, criterion.variance(solution), value, iterations, converged)


def near_start_of(system: System, criterion: Criterion) -> Floats:
    """Ratios to begin at; for a large border close to the maximum, since each exact step there is dear."""
    if len(system.term_of_column) < LARGE_BORDER or len(system.nested) > 1 or not system.moments.gram.n_sparse:
        return start_of(system)
    from matcher.alliance.nearby import Nearby

    ratios = start_of(system, _least_squares(system))
    held = np.zeros(len(ratios), dtype=bool)
    for _ in range(MOST_NEAR_STEPS):
        near = Nearby.at(system, ratios)
        if near is None:
            return start_of(system)
        variance, scores = near.residual / criterion.freedom(system), near.scores()
        cross, inner = products(system, near.eliminated, scores)
        scaled = near.scale[:, None] * cross
        crossed = inner - scaled.T @ near.solved(scaled)
        slope = Slope(
            *in_variances(ratios, variance, near.residual, scores, near.traces(), crossed), np.zeros((0, 0)), False
        )
        step, promised = feasible_step(slope, ratios, held)
        ratios = _moved(ratios, step, 1.0 if step[0] > -0.9 else -0.9 / step[0])
        if abs(promised) < NEAR:
            break
    return ratios


def _least_squares(system: System) -> Floats:
    """What makes scores into residuals from the unpenalised columns: their effects' negatives, then 1 for the score."""
    gram, p = system.moments.gram.xx, system.n_fixed
    effects = linalg.solve(gram[-1 - p : -1, -1 - p : -1], gram[-1 - p : -1, -1], assume_a="pos")
    return np.concatenate([np.zeros(len(gram) - 1 - p), -effects, [1.0]])


def start_of(system: System, score: Floats | None = None) -> Floats:
    """Ratios to begin at: each term as the analysis of variance has it, the others left in what is within its levels.

    ``score`` is what is analysed, as a combination of the dense columns: the score itself unless given.

    With u = Z'y, D = Z'Z and J levels, E Σ u²/D = σ_k² ΣD + J σ_w², σ_w² the variance within them.
    """
    gram = system.moments.gram.xx
    score = np.eye(len(gram))[-1] if score is None else score
    n, total = system.moments.n_ratings, float(score @ gram @ score)
    found = []
    for products, squares in _levels(system, score):
        there = squares > 0
        explained = float((products[there] ** 2 / squares[there]).sum())
        within = (total - explained) / max(n - there.sum(), 1.0)
        found.append(max(explained - there.sum() * within, 0.0) / squares.sum())
    left = max(total / n - sum(found), START_RATIO * total / n)
    return np.asarray(np.clip(np.array(found) / left, SMALLEST_START, LARGEST_START))


def _levels(system: System, score: Floats) -> Iterable[tuple[Floats, Floats]]:
    """Z'y, y the ``score``, and the diagonal of Z'Z of every term."""
    moments = system.moments
    if moments.finest is not None:
        products, squares = moments.finest.dense @ score, moments.finest.weight
        yield products, squares
        if moments.parent is not None:
            both = summed(moments.parent, np.column_stack([products, squares]), moments.n_parents)
            yield both[:, 0], both[:, 1]
    with_score = np.concatenate([moments.gram.zx @ score, moments.gram.xx @ score])
    for term in range(len(system.nested), len(system.terms)):
        columns = system.columns(term)
        yield with_score[columns], moments.gram.diagonal[columns]


def _unbounded(ratios: Floats, held: Flags) -> bool:
    return bool(np.any(ratios[~held] >= LARGEST_RATIO))


def slope_at(solution: Solution, criterion: Criterion, form: Floats | None = None) -> Slope:
    """Gradient and information at a solution, whose factor is spent for them, or was for the ``form`` that is given."""
    scores = solution.scores()
    cross, inner = products(solution.system, solution.eliminated, scores)
    if solution.factor is None:
        assert form is not None
        taken = cross.T @ (form @ cross)
    else:
        scaled = solution.scale[:, None] * cross
        half = linalg.solve_triangular(solution.factor, scaled, lower=True, check_finite=False)
        taken = half.T @ half
    if form is None:
        form = solution.form(restricted=criterion.restricted)
    gradient, information = in_variances(
        solution.ratios, criterion.variance(solution), solution.residual, scores, solution.traces(form),
        inner - taken,
    )  # fmt: skip
    return Slope(gradient, information, form, criterion.restricted)


def in_variances(
    ratios: Floats, variance: float, residual: float, scores: list[Floats], traces: Floats, crossed: Floats
) -> tuple[Floats, Floats]:
    """Gradient and average information in the variances, the residual's first, from those in the ratios."""
    squares = np.array([score @ score for score in scores])
    gradient = traces - squares / variance
    with_residual = squares - crossed @ ratios
    both = residual - 2 * (squares @ ratios) + ratios @ crossed @ ratios
    information = np.block([[np.array([[both]]), with_residual[None, :]], [with_residual[:, None], crossed]])
    return np.append(-(ratios @ gradient), gradient), information / variance


def products(system: System, eliminated: Eliminated, scores: list[Floats]) -> tuple[Floats, Floats]:
    """y'P H_k P H_l P y = inner - cross'F cross of every two terms, H = ZZ': the working columns H_k Py are swept like
    further scores."""
    moments = system.moments
    q, finest = len(system.term_of_column), moments.finest
    placed = np.zeros((q, len(scores)))
    for term in range(len(system.nested), len(scores)):
        placed[system.columns(term), term] = scores[term]
    cross = moments.gram.times(placed)
    inner = placed.T @ cross[:q]
    sums = np.zeros((0, len(scores)))
    if finest is not None:
        split = finest.sparse.shape[1]
        at_groups = _at_finest(system, scores)
        sums = finest.sparse @ placed[:split] + finest.dense[:, :-1] @ placed[split:]
        overlap = sums.T @ at_groups
        sums = sums + finest.weight[:, None] * at_groups
        cross = cross + np.vstack([finest.sparse.T @ at_groups, finest.dense.T @ at_groups])
        inner = inner + overlap + overlap.T + at_groups.T @ (finest.weight[:, None] * at_groups)
    cross, inner = eliminated.swept(cross, inner, sums)
    return cross[:q], inner


def _at_finest(system: System, scores: list[Floats]) -> Floats:
    """The nested terms' scores spread over the finest groups, zero columns for the border's terms."""
    finest, parent = system.moments.finest, system.moments.parent
    assert finest is not None
    spread = np.zeros((len(finest.weight), len(scores)))
    for term in range(len(system.nested)):
        spread[:, term] = scores[term] if term == 0 or parent is None else scores[term][parent]
    return spread


def feasible_step(slope: Slope, ratios: Floats, held: Flags, *, residual_held: bool = False) -> tuple[Floats, float]:
    """The step in the variances (residual first) that the quadratic model likes best, and the decrease it promises.

    A held ratio's variance moves in step with the residual's: that is one direction, the first column of ``along``. It
    is left out where the residual's variance is known.
    """
    from scipy.optimize import nnls

    along = np.eye(len(ratios) + 1)
    along[1:, 0] = np.where(held, ratios, 0.0)
    free = np.append(not residual_held, ~held)
    along, here = along[:, free], np.append(1.0, ratios)[free]
    gradient, information = along.T @ slope.gradient, along.T @ slope.information @ along
    own = np.diag(information)
    unit = 1 / np.sqrt(np.maximum(own, max(1e-8 * own.max(), np.finfo(float).tiny)))  # a score may be zero by symmetry
    curvature = unit[:, None] * information * unit + 1e-10 * np.eye(len(unit))
    root = _root(curvature)
    target = root @ (here / unit) - linalg.solve_triangular(root, unit * gradient, trans=1)
    moved = unit * nnls(root, target)[0] - here
    return along @ moved, float(-(gradient @ moved) - moved @ information @ moved / 2)


def _root(curvature: Floats) -> Floats:
    """Upper Cholesky factor; directions without curvature are given a little, so that the step stays finite."""
    values, vectors = np.linalg.eigh(curvature)
    lifted = (vectors * np.maximum(values, 1e-10 * values[-1])) @ vectors.T
    return np.asarray(linalg.cholesky(lifted))


def _moved(ratios: Floats, step: Floats, share: float) -> Floats:
    """The ratios after a share of a step in the variances."""
    moved = np.maximum(ratios + share * step[1:], 0.0)
    moved = np.where(moved > 0, np.maximum(moved, ratios * LEAST_SHRINKING), 0.0)
    return np.asarray(np.minimum(moved / (1 + share * step[0]), LARGEST_RATIO))


def _search(
    system: System, ratios: Floats, value: float, step: Floats, promised: float, criterion: Criterion
) -> Solution | None:
    """Halve the step until the criterion falls; None where no part of it helps beyond rounding."""
    share = 1.0 if step[0] > -0.9 else -0.9 / step[0]
    for _ in range(40):
        tried = solve(system, _moved(ratios, step, share))
        if criterion.value(tried) <= value - _SUFFICIENT * share * promised + _ROUNDING * abs(value):
            return tried
        share /= 2
    return None
