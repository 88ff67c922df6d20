"""Pairs to predict, as the fitted structure sees them: places of known ids, covariates as read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.alliance.fitted import Fitted
from matcher.alliance.structure import CLIENT, MATCH, MOMENT, SESSION, THERAPIST, Covariate
from matcher.alliance.tables import Codes, Floats, Keyed, Values, columns, located, place_of, texts
from matcher.errors import InvalidInput


@dataclass(frozen=True)
class Pairs:
    """Places among the fitted clients and therapists (-1 for newcomers), and each covariate as read, by pair."""

    client: Codes
    therapist: Codes
    read: list[Floats]
    averaged: dict[str, int]  # column -> pairs of which nothing is known there: they count as the average
    unused: tuple[str, ...] = ()  # columns given that the model does not know

    def __len__(self) -> int:
        return len(self.client)

    def block(self, rows: slice) -> Pairs:
        return Pairs(self.client[rows], self.therapist[rows], [values[rows] for values in self.read], {})


def read_pairs(
    fitted: Fitted, table: Any, clients: Any, therapists: Any, session: float, *, own_session: bool = False
) -> Pairs:
    """``session`` is everybody's, unless each pair's own is asked for and given; so is the latest rating's moment."""
    given = columns(table, "pairs")
    sides = {}
    for side, more, known, stored in (
        (CLIENT, clients, fitted.structure.clients, fitted.client_values),
        (THERAPIST, therapists, fitted.structure.therapists, fitted.therapist_values),
    ):
        key = f"{side}_id"
        if key not in given:
            raise InvalidInput("pairs", sorted(given), f"expected a column named {key}")
        sides[side] = _Side(texts(given[key]), Keyed.read(more, f"{side}s", key), known, stored)
    n = len(sides[CLIENT].known)
    read = []
    for covariate in fitted.structure.covariates:
        if covariate.side in sides:
            read.append(sides[covariate.side].take(covariate))
        elif covariate.side == SESSION:
            own = own_session and covariate.name in given
            read.append(covariate.read(given[covariate.name] if own else np.full(n, float(session))))
        elif covariate.side == MOMENT:
            own = own_session and covariate.name in given
            days = covariate.read(given[covariate.name]) if own else np.full(n, np.nan)
            read.append(np.where(np.isnan(days), covariate.mean, days))
        else:
            read.append(covariate.read(given[covariate.name]) if covariate.name in given else covariate.absent(n))
    averaged = {
        covariate.key: n
        for covariate, values in zip(fitted.structure.covariates, read, strict=True)
        if covariate.side in (MATCH, CLIENT, THERAPIST) and (n := int(covariate.averaged(values).sum()))
    }
    return Pairs(sides[CLIENT].known, sides[THERAPIST].known, read, averaged, _unused(fitted, given, sides))


def _unused(fitted: Fitted, given: Mapping[str, Values], sides: Mapping[str, _Side]) -> tuple[str, ...]:
    """The columns that no covariate reads, such as a column that the fit left out, or the pairs' own sessions."""
    known = {(covariate.side, covariate.name) for covariate in fitted.structure.covariates}
    ids = [f"{side}_id" for side in sides]
    found = [f"pairs.{name}" for name in given if name not in ids and (MATCH, name) not in known]
    for key, side in sides.items():
        found += [f"{side.table.place}.{name}" for name in side.table.columns if (key, name) not in known]
    return tuple(found)


class _Side:
    """The clients, or the therapists, of the pairs: what is given for them now goes before what was stored."""

    def __init__(self, ids: Values, table: Keyed, known: tuple[str, ...], stored: Floats) -> None:
        unique = place_of(dict.fromkeys(ids.tolist()))
        self.ids = np.array([*unique, None], dtype=object)[:-1]
        self.at = located(ids, unique)
        self.place = located(self.ids, place_of(known))
        self.known = self.place[self.at]
        self.table, self.stored, self.column = table, stored, 0

    def take(self, covariate: Covariate) -> Floats:
        """The covariate by pair; covariates are asked for in the order in which they are stored."""
        values = covariate.absent(len(self.ids))
        known = self.place >= 0
        values[known] = self.stored[self.place[known], self.column]
        self.column += 1
        if covariate.name in self.table.columns:
            given = located(self.ids, self.table.rows) >= 0
            values[given] = covariate.read(self.table.aligned(covariate.name, self.ids[given]))
        return values[self.at]
