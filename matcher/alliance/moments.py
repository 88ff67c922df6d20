"""One pass over the ratings: everything that the estimation needs is a sum, so partitions of clients can be added.

The design of a rating is one row: a few entries in the random terms' columns (sparse), the unpenalised columns and,
last, the score (dense). Rows enter with their weight: a row of weight 2 counts as two equal rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matcher.alliance.tables import Codes, Floats


@dataclass(frozen=True)
class Rows:
    """The ratings as arrays: level and value of each random term (n, terms), dense columns with the score last."""

    levels: Codes
    values: Floats
    sizes: tuple[int, ...]
    dense: Floats
    weight: Floats

    def sparse(self) -> sparse.csr_array:
        n, terms = self.levels.shape
        first = np.concatenate([[0], np.cumsum(self.sizes)])
        shape = (n, int(first[-1]))
        starts = np.arange(n + 1) * terms
        return sparse.csr_array((self.values.ravel(), (self.levels + first[:-1]).ravel(), starts), shape=shape)


@dataclass(frozen=True)
class Sums:
    """Weighted sums of the design over groups, one row a group: Σω, Σωz (sparse), Σω[x, y] (dense)."""

    weight: Floats
    sparse: sparse.csr_array
    dense: Floats

    def grouped(self, group: Codes, n_groups: int, scale: Floats) -> Sums:
        """The sums of scale * row over coarser groups."""
        gather = sparse.csr_array((scale, (group, np.arange(len(group)))), shape=(n_groups, len(group)))
        return Sums(gather @ self.weight, gather @ self.sparse, gather @ self.dense)

    def weighted(self, k: Floats) -> Sums:
        return Sums(k * self.weight, _row_scaled(self.sparse, k), k[:, None] * self.dense)

    def gram(self, k: Floats) -> Floats:
        """Σ_g k_g a_g a_g' over all columns, (q + 1, q + 1), the score last."""
        scaled, split = self.weighted(k), self.sparse.shape[1]
        gram = np.empty((split + self.dense.shape[1],) * 2)
        gram[:split, :split] = (self.sparse.T @ scaled.sparse).toarray()
        gram[:split, split:] = self.sparse.T @ scaled.dense
        gram[split:, :split] = gram[:split, split:].T
        gram[split:, split:] = self.dense.T @ scaled.dense
        return gram

    def contract(self, k: Floats, form: Floats, other: Sums | None = None) -> float:
        """Σ_g k_g a_g' F b_g for a symmetric F over all columns but the score; b is ``other`` or a itself."""
        scaled, split = (other or self).weighted(k), self.sparse.shape[1]
        zz = (self.sparse.T @ scaled.sparse).tocoo()
        x, x_scaled = self.dense[:, :-1], scaled.dense[:, :-1]
        total = float(zz.data @ form[:split, :split][zz.row, zz.col])
        total += float(np.sum((self.sparse.T @ x_scaled) * form[:split, split:]))
        total += float(np.sum((scaled.sparse.T @ x) * form[:split, split:]))
        return total + float(np.sum((x.T @ x_scaled) * form[split:, split:]))

    def along(self, coefficients: Floats) -> Floats:
        """Σω(y - design @ coefficients) of each group."""
        split = self.sparse.shape[1]
        fitted = self.sparse @ coefficients[:split] + self.dense[:, :-1] @ coefficients[split:]
        return np.asarray(self.dense[:, -1] - fitted)


@dataclass(frozen=True)
class Moments:
    """The sums of all ratings: the cross-products of the rows, and the sums of the finest groups integrated out.

    ``finest`` are the groups of the finest term that is integrated out (dyads, or clients where the model has no
    dyad term, or none); ``parent`` leads from dyads to clients where both are integrated out.
    """

    n_ratings: float
    gram: Floats
    finest: Sums | None
    parent: Codes | None
    n_parents: int


def collect(rows: Rows, finest: tuple[Codes, int] | None, parent: tuple[Codes, int] | None) -> Moments:
    ones = Sums(np.ones(len(rows.weight)), rows.sparse(), rows.dense)
    gram = ones.gram(rows.weight)
    groups = None if finest is None else ones.grouped(*finest, rows.weight)
    codes, n_parents = parent or (None, 0)
    return Moments(float(rows.weight.sum()), gram, groups, codes, n_parents)


def _row_scaled(matrix: sparse.csr_array, k: Floats) -> sparse.csr_array:
    data = matrix.data * np.repeat(k, np.diff(matrix.indptr))
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
