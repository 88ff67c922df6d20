"""The most that each therapist's score can be, as a sum of one table a field."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.encoding.bits import Floats
from matcher.encoding.lines import Field
from matcher.entities import Weights
from matcher.factors.registry import FACTORS
from matcher.index.bounds import line_above
from matcher.index.columns import Kept, Kinds
from matcher.index.question import STANDING, Question

AHEAD = 3.0  # standard deviations by which the best stand above the mean, about
Rows = NDArray[np.intp]


class Term(NamedTuple):
    """What one field adds: share · ``values``, (m,) by the place of a kind, or (n,) by the row of a therapist."""

    values: Floats
    share: float
    places: NDArray[np.unsignedinteger] | None
    highest: float
    usual: float

    @classmethod
    def of_kinds(cls, kinds: Kinds, values: Floats) -> Term:
        """Of a field that many say alike."""
        return cls(values, 1.0, kinds.places, float(values.max()), float(kinds.shares @ values))

    @classmethod
    def of_long(cls, found: Kept, share: float) -> Term:
        """Of a column that differs for everybody."""
        return cls(found.values, share, None, max(share * found.low, share * found.high), share * found.mean)

    def at(self, rows: Rows) -> Floats:
        """Of some rows."""
        if self.places is None:
            return self.share * self.values.take(rows)
        return self.values.take(self.places.take(rows))


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
        fields: dict[Field, tuple[Kinds, Floats]] = {}
        for (column, found), share in zip(asked.read, together, strict=True):
            if found is None:
                constant += max(share * column.low, share * column.high)
            elif found.kinds is None or column.field is None:
                terms.append(Term.of_long(found, share))
            else:
                before = fields.get(column.field)
                values = share * found.values
                fields[column.field] = (found.kinds, values if before is None else before[1] + values)
        terms += [Term.of_kinds(*field) for field in fields.values()]
        return cls(constant, sorted(terms, key=lambda term: term.usual - term.highest))


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
