"""The most that each therapist's score can be, as a sum of one table a field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.encoding.bits import Floats
from matcher.entities import Weights
from matcher.factors.registry import FACTORS
from matcher.index.bounds import line_above
from matcher.index.columns import Kept, Kinds
from matcher.index.question import STANDING, Question

FEW_KINDS = 16
AHEAD = 3.0  # standard deviations by which the best stand above the mean, about
Rows = NDArray[np.intp]


class Term(NamedTuple):
    """What one field adds: share · ``values``, (m,) of its kinds, or (n,) of the therapists where it has none."""

    values: Floats
    share: float
    kinds: Kinds | None
    highest: float
    usual: float

    @classmethod
    def of_kinds(cls, kinds: Kinds, values: Floats) -> Term:
        """Of a field in which many say the same."""
        return cls(values, 1.0, kinds, float(values.max()), float(kinds.shares @ values))

    @classmethod
    def of_long(cls, found: Kept, share: float) -> Term:
        """Of a column that differs for everybody."""
        return cls(found.values, share, None, max(share * found.low, share * found.high), share * found.mean)

    def at(self, rows: Rows) -> Floats:
        """Of some rows."""
        if self.kinds is None:
            return self.share * self.values.take(rows)
        return self.values.take(self.kinds.places.take(rows))


class Ceiling(NamedTuple):
    """``constant`` + Σ terms: those first that tell most therapists from the highest."""

    constant: float
    terms: list[Term]

    @classmethod
    def of(cls, asked: Question, weights: Weights) -> Ceiling:
        """No therapist who is not named scores more: Φ is replaced by a line above it, and what belongs to this client
        alone by the most that it can be."""
        each = np.array([weights.values[factor.code] for factor in FACTORS])
        above = 0.0
        if asked.curved:
            above, slope = _line(asked)
            above, each[STANDING] = above * each[STANDING], slope * each[STANDING]
        constant, together = float(each @ asked.constants) + above, (each @ asked.shares).tolist()
        terms: list[Term] = []
        fields: dict[int, tuple[Kinds, Floats]] = {}
        for (column, found), share in zip(asked.read, together, strict=True):
            if found is None:
                constant += max(share * column.low, share * column.high)
            elif found.kinds is None:
                terms.append(Term.of_long(found, share))
            else:
                before = fields.get(id(found.kinds))
                values = share * found.values
                fields[id(found.kinds)] = (found.kinds, values if before is None else before[1] + values)
        terms += [Term.of_kinds(*field) for field in fields.values()]
        return cls(constant, sorted(terms, key=lambda term: term.usual - term.highest))

    @property
    def highest(self) -> float:
        """The most that anybody's can be."""
        return self.constant + sum(term.highest for term in self.terms)

    @property
    def few(self) -> Iterator[tuple[Kinds, Term]]:
        """The terms whose fields have few kinds, so that each kind is a bitmap."""
        return ((term.kinds, term) for term in self.terms if term.kinds is not None and len(term.values) <= FEW_KINDS)


def _line(asked: Question) -> tuple[float, float]:
    """The line above Φ about where the best may stand."""
    shares = asked.shares[STANDING].tolist()
    mean = low = float(asked.constants[STANDING])
    variance = 0.0
    for share, (_, found) in zip(shares, asked.read, strict=True):
        if share and found is not None:
            mean += share * found.mean
            variance += share * share * found.variance
            low += min(share * found.low, share * found.high)
    return line_above(mean + AHEAD * float(np.sqrt(variance)), low)
