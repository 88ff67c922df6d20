"""One pass over the ratings: everything that the estimation needs is a sum, so partitions of clients can be added.

The design of a rating is one row: a few entries in the random terms' columns (sparse), the unpenalised columns and,
last, the score (dense). Rows enter with their weight: a row of weight 2 counts as two equal rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from scipy import sparse

from matcher.alliance.forms import entry_pairs
from matcher.alliance.tables import Codes, Flags, Floats, blocks_of_rows, distinct

MOST_PRODUCTS = 20_000_000  # of two entries of one group: 320 MB


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
        first = np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int32)  # what is summed keeps its indices' width
        shape = (n, int(first[-1]))
        starts = np.arange(n + 1, dtype=np.int32) * np.int32(terms)
        return sparse.csr_array((self.values.ravel(), (self.levels + first[:-1]).ravel(), starts), shape=shape)


@dataclass(frozen=True)
class Gram:
    """Cross-products of all columns, the score last: Σzz' (sparse, the lower half alone), Σz[x, y]' and Σ[x, y][x, y]'.

    Two levels that no client links have no entry, so that this is far smaller than the matrix that it stands for.
    """

    zz: sparse.csr_array
    zx: Floats
    xx: Floats

    def __add__(self, other: Gram) -> Gram:
        return Gram(self.zz + other.zz, self.zx + other.zx, self.xx + other.xx)

    def __sub__(self, other: Gram) -> Gram:
        return Gram(self.zz - other.zz, self.zx - other.zx, self.xx - other.xx)

    @property
    def n_sparse(self) -> int:
        return len(self.zx)

    @property
    def with_score(self) -> Floats:
        """The products of every column with the score; the last one is the score's square."""
        return np.concatenate([self.zx[:, -1], self.xx[:, -1]])

    @cached_property
    def diagonal(self) -> Floats:
        return np.concatenate([self.zz.diagonal(), np.diag(self.xx)])

    def lower(self, scale: Floats) -> Floats:
        """diag(ℓ) G diag(ℓ) without the score: the lower half, zeros above, column by column as LAPACK has it."""
        split, zz = self.n_sparse, self.zz.tocoo()
        z, x = scale[:split], scale[split:]
        matrix = np.zeros((len(scale), len(scale)), order="F")
        flat = matrix.reshape(-1, order="F")  # one index a cell is quicker than two
        flat[zz.col * np.int64(len(scale)) + zz.row] = zz.data * z[zz.row] * z[zz.col]
        matrix[split:, :split] = x[:, None] * self.zx[:, :-1].T * z
        matrix[split:, split:] = x[:, None] * np.tril(self.xx[:-1, :-1]) * x
        return matrix

    def dense(self) -> Floats:
        """The whole matrix."""
        zz = self.zz.toarray()
        return np.block([[zz + np.tril(zz, -1).T, self.zx], [self.zx.T, self.xx]])

    def times(self, columns: Floats) -> Floats:
        """The matrix times one or more columns that have no entry for the score: all rows, the score's last."""
        split = self.n_sparse
        z, x = columns[:split], columns[split:]
        diagonal = self.diagonal[:split].reshape(-1, *(1,) * (columns.ndim - 1))
        above = self.zz @ z + self.zz.T @ z - diagonal * z + self.zx[:, :-1] @ x
        return np.concatenate([above, self.zx.T @ z + self.xx[:, :-1] @ x])

    def contract(self, form: Floats) -> float:
        """Σ_ij F_ij G_ij for a symmetric F over all columns but the score."""
        split = self.n_sparse
        zz = self.zz.tocoo()
        total = 2 * float(zz.data @ form[zz.row, zz.col])
        total -= float(self.diagonal[:split] @ np.diag(form)[:split])
        total += 2 * float(np.sum(self.zx[:, :-1] * form[:split, split:]))
        return total + float(np.sum(self.xx[:-1, :-1] * form[split:, split:]))

    def taken(self, dense: Flags) -> Gram:
        """Some of the dense columns only."""
        return Gram(self.zz, self.zx[:, dense], self.xx[np.ix_(dense, dense)])


