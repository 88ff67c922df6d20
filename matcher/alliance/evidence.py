r"""How far an estimate is supported: variance components with upper bounds, coefficients with standard errors.

Upper bounds are one-sided at 95 %. A positive component's is Wald's on the log scale from the average information.
A component at zero has no Wald bound, and one that is hardly known (a standard error of its log above 1) none that
means anything: its own is where the profile likelihood, all other variances refitted, has lost 1.645² = 2.71 of
-2 log L. Where scores are censored it is the parabola through the slope and curvature at zero, or Wald's for the sd.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matcher.alliance.fitted import Fitted
from matcher.alliance.reml import LARGEST_RATIO, Criterion, Estimate, maximise
from matcher.alliance.structure import INTERCEPT
from matcher.alliance.tables import Floats

RESIDUAL = "residual"
Z95 = 1.6448536269514722
_PROFILE_TOL = 1e-3  # of -2 log L, against a drop of 2.71
_HARDLY = 1.0  # standard error of a log variance


@dataclass(frozen=True)
class Component:
    """One variance component. ``share`` is of the sum of all; ``upper95`` a one-sided bound of the variance."""

    name: str
    variance: float
    sd: float
    share: float
    at_zero: bool
    upper95: float


@dataclass(frozen=True)
class Coefficient:
    """An effect in the units of its column: a point of a number, a level against the reference level.

    A ``shrunken`` one belongs to a ridge: its ``se`` is the posterior's, and a level is held against the average.
    """

    name: str
    estimate: float
    se: float
    shrunken: bool = False


def components(estimate: Estimate, criterion: Criterion) -> list[Component]:
    """Every random term's variance, and the residual's last."""
    ratios, variance = estimate.ratios, estimate.variance
    errors = _log_errors(estimate)
    names = [*estimate.solution.system.terms, RESIDUAL]
    found = np.append(ratios, 1.0) * variance
    total = float(found.sum())
    bounds = [_bound(estimate, criterion, term, float(found[term]), float(errors[term])) for term in range(len(names))]
    absent = np.zeros(len(names), dtype=bool)
    if estimate.held is not None:
        absent[: len(ratios)] = estimate.held
    return [
        Component(name, float(value), math.sqrt(value), value / total if total else 0.0, bool(value == 0), bound)
        for name, value, bound, no_term in zip(names, found.tolist(), bounds, absent, strict=True)
        if not no_term
    ]


def _log_errors(estimate: Estimate) -> Floats:
    """Standard errors of the log variances, terms first, residual last; zero where a variance is zero."""
    errors = np.zeros(len(estimate.ratios) + 1)
    if estimate.exact:
        return errors
    here = np.append(1.0, estimate.ratios)
    free = here > 0
    information = estimate.slope.information[np.ix_(free, free)]
    relative = np.linalg.pinv(here[free, None] * information * here[free] / 2, hermitian=True)
    all_errors = np.zeros(len(here))
    all_errors[free] = np.sqrt(np.maximum(np.diag(relative), 0.0))
    errors[:-1], errors[-1] = all_errors[1:], all_errors[0]
    return errors


def _bound(estimate: Estimate, criterion: Criterion, term: int, variance: float, error: float) -> float:
    """Of a component, from its estimate and the standard error of its log."""
    is_term = term < len(estimate.ratios) and not estimate.exact
    if is_term and (variance == 0 or (error > _HARDLY and estimate.held is None)):
        return (_profile_bound if estimate.held is None else _parabola_bound)(estimate, criterion, term)
    if is_term and error > _HARDLY:
        return variance * (1 + Z95 * error / 2) ** 2
    return variance * math.exp(min(Z95 * error, 700.0))


def _profile_bound(estimate: Estimate, criterion: Criterion, term: int) -> float:
    """Newton's method, kept between bounds, on the profiled criterion's rise from its least value.

    A handful of ratings may not bound a ratio at all: the search ends at the largest one that is ever tried.
    """
    held = np.arange(len(estimate.ratios)) == term
    start, wanted = estimate.ratios.copy(), estimate.criterion + Z95**2
    gradient, curvature = estimate.slope.gradient[term + 1], estimate.slope.information[term + 1, term + 1]
    gradient, curvature = max(gradient, 0.0), max(curvature, 0.0)  # a term within the fixed columns has neither
    rise = gradient + math.sqrt(gradient**2 + 2 * curvature * Z95**2)
    ratio = float(start[term]) + 2 * Z95**2 / max(rise, 2 * Z95**2 / LARGEST_RATIO)
    low, high, at = float(start[term]), math.inf, estimate
    for _ in range(25):
        start[term] = ratio
        at = maximise(estimate.solution.system, criterion, start=start, held=held, tol=_PROFILE_TOL)
        start = at.ratios.copy()
        above = at.criterion - wanted
        if abs(above) < 10 * _PROFILE_TOL or (above < 0 and ratio >= LARGEST_RATIO):
            break
        low, high = (low, ratio) if above > 0 else (ratio, high)
        ratio = min(_between(ratio - above / at.slope.gradient[term + 1], low, high), LARGEST_RATIO)
    return float(at.ratios[term] * at.variance)


def _parabola_bound(estimate: Estimate, _criterion: Criterion, term: int) -> float:
    """Where slope · x + curvature · x² / 2 is 2.71, the variances that are not at zero moving along."""
    information, others = estimate.slope.information, np.append(1.0, estimate.ratios) > 0
    across = information[term + 1, others]
    curvature = information[term + 1, term + 1]
    curvature -= across @ np.linalg.lstsq(information[np.ix_(others, others)], across, rcond=None)[0]
    slope, curvature = max(float(estimate.slope.gradient[term + 1]), 0.0), max(float(curvature), 1e-12)
    root = math.sqrt(slope**2 + 2 * curvature * Z95**2)
    return float(min(2 * Z95**2 / (slope + root), LARGEST_RATIO) * estimate.variance)


def _between(tried: float, low: float, high: float) -> float:
    if low < tried < high:
        return float(tried)
    return 4 * low if math.isinf(high) else (low + high) / 2


def coefficients(fitted: Fitted) -> list[Coefficient]:
    """Unpenalised effects, then the ridges'; the intercept is where unpenalised columns are 0, the others average."""
    return [*_unpenalised(fitted), *_ridges(fitted)]


