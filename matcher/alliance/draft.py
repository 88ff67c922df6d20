"""Columns as they are found, while a design is made: what each is read as; which are left out, with their reasons."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matcher.alliance.declared import Source, learn
from matcher.alliance.ratings import Ratings
from matcher.alliance.structure import CLIENT, MATCH, SESSION, THERAPIST, Covariate
from matcher.alliance.tables import Flags, Floats, Keyed

SAME_THROUGHOUT = 1e-10  # of a column's largest value: a spread that is rounding


@dataclass
class Draft:
    """The columns and terms found so far."""

    ratings: Ratings
    below: Flags | None = None  # which of the ratings are below a ceiling; None where there is none
    covariates: list[Covariate] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)  # what each source's values are read as
    read: list[Floats] = field(default_factory=list)  # the same by rating
    columns_left_out: dict[str, str] = field(default_factory=dict)
    terms_left_out: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[Source, bool], int | None] = field(default_factory=dict)

    def covariate(self, source: Source, *, grouping: bool = False) -> int | None:
        """The place of the source's covariate, learned at first sight; None where every rating lacks it."""
        key = (source, grouping)
        if key not in self.places:
            self.places[key] = self._learned(source, grouping=grouping)
        return self.places[key]

    def rows(self, rows: slice) -> list[Floats]:
        """Every covariate of some of the ratings."""
        return [values[rows] for values in self.read]

    def _learned(self, source: Source, *, grouping: bool) -> int | None:
        learned = learn(source, self.ratings.weight, grouping=grouping)
        if learned is None:
            self.columns_left_out[source.place] = "missing in every rating"
            return None
        covariate, read = learned
        if covariate not in self.covariates:
            self.covariates.append(covariate)
            self.values.append(read)
            self.read.append(source.by_rating(read))
        return self.covariates.index(covariate)


def sources_of(ratings: Ratings, clients: Keyed, therapists: Keyed) -> list[Source]:
    """Session order first, then the pair's, the client's and the therapist's columns."""
    found = [
        Source(SESSION if name == "session" else MATCH, name, values, None) for name, values in ratings.columns.items()
    ]
    found.sort(key=lambda source: source.side != SESSION)
    for side, table, ids, at in (
        (CLIENT, clients, ratings.clients, ratings.client),
        (THERAPIST, therapists, ratings.therapists, ratings.therapist),
    ):
        keys = np.array(ids, dtype=object)
        found += [Source(side, name, table.aligned(name, keys), at) for name in table.columns]
    return found