@dataclass(frozen=True)
class Sums:
    """Weighted sums of the design over groups, one row a group: Σω, Σωz (sparse), Σω[x, y] (dense)."""

    weight: Floats
    sparse: sparse.csr_array
    dense: Floats

    @cached_property
    def _products(self) -> tuple[sparse.csr_array, Codes, Codes] | None:
        """The products of two sparse entries of a group: (cells, groups), and where in the lower half its cells are.

        Every weighted cross-product is then one product with a vector. None where there would be too many to keep.
        """
        matrix, n = self.sparse, self.sparse.shape[1]
        lengths = np.diff(matrix.indptr)
        if not matrix.nnz or int(lengths @ (lengths + 1)) > 2 * MOST_PRODUCTS:
            return None
        matrix.sort_indices()
        first, second, group = entry_pairs(matrix.indptr)
        cell = _below(matrix.indices[first].astype(np.int64)) + matrix.indices[second]
        starts = _below(np.arange(n + 1))
        few = starts[-1] <= MOST_PRODUCTS
        cells, place = distinct(cell, starts[-1]) if few else np.unique(cell, return_inverse=True)
        del cell
        products = matrix.data[first] * matrix.data[second]
        del first, second
        table = sparse.csr_array((products, (place.astype(group.dtype), group)), shape=(len(cells), len(lengths)))
        ends = np.searchsorted(cells, starts)
        columns = cells - np.repeat(starts[:-1], np.diff(ends))
        return table, columns.astype(group.dtype), ends.astype(group.dtype)

    def grouped(self, group: Codes, n_groups: int, scale: Floats) -> Sums:
        """The sums of scale * row over coarser groups."""
        places = group.astype(np.int32, copy=False), np.arange(len(group), dtype=np.int32)
        gather = sparse.csr_array((scale, places), shape=(n_groups, len(group)))
        return Sums(gather @ self.weight, gather @ self.sparse, gather @ self.dense)

    def gram(self, k: Floats, *, once: bool = False) -> Gram:
        """Σ_g k_g a_g a_g'; ``once`` where that is all that is ever asked for."""
        zx = row_scaled(self.sparse, k).T @ self.dense
        return Gram(self._sparse_gram(k, once), zx, squared(self.dense, k))

    def crossed(self, k: Floats, form: Floats, other: Sums) -> float:
        """Σ_g k_g a_g' F b_g for a symmetric F over all columns but the score, a these sums and b the others."""
        split = self.sparse.shape[1]
        x, other_x = self.dense[:, :-1], k[:, None] * other.dense[:, :-1]
        scaled = row_scaled(other.sparse, k)
        zz = (self.sparse.T @ scaled).tocoo()
        total = float(zz.data @ form[zz.row, zz.col]) + float(np.sum((x.T @ other_x) * form[split:, split:]))
        return total + float(np.sum((self.sparse.T @ other_x + scaled.T @ x) * form[:split, split:]))

    def _sparse_gram(self, k: Floats, once: bool) -> sparse.csr_array:
        if once or self._products is None:
            return sparse.csr_array(sparse.tril(self.sparse.T @ row_scaled(self.sparse, k), format="csr"))
        table, columns, ends = self._products
        return sparse.csr_array((table @ k, columns, ends), shape=(self.sparse.shape[1],) * 2)

    def along(self, coefficients: Floats) -> Floats:
        """Σω(y - design @ coefficients) of each group."""
        split = self.sparse.shape[1]
        fitted = self.sparse @ coefficients[:split] + self.dense[:, :-1] @ coefficients[split:]
        return np.asarray(self.dense[:, -1] - fitted)


@dataclass(frozen=True)
class Share:
    """What one partition adds: its rows' cross-products, and the sums of its groups, the ``first`` and those after."""

    n_ratings: float
    gram: Gram
    finest: Sums | None
    first: int


@dataclass(frozen=True)
class Moments:
    """The sums of all ratings: the cross-products of the rows, and the sums of the finest groups integrated out.

    ``finest`` are the groups of the finest term that is integrated out (dyads, or clients where the model has no
    dyad term, or none); ``parent`` leads from dyads to clients where both are integrated out.
    """

    n_ratings: float
    gram: Gram
    finest: Sums | None
    parent: Codes | None
    n_parents: int

    @classmethod
    def joined(cls, shares: Iterable[Share], n_groups: int, parent: Codes | None, n_parents: int) -> Moments:
        """The sums of all ratings from those of their partitions, in any order; none of them is kept.

        ``n_groups`` is the number of the finest groups, each of which lies in one partition; 0 where none is
        integrated out.
        """
        each = iter(shares)
        first = next(each)
        n_ratings, gram, sparse_of = 0.0, None, {}
        weight, dense = np.zeros(n_groups), np.empty((n_groups, first.gram.xx.shape[0]))
        for share in chain([first], each):
            n_ratings += share.n_ratings
            gram = share.gram if gram is None else gram + share.gram
            if share.finest is not None:
                there = slice(share.first, share.first + len(share.finest.weight))
                if weight[there].any():
                    raise ValueError(f"the groups from {there.start} on are in two partitions: cut between clients")
                weight[there], dense[there] = share.finest.weight, share.finest.dense
                sparse_of[share.first] = share.finest.sparse
        assert gram is not None
        finest = None
        if sparse_of:
            finest = Sums(weight, sparse.vstack([sparse_of[at] for at in sorted(sparse_of)], format="csr"), dense)
        return cls(n_ratings, gram, finest, parent, n_parents)

    def taken(self, columns: Flags) -> Moments:
        """The sums of some columns only; those of the random terms with one level a rating must all be among them."""
        dense = np.append(columns, True)[self.gram.n_sparse :]
        finest = self.finest
        if finest is not None:
            finest = Sums(finest.weight, finest.sparse, np.ascontiguousarray(finest.dense[:, dense]))
        return Moments(self.n_ratings, self.gram.taken(dense), finest, self.parent, self.n_parents)


def _below(row: Codes) -> Codes:
    """How many cells the lower half of a matrix has above a row."""
    return row * (row + 1) // 2


def collect(rows: Rows, group: Codes | None) -> Share:
    """The sums of one partition of the ratings; ``group`` is each rating's place among the finest groups of all."""
    ones = Sums(np.ones(len(rows.weight)), rows.sparse(), rows.dense)
    first, groups = 0, None
    if group is not None:
        first = int(group.min())
        groups = ones.grouped(group - first, int(group.max()) - first + 1, rows.weight)
    return Share(float(rows.weight.sum()), ones.gram(rows.weight, once=True), groups, first)


def squared(values: Floats, k: Floats) -> Floats:
    """Σ k vv' over rows, k not negative: of a matrix with itself, which takes half the work of two."""
    total = np.zeros((values.shape[1],) * 2)
    for part in blocks_of_rows(len(values)):
        root = np.sqrt(k[part])[:, None] * values[part]
        total += root.T @ root
    return total


def row_scaled(matrix: sparse.csr_array, k: Floats) -> sparse.csr_array:
    data = matrix.data * np.repeat(k, np.diff(matrix.indptr))
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