def _unpenalised(fitted: Fitted) -> list[Coefficient]:
    """Undo the centring and scaling of the columns, and of the scores."""
    columns, first = fitted.structure.fixed, fitted.first_fixed
    scales = np.array([column.scale for column in columns])
    undo = np.diag(1 / scales)
    undo[0] -= np.array([column.mean for column in columns]) / scales  # the intercept's row
    estimates = undo @ fitted.coefficients[first:]
    estimates[0] += fitted.centre
    spread = undo @ fitted.form[first:, first:] @ undo.T * fitted.variance
    errors = np.sqrt(np.maximum(np.diag(spread), 0.0))
    assert columns[0].name == INTERCEPT
    return [
        Coefficient(column.name, float(value), float(error))
        for column, value, error in zip(columns, estimates, errors, strict=True)
    ]


def _ridges(fitted: Fitted) -> Iterable[Coefficient]:
    """Undo the scaling of each ridge's columns, which are one a primitive."""
    first, covariates = fitted.n_sparse, fitted.structure.covariates
    for block, found in fitted.block_coefficients():
        for at, primitive in enumerate(block.left.primitives if block.is_straight else ()):
            covariate = covariates[primitive.covariate]
            unit = block.left.turn[at][at] / block.scale / primitive.deviation(covariate)
            spread = math.sqrt(max(fitted.form[first + at, first + at] * fitted.variance, 0.0))
            yield Coefficient(primitive.name(covariate), float(found[at] * unit), spread * unit, shrunken=True)
        first += block.size
