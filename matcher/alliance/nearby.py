r"""Variances close to the maximum for a large border, without a factor of it: a start for the exact steps.

The border's matrix is C = D + O, where D has the diagonal of the random terms' columns and all entries of the dense
ones, and O couples levels that share clients. Each level shares few clients with any other one, so that O is small
entry by entry, and for traces the first terms of the series

    C⁻¹ = D⁻¹ - D⁻¹OD⁻¹ + D⁻¹OD⁻¹OD⁻¹ - ...

are enough: off the diagonal the second one, on it the third, both from the entries that are there anyway. With D as
preconditioner, conjugate gradients solve C itself in a few rounds of products with the sums (Hestenes, Stiefel 1952,
J. Res. NBS 49). So scores and average information are as good as exact, traces nearly, and steps with them end near the
maximum; what is reported comes from the exact steps that follow.

D is positive definite where the random terms' columns overlap little, as a therapist's intercept and her slopes by
centred numbers do. Where several groupings divide the same ratings (therapists and departments), each explains the
intercept wholly, D is not, and there is nothing nearby to begin at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse
from scipy.linalg import lapack

from matcher.alliance.moments import Gram
from matcher.alliance.solver import Eliminated, System, eliminate, scores_at
from matcher.alliance.tables import Floats

_ENOUGH = 1e-5  # of a right-hand side, in the preconditioner's norm
_ROUNDS = 200


@dataclass(frozen=True)
class Nearby:
    """The equations at given variance ratios, solved by iteration, and C⁻¹ as a series for traces."""

    system: System
    ratios: Floats
    eliminated: Eliminated
    scale: Floats
    diagonal: Floats  # of D, the random terms' columns
    below: Floats  # its dense columns' products with them
    corner: Floats  # Cholesky factor of what the dense columns leave when those are eliminated
    coefficients: Floats
    residual: float  # y'Py

    @classmethod
    def at(cls, system: System, ratios: Floats) -> Nearby | None:
        """The equations at these ratios; None where D is not positive definite."""
        eliminated = eliminate(system.moments, ratios[: len(system.nested)])
        scale = np.sqrt(np.append(ratios, 1.0)[system.term_of_column])
        gram, split = eliminated.gram, eliminated.gram.n_sparse
        penalty = (system.term_of_column >= 0).astype(np.float64)
        z, x = scale[:split], scale[split:]
        diagonal = z**2 * gram.diagonal[:split] + penalty[:split]
        below = z[:, None] * gram.zx[:, :-1] * x
        left = x[:, None] * gram.xx[:-1, :-1] * x + np.diag(penalty[split:]) - below.T @ (below / diagonal[:, None])
        corner, failed = lapack.dpotrf(left, lower=True)
        if failed:
            return None
        bare = cls(system, ratios, eliminated, scale, diagonal, below, corner, np.zeros(len(scale)), 0.0)
        right = scale * gram.with_score[:-1]
        found = bare.solved(right[:, None])[:, 0]
        residual = float(gram.with_score[-1] - right @ found)
        return cls(system, ratios, eliminated, scale, diagonal, below, corner, scale * found, residual)

    def solved(self, right: Floats) -> Floats:
        """C⁻¹ times some columns, by preconditioned conjugate gradients, all at once."""
        found, left = np.zeros_like(right), right.copy()
        towards = self._preconditioned(left)
        direction, size = towards, np.sum(left * towards, axis=0)
        least = _ENOUGH**2 * np.maximum(size, np.finfo(float).tiny)
        for _ in range(_ROUNDS):
            if np.all(size <= least):
                break
            along = self._times(direction)
            step = size / np.maximum(np.sum(direction * along, axis=0), np.finfo(float).tiny)
            found, left = found + step * direction, left - step * along
            towards = self._preconditioned(left)
            before, size = size, np.sum(left * towards, axis=0)
            direction = towards + size / np.maximum(before, np.finfo(float).tiny) * direction
        return found

    def _times(self, columns: Floats) -> Floats:
        penalty = (self.system.term_of_column >= 0)[:, None]
        scale = self.scale[:, None]
        return np.asarray(scale * self.eliminated.gram.times(scale * columns)[:-1] + penalty * columns)

    def _preconditioned(self, columns: Floats) -> Floats:
        """D⁻¹ times some columns."""
        split, diagonal = len(self.diagonal), self.diagonal[:, None]
        x = linalg.cho_solve((self.corner, True), columns[split:] - self.below.T @ (columns[:split] / diagonal))
        return np.concatenate([(columns[:split] - self.below @ x) / diagonal, x])

    def scores(self) -> list[Floats]:
        """Z_k'Py of every term."""
        return scores_at(self.system, self.eliminated, self.coefficients)

    def traces(self) -> Floats:
        """tr(Z_k'PZ_k) of every term, nearly; of one nested term at most."""
        found = []
        for level in self.eliminated.levels:
            found.append(float(level.sums.weight @ level.kept) - self._contract(level.sums.gram(level.kept**2)))
        inverse = np.sum(self._wide() ** 2, axis=1)
        inverse[: len(self.diagonal)] += self._inverse
        for term in range(len(self.eliminated.levels), len(self.ratios)):
            at, ratio = self.system.columns(term), self.ratios[term]
            own = self.eliminated.gram.diagonal[at]
            small = ratio * own.max(initial=0.0) < 1e-2
            found.append(float(own.sum() if small else np.sum(1 - inverse[at]) / ratio))
        return np.array(found)

    @cached_property
    def _linked(self) -> sparse.coo_array:
        """O_ij / √(d_i d_j) below the diagonal."""
        linked = sparse.tril(self.eliminated.gram.zz, -1, format="coo")
        unit = self.scale[: len(self.diagonal)] / np.sqrt(self.diagonal)
        return sparse.coo_array((linked.data * unit[linked.row] * unit[linked.col], linked.coords), linked.shape)

    @cached_property
    def _inverse(self) -> Floats:
        """The diagonal of C⁻¹ in the random terms' columns, without what the dense ones add."""
        n, linked = len(self.diagonal), self._linked
        squares = np.bincount(linked.row, linked.data**2, n) + np.bincount(linked.col, linked.data**2, n)
        return np.asarray((1 + squares) / self.diagonal)

    def _wide(self) -> Floats:
        """W with D⁻¹ = diag(1 / diagonal, 0) + WW': one column for each dense one."""
        unit = np.concatenate([-self.below / self.diagonal[:, None], np.eye(len(self.corner))])
        return np.asarray(linalg.solve_triangular(self.corner, unit.T, lower=True).T)

    def _contract(self, gram: Gram) -> float:
        """tr(diag(ℓ) C⁻¹ diag(ℓ) G), nearly."""
        split, wide = len(self.diagonal), self.scale[:, None] * self._wide()
        unit = self.scale[:split] / np.sqrt(self.diagonal)
        total = float(np.sum(self.scale[:split] ** 2 * self._inverse * gram.diagonal[:split]))
        shared = self._linked.tocsr().multiply(gram.zz).tocoo()
        total -= 2 * float(np.sum(shared.data * unit[shared.row] * unit[shared.col]))
        return total + float(np.sum(wide * gram.times(wide)[:-1]))
