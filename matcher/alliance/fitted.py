"""What is left of the ratings after fitting: all that a prediction needs, as arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from matcher.alliance.blocks import Block
from matcher.alliance.declared import DYAD
from matcher.alliance.reml import Estimate
from matcher.alliance.scores import Scores
from matcher.alliance.solver import Level
from matcher.alliance.structure import CLIENT, THERAPIST, Structure
from matcher.alliance.tables import Codes, Floats

if TYPE_CHECKING:
    from matcher.alliance.fitting import Found


@dataclass(frozen=True)
class Nested:
    """The groups of a term that was integrated out: predicted effects, and what ties them to the border.

    Given the border's coefficients b, a group's effect is pull (Σωy - sums b), with variance σ² pull.
    """

    ratio: float
    effect: Floats
    weight: Floats
    kept: Floats
    sparse: sparse.csr_array
    dense: Floats

    @property
    def pull(self) -> Floats:
        return self.ratio * self.kept

    @classmethod
    def of(cls, level: Level, scores: Floats) -> Nested:
        sums = level.sums
        return cls(level.ratio, level.ratio * scores, sums.weight, level.kept, sums.sparse, sums.dense[:, :-1])

    @classmethod
    def none(cls, groups: int, n_sparse: int, n_dense: int) -> Nested:
        """A term that the model does not have: its effects are zero and certain."""
        empty = sparse.csr_array((groups, n_sparse))
        return cls(0.0, np.zeros(groups), np.zeros(groups), np.ones(groups), empty, np.zeros((groups, n_dense)))


@dataclass(frozen=True)
class Fitted:
    """A fitted model. ``form`` times σ² is the posterior covariance of the border's coefficients."""

    structure: Structure
    centre: float
    variance: float
    border_ratios: Floats
    coefficients: Floats
    form: Floats
    client: Nested
    dyad: Nested
    dyads: Codes
    clients_of_therapist: Codes
    client_values: Floats  # (clients, covariates of clients) as Covariate.read gives them
    therapist_values: Floats
    scores: Scores
    curvature: Floats  # of -2 log L by the variances as components are listed; where there is a ceiling

    @property
    def noise(self) -> float:
        """The sd of a single session."""
        return math.sqrt(self.variance)

    @property
    def n_sparse(self) -> int:
        """How many of the border's columns belong to random terms with one level a rating; they come first."""
        return self.structure.offsets[-1]

    @property
    def first_fixed(self) -> int:
        """The border's first unpenalised column."""
        return len(self.coefficients) - len(self.structure.fixed)

    def block_coefficients(self) -> list[tuple[Block, Floats]]:
        """Each block with its predicted coefficients."""
        found, at = [], self.n_sparse
        for block in self.structure.blocks:
            found.append((block, self.coefficients[at : at + block.size]))
            at += block.size
        return found


def fitted_of(found: Found) -> Fitted:
    plan, estimate = found.plan, found.estimate
    structure, dyads, read = plan.structure, plan.dyads, plan.read
    solution, system = estimate.solution, estimate.solution.system
    by_group, levels = solution.scores(), solution.eliminated.levels
    nested = {name: Nested.of(levels[at], by_group[at]) for at, name in enumerate(system.nested)}
    n_therapists, n_sparse, n_dense = len(structure.therapists), structure.offsets[-1], structure.n_dense
    return Fitted(
        structure,
        plan.centre,
        estimate.variance,
        estimate.ratios[len(system.nested) :],
        solution.coefficients,
        estimate.form,
        nested.get(CLIENT, Nested.none(len(structure.clients), n_sparse, n_dense)),
        nested.get(DYAD, Nested.none(len(dyads), n_sparse, n_dense)),
        dyads,
        np.bincount(dyads % n_therapists, minlength=n_therapists),
        _values(structure, read, CLIENT, len(structure.clients)),
        _values(structure, read, THERAPIST, n_therapists),
        found.scores,
        _curvature(estimate),
    )


def _curvature(estimate: Estimate) -> Floats:
    if estimate.held is None:
        return np.zeros((0, 0))
    order = np.append(1 + np.flatnonzero(~estimate.held), 0)
    return np.asarray((estimate.slope.information / estimate.variance**2)[np.ix_(order, order)])


def _values(structure: Structure, read: tuple[Floats, ...], side: str, n: int) -> Floats:
    found = [values for covariate, values in zip(structure.covariates, read, strict=True) if covariate.side == side]
    return np.column_stack(found) if found else np.zeros((n, 0))
