"""A linear mixed model with crossed intercepts of client and therapist, by REML: small, dense in what is asked for.

    outcome_d = columns_d · b + client effect + therapist effect + dyad_d
    client ~ N(0, client), therapist ~ N(0, therapist), dyad_d ~ N(0, dyad + noise_d), b_k ~ N(0, ridge) where penalised

Clients are integrated out one by one (each adds a matrix of rank one), therapists and columns are solved together. The
alliance model does more (ceilings, sessions, millions of ratings); here a handful of columns is asked of the few
numbers that it left over, and what is wanted of them is an interval that counts people, not ratings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]

PARTS = ("dyad", "client", "therapist", "ridge")
SMALLEST, LARGEST = 1e-6, 1e2  # of a variance, in units of the outcome's own


@dataclass(frozen=True, eq=False)
class Dyads:
    """n outcomes, one a pair: whose (codes from 0), of whom, and the variance (≥ 0) that is known to be chance."""

    outcome: Floats
    client: Rows
    therapist: Rows
    noise: Floats

    def take(self, rows: Rows) -> Dyads:
        """Some pairs only; clients and therapists keep their codes."""
        return Dyads(self.outcome[rows], self.client[rows], self.therapist[rows], self.noise[rows])


@dataclass(frozen=True, eq=False)
class Fit:
    """``coefficients`` (p,) with their ``covariance`` (p, p) given the ``variances``, which are in outcome's units²."""

    coefficients: Floats
    covariance: Floats
    variances: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class _System:
    """The problem in units of the outcome's standard deviation. ``design`` (n, p + therapists) and ``members``
    (clients, n) are sparse; ``outcome`` and ``noise`` (n,); ``ridge`` marks the penalised of the p columns."""

    design: Any
    members: Any
    outcome: Floats
    noise: Floats
    ridge: Flags

    @property
    def n_therapists(self) -> int:
        return int(self.design.shape[1]) - len(self.ridge)


def crossed_fit(dyads: Dyads, columns: Floats, ridge: Flags, *, least: float = 0.0, log_sd: float = np.inf) -> Fit:
    """Fit the model above.

    ``columns`` (n, p) of full rank where they are not penalised; ``ridge`` (p,) marks the penalised ones, whose common
    standard deviation is estimated too: at least ``least``, and above it the less likely beforehand the larger
    ln(sd / least) is in units of ``log_sd``. The outcome must differ somewhere.
    """
    from scipy.optimize import minimize

    def deviance(log_variances: Floats) -> float:
        surprise = (log_variances[3] / 2 - np.log(least)) / log_sd if np.isfinite(log_sd) else 0.0
        return _solved(system, np.exp(log_variances))[0] + surprise**2

    unit = float(np.std(dyads.outcome))
    system = _system(dyads, columns, ridge, unit)
    lowest = np.log([SMALLEST, SMALLEST, SMALLEST, max(least**2, SMALLEST)])
    bounds = [(low, np.log(LARGEST)) for low in lowest]
    start = np.maximum(np.log([0.5, 0.4, 0.05, SMALLEST]), lowest)
    found = minimize(deviance, start, method="L-BFGS-B", bounds=bounds)
    _, coefficients, covariance = _solved(system, np.exp(found.x))
    scale = np.append(np.full(3, unit**2), 1.0)
    return Fit(coefficients, covariance, dict(zip(PARTS, (scale * np.exp(found.x)).tolist(), strict=True)))


def _system(dyads: Dyads, columns: Floats, ridge: Flags, unit: float) -> _System:
    """Outcome and columns are divided alike, so that coefficients and their variance keep their units."""
    from scipy import sparse

    n, ones = len(dyads.outcome), np.ones(len(dyads.outcome))
    met = sparse.csr_matrix((ones, (np.arange(n), dyads.therapist)))
    members = sparse.csr_matrix((ones, (dyads.client, np.arange(n))))
    design = sparse.hstack([sparse.csr_matrix(columns / unit), met]).tocsr()
    return _System(design, members, dyads.outcome / unit, dyads.noise / unit**2, ridge)


def _solved(system: _System, variances: Floats) -> tuple[float, Floats, Floats]:
    """(−2 restricted log likelihood up to a constant, coefficients, their covariance).

    With D = diag(dyad + noise), S = D⁻¹'s sums by client and G = client / (1 + client · S), the inverse covariance of
    the outcomes given everything that is solved for is W = D⁻¹ − D⁻¹ Z G Z' D⁻¹ (Sherman and Morrison), and
    A = X'WX + P, with P the prior precisions, is what remains.
    """
    from scipy.linalg import cho_factor, cho_solve

    dyad, client, therapist, ridge = variances
    p, weight = len(system.ridge), 1 / (dyad + system.noise)
    shrink = client / (1 + client * (system.members @ weight))
    weighted = system.design.multiply(weight[:, None]).tocsr()
    sums, total = (system.members @ weighted).tocsr(), system.members @ (weight * system.outcome)
    left = (system.design.T @ weighted - sums.T @ sums.multiply(shrink[:, None])).toarray()
    right = weighted.T @ system.outcome - sums.T @ (shrink * total)
    prior = np.append(np.where(system.ridge, 1 / ridge, 0.0), np.full(system.n_therapists, 1 / therapist))
    factor = cho_factor(left + np.diag(prior), lower=True)
    solution = cho_solve(factor, right)
    explained = float(right @ solution)
    squares = float(np.sum(weight * system.outcome**2) - np.sum(shrink * total**2))
    determinants = (
        -np.sum(np.log(weight)) + np.sum(np.log1p(client * (system.members @ weight)))
        + 2 * np.sum(np.log(np.diag(factor[0]))) - np.sum(np.log(prior[prior > 0]))
    )  # fmt: skip
    covariance = cho_solve(factor, np.eye(len(prior), p))[:p]
    return float(determinants + squares - explained), solution[:p], covariance
