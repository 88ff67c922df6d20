"""The ratings beside their dyads, where a rating's precision and response may change from one pass to the next.

Of the design, what is the same within a dyad is kept once a dyad; a pass then costs sums over dyads, and over ratings
only for the columns that differ within one (the order of sessions, say).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matcher.alliance.design import Design, partitions
from matcher.alliance.moments import Moments, Rows, Sums, squared
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
        fixed, moving = split + np.flatnonzero(constant), split + np.append(self.varying, len(constant) - 1)
        own, rows = self.still[:, constant[:-1]], np.column_stack([self.values, response])
        weighted = precision[:, None] * rows
        gram = np.empty((split + len(constant),) * 2)
        scaled = sparse.csr_array(self.sparse * precision[:, None])
        gram[:split, :split] = (self.sparse.T @ scaled).toarray()
        gram[:split, fixed] = sums.sparse.T @ own
        gram[:split, moving] = self.sparse.T @ weighted
        gram[np.ix_(fixed, fixed)] = squared(own, sums.weight)
        gram[np.ix_(fixed, moving)] = own.T @ sums.dense[:, moving - split]
        gram[np.ix_(moving, moving)] = rows.T @ weighted
        gram[:, :split], gram[np.ix_(moving, fixed)] = gram[:split].T, gram[np.ix_(fixed, moving)].T
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
    whole, ratings, dyad = design.whole, design.whole.draft.ratings, design.dyad
    n_dyads, may_vary = len(design.dyads), whole.may_vary
    still = np.zeros((n_dyads, design.structure.n_dense))
    values = np.empty((len(dyad), len(may_vary)))
    for part in partitions(ratings.client):
        dense = whole.rows(part).dense[:, :-1]
        values[part] = dense[:, may_vary]
        still[dyad[part]] = dense  # of one of its ratings: what differs within a dyad is replaced below
    differs = np.zeros(len(may_vary), dtype=bool)
    if len(may_vary):
        differs = np.abs(values - still[:, may_vary][dyad]).max(axis=0) > _SAME
    varying, values = may_vary[differs], np.ascontiguousarray(values[:, differs])
    still[:, varying] = 0.0
    sizes = tuple(term.size for term in design.structure.random)
    n_therapists = len(ratings.therapists)
    return Sessions(
        dyad, ratings.weight, ratings.score - design.centre,
        Rows(whole.levels, whole.values, sizes, values, ratings.weight).sparse(),
        still, varying, values, design.dyads // n_therapists, len(ratings.clients),
    )  # fmt: skip
