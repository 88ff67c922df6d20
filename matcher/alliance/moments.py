"""One pass over the ratings: everything that the estimation needs is a sum, so partitions of clients can be added.

The design of a rating is one row: a few entries in the random terms' columns (sparse), the unpenalised columns and,
last, the score (dense). Rows enter with their weight: a row of weight 2 counts as two equal rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from matcher.alliance.tables import Codes, Flags, Floats

MOST_PRODUCTS = 20_000_000  # of two entries of one group: 240 MB


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

    @cached_property
    def _products(self) -> sparse.csc_array | None:
        """(cells, groups): each product of two sparse entries of a group, in one of the two cells that are its own.

        Every weighted cross-product is then one product with a vector. None where there would be too many to keep.
        """
        matrix, n = self.sparse, self.sparse.shape[1]
        lengths = np.diff(matrix.indptr)
        if not matrix.nnz or int(lengths @ (lengths + 1)) > 2 * MOST_PRODUCTS or n**2 > MOST_PRODUCTS:
            return None
        start = np.repeat(matrix.indptr[:-1], lengths)
        counts = np.arange(matrix.nnz) - start + 1  # an entry meets those before it in its row, and itself
        first = np.repeat(np.arange(matrix.nnz), counts)
        second = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts - start, counts)
        cell = matrix.indices[first] * n + matrix.indices[second]
        ends = np.concatenate([[0], np.cumsum(lengths * (lengths + 1) // 2)])
        return sparse.csc_array((matrix.data[first] * matrix.data[second], cell, ends), (n**2, len(lengths)))

    def grouped(self, group: Codes, n_groups: int, scale: Floats) -> Sums:
        """The sums of scale * row over coarser groups."""
        gather = sparse.csr_array((scale, (group, np.arange(len(group)))), shape=(n_groups, len(group)))
        return Sums(gather @ self.weight, gather @ self.sparse, gather @ self.dense)

    def weighted(self, k: Floats) -> Sums:
        return Sums(k * self.weight, _row_scaled(self.sparse, k), k[:, None] * self.dense)

    def gram(self, k: Floats, *, once: bool = False) -> Floats:
        """Σ_g k_g a_g a_g' over all columns, (q + 1, q + 1), the score last; ``once`` where that is all."""
        scaled, split = self.weighted(k), self.sparse.shape[1]
        gram = np.empty((split + self.dense.shape[1],) * 2)
        gram[:split, :split] = self._sparse_gram(k, scaled, once)
        gram[:split, split:] = self.sparse.T @ scaled.dense
        gram[split:, :split] = gram[:split, split:].T
        gram[split:, split:] = squared(self.dense, k)
        return gram

    def contract(self, k: Floats, form: Floats, other: Sums | None = None) -> float:
        """Σ_g k_g a_g' F b_g for a symmetric F over all columns but the score; b is ``other`` or a itself."""
        scaled, split = (other or self).weighted(k), self.sparse.shape[1]
        x, x_scaled = self.dense[:, :-1], scaled.dense[:, :-1]
        dense = squared(x, k) if other is None else x.T @ x_scaled
        if other is None and self._products is not None:
            below, inner = self._products @ k, form[:split, :split]
            total = float(2 * (below @ inner.ravel()) - below[:: split + 1] @ np.diag(inner))
        else:
            zz = (self.sparse.T @ scaled.sparse).tocoo()
            total = float(zz.data @ form[:split, :split][zz.row, zz.col])
        total += float(np.sum((self.sparse.T @ x_scaled) * form[:split, split:]))
        total += float(np.sum((scaled.sparse.T @ x) * form[:split, split:]))
        return total + float(np.sum(dense * form[split:, split:]))

    def _sparse_gram(self, k: Floats, scaled: Sums, once: bool) -> Floats:
        n = self.sparse.shape[1]
        if once or self._products is None:
            return np.asarray((self.sparse.T @ scaled.sparse).toarray())
        below = (self._products @ k).reshape(n, n)
        gram = below + below.T
        gram[np.diag_indices(n)] /= 2
        return np.asarray(gram)

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

    @classmethod
    def joined(cls, parts: Sequence[Moments], parent: Codes | None, n_parents: int) -> Moments:
        """The sums of all ratings from those of their partitions, whose finest groups are disjoint and in order."""
        finest = None
        if parts[0].finest is not None:
            sums = [part.finest for part in parts if part.finest is not None]
            finest = Sums(
                np.concatenate([each.weight for each in sums]),
                sparse.vstack([each.sparse for each in sums], format="csr"),
                np.concatenate([each.dense for each in sums]),
            )
        gram = parts[0].gram.copy()
        for part in parts[1:]:
            gram += part.gram
        return cls(sum(part.n_ratings for part in parts), gram, finest, parent, n_parents)

    def taken(self, columns: Flags) -> Moments:
        """The sums of some columns only; those of the random terms with one level a rating must all be among them."""
        all_columns = np.append(columns, True)
        finest = self.finest
        if finest is not None:
            split = finest.sparse.shape[1]
            finest = Sums(finest.weight, finest.sparse, np.ascontiguousarray(finest.dense[:, all_columns[split:]]))
        gram = self.gram[np.ix_(all_columns, all_columns)]
        return Moments(self.n_ratings, gram, finest, self.parent, self.n_parents)


def collect(rows: Rows, finest: tuple[Codes, int] | None) -> Moments:
    """The sums of one partition of the ratings; ``finest`` are their groups, counted within the partition."""
    ones = Sums(np.ones(len(rows.weight)), rows.sparse(), rows.dense)
    groups = None if finest is None else ones.grouped(*finest, rows.weight)
    return Moments(float(rows.weight.sum()), ones.gram(rows.weight, once=True), groups, None, 0)


def squared(values: Floats, k: Floats) -> Floats:
    """Σ k vv' over rows, k not negative: of a matrix with itself, which takes half the work of two."""
    root = np.sqrt(k)[:, None] * values
    return np.asarray(root.T @ root)


def _row_scaled(matrix: sparse.csr_array, k: Floats) -> sparse.csr_array:
    data = matrix.data * np.repeat(k, np.diff(matrix.indptr))
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
