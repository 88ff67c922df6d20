"""The ratings beside their dyads, where a rating's precision and response may change from one pass to the next.

Of the design, what is the same within a dyad is kept once a dyad; a pass then costs sums over dyads, and over ratings
only for the columns that differ within one (the order of sessions, say).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matcher.alliance.design import Design
from matcher.alliance.moments import Gram, Moments, Rows, Sums, row_scaled, squared
from matcher.alliance.partitions import made_of, partitions
from matcher.alliance.tables import Codes, Flags, Floats

_SAME = 1e-9  # of a standardised column: differences within a dyad that are rounding


@dataclass(frozen=True)
class Sessions:
    """``dyad`` (n,), ``weight`` (n,) how many ratings a row stands for, ``score`` (n,) from the mean of all.

    ``sparse`` (n, random columns); ``still`` (dyads, dense columns) the dense columns, but for those that differ within
    a dyad, ``varying``, which have ``values`` (n, varying). ``parent`` leads from dyads to clients.
    """

    dyad: Codes
    weight: Floats
    score: Floats
    sparse: sparse.csr_array
    still: Floats
    varying: Codes
    values: Floats
    parent: Codes
    n_clients: int

    def taken(self, columns: Flags) -> Sessions:
        """The ratings with some of the dense columns only."""
        place = np.cumsum(columns) - 1
        stays = columns[self.varying]
        return Sessions(
            self.dyad, self.weight, self.score, self.sparse, np.ascontiguousarray(self.still[:, columns]),
            place[self.varying[stays]], np.ascontiguousarray(self.values[:, stays]), self.parent, self.n_clients,
        )  # fmt: skip

    def sums(self, precision: Floats, response: Floats) -> Sums:
        """Σω, Σωz, Σω[x, response] of each dyad."""
        n_dyads, n_dense = self.still.shape
        gather = sparse.csr_array((precision, (self.dyad, np.arange(len(precision)))), (n_dyads, len(precision)))
        weight = self.within(precision)
        dense = np.empty((n_dyads, n_dense + 1))
        dense[:, :-1] = weight[:, None] * self.still
        dense[:, self.varying] = gather @ self.values
        dense[:, -1] = gather @ response
        return Sums(weight, gather @ self.sparse, dense)

    def moments(self, precision: Floats, response: Floats) -> Moments:
        """The sums that the solver needs, at these precisions and responses."""
        sums = self.sums(precision, response)
        constant = np.ones(self.still.shape[1] + 1, dtype=bool)
        constant[np.append(self.varying, -1)] = False
        split = self.sparse.shape[1]
        own, rows = self.still[:, constant[:-1]], np.column_stack([self.values, response])
        weighted = precision[:, None] * rows
        zx, xx = np.empty((split, len(constant))), np.empty((len(constant),) * 2)
        zx[:, constant], zx[:, ~constant] = sums.sparse.T @ own, self.sparse.T @ weighted
        xx[np.ix_(constant, constant)] = squared(own, sums.weight)
        xx[np.ix_(constant, ~constant)] = own.T @ sums.dense[:, ~constant]
        xx[np.ix_(~constant, constant)] = xx[np.ix_(constant, ~constant)].T
        xx[np.ix_(~constant, ~constant)] = rows.T @ weighted
        zz = self.sparse.T @ row_scaled(self.sparse, precision)
        gram = Gram(sparse.csr_array(sparse.tril(zz, format="csr")), zx, xx)
        return Moments(float(self.weight.sum()), gram, sums, self.parent, self.n_clients)

    def within(self, values: Floats) -> Floats:
        """Sums of the ratings' values by dyad."""
        return np.bincount(self.dyad, values, minlength=len(self.still)).astype(np.float64)

    def along(self, coefficients: Floats) -> Floats:
        """(n,) the design's rows times the border's coefficients."""
        split = self.sparse.shape[1]
        return np.asarray((self.still @ coefficients[split:])[self.dyad] + self._moving(coefficients, split))

    def offsets(self, coefficients: Floats, precision: Floats) -> Floats:
        """(n,) by how much a rating's mean differs from that of its dyad's mean row."""
        found = self._moving(coefficients, self.sparse.shape[1])
        return np.asarray(found - (self.within(precision * found) / self.within(precision))[self.dyad])

    def _moving(self, coefficients: Floats, split: int) -> Floats:
        return np.asarray(self.sparse @ coefficients[:split] + self.values @ coefficients[split + self.varying])


def sessions_of(design: Design) -> Sessions:
    """The ratings of a design, one pass over partitions of clients."""
    whole, structure = design.whole, design.structure
    ratings, may_vary, sizes = whole.draft.ratings, whole.may_vary, structure.sizes
    order, dyads, dyad = ratings.dyads
    n = len(dyad)
    still, values = np.zeros((len(dyads), structure.n_dense)), np.empty((n, len(may_vary)))
    levels, shares = np.empty((n, len(sizes)), dtype=np.int64), np.empty((n, len(sizes)))
    parts = partitions(ratings.client, order)
    for part, rows in zip(parts, made_of(parts, whole.rows), strict=True):
        levels[part], shares[part] = rows.levels, rows.values
        values[part] = rows.dense[:, may_vary]
        still[dyad[part]] = rows.dense[:, :-1]  # of one of its ratings: what differs within a dyad is replaced below
    differs = np.zeros(len(may_vary), dtype=bool)
    if len(may_vary):
        differs = np.abs(values - still[:, may_vary][dyad]).max(axis=0) > _SAME
    varying, values = may_vary[differs], np.ascontiguousarray(values[:, differs])
    still[:, varying] = 0.0
    weight, score = np.array(ratings.weight), ratings.score - design.centre
    return Sessions(
        dyad, weight, score, Rows(levels, shares, sizes, values, weight).sparse(), still, varying, values,
        dyads // len(ratings.therapists), len(ratings.clients),
    )  # fmt: skip
