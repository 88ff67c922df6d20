"""Contrasts from typical where a model reads pairs straight: one client at a time, as a sum over columns.

Each number is made of the pair alone, in one order: it is the same to the last bit whoever else is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from matcher.contrasts import Prepared
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.encoding.lines import Column, Line, together
from matcher.encoding.match_lines import match_lines
from matcher.straight import Straight

if TYPE_CHECKING:
    from matcher.alliance.fitted import Fitted

MOST_MEANS = 2000  # columns whose mean over the reference is kept


@dataclass(frozen=True, eq=False)
class Standings:
    """``reference`` and ``prepared`` are the therapists over whom typical is the average, and what is their own."""

    fitted: Fitted
    straight: Straight
    reference: Directory
    prepared: Prepared
    _means: dict[Column, float] = field(default_factory=dict, init=False, repr=False)

    def line(self, client: ClientArrays, code: int) -> Line:
        """The contrast of one client from typical, but for what is the therapist's own, and for those of ``rated``.

        ``code`` is the client's place among the fitted, −1 for a newcomer.
        """
        pairs = self._pairs(client)
        typical = float(self.prepared.own.mean()) + sum(share * self._mean(column) for column, share in pairs.shares)
        known = sum(effect for id_, effect in self.rated(code) if self.reference.row(id_) is not None)
        return Line(-typical - known / len(self.reference), pairs.shares)

    def typical(self, client: ClientArrays, code: int) -> float:
        """The mean contrast of one client over the reference."""
        return self.straight.constant + self._pairs(client).constant - self.line(client, code).constant

    def of(self, client: ClientArrays, code: int, directory: Directory, own: Floats) -> Floats:
        """Contrasts from typical of one client with every therapist of a directory, (n,); ``own`` (n,) is theirs."""
        line = self.line(client, code)
        found = own + line.constant
        for column, share in line.shares:
            found = found + share * column.read(directory)
        for id_, effect in self.rated(code):
            row = directory.row(id_)
            if row is not None:
                found[row] += effect
        return found

    def rated(self, code: int) -> list[tuple[str, float]]:
        """The therapists whom a client has rated, and what each dyad adds; none for a newcomer."""
        if code < 0:
            return []
        n = len(self.fitted.structure.therapists)
        first, last = np.searchsorted(self.fitted.dyads, [code * n, (code + 1) * n])
        places = (self.fitted.dyads[first:last] - code * n).tolist()
        effects = self.fitted.dyad.effect[first:last].tolist()
        return [(self.fitted.structure.therapists[at], effect) for at, effect in zip(places, effects, strict=True)]

    def _pairs(self, client: ClientArrays) -> Line:
        """What the features of the client's pairs add; its constant is the same for all therapists."""
        lines = match_lines(client)
        return together(lines[name].times(slope) for name, slope in self.straight.slopes.items())

    def _mean(self, column: Column) -> float:
        found = self._means.get(column)
        if found is None:
            if len(self._means) >= MOST_MEANS:
                self._means.clear()
            found = self._means[column] = float(column.read(self.reference).mean())
        return found
