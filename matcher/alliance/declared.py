"""Which terms a model has: the names that were declared, looked up among the columns that were given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.alliance.structure import CLIENT, MATCH, MISSING, MOMENT, SESSION, THERAPIST, Covariate, logged
from matcher.alliance.tables import Codes, Floats, Values, coded, mean_and_deviation, numbers, texts
from matcher.errors import InvalidInput

MOST_LEVELS = 50
DYAD = "dyad"


@dataclass(frozen=True, eq=False)
class Source:
    """A raw column with one value a client, therapist or rating; ``at`` leads from ratings to values."""

    side: str
    name: str
    values: Values
    at: Codes | None

    @property
    def place(self) -> str:
        return f"{self.side}.{self.name}"

    def by_rating(self, read: Floats) -> Floats:
        return read if self.at is None else read[self.at]

    def weights(self, weight: Floats) -> Floats:
        """How much of the ratings' weight lies at each value."""
        if self.at is None:
            return weight
        return np.bincount(self.at, weight, minlength=len(self.values)).astype(np.float64)


@dataclass(frozen=True)
class Declared:
    """The terms as sources: fixed ones as products, slopes, groupings, and whether there is a dyad term.

    ``free`` are the columns that nobody named: fixed as well, unless there are enough of them for a block.
    """

    fixed: tuple[tuple[Source, ...], ...]
    free: tuple[Source, ...]
    slopes: tuple[Source, ...]
    groupings: tuple[Source, ...]
    dyad: bool


def declared(
    sources: Sequence[Source], *, vary_by: Iterable[str], fixed: Iterable[str], random: Iterable[str], only: bool
) -> Declared:
    """Every column is a fixed covariate unless it is declared a grouping, or ``only`` what is declared counts."""
    named = {f"{source.side}.{source.name}": source for source in sources}
    groupings = tuple(_find(name, "random", named) for name in random if name != DYAD)
    products = [_product(name, named) for name in fixed]
    free: tuple[Source, ...] = ()
    if not only:
        free = tuple(source for source in sources if source not in groupings and (source,) not in products)
    slopes = tuple(_slope(_find(name, "vary_by", named)) for name in vary_by)
    return Declared(tuple(dict.fromkeys(products)), free, slopes, groupings, not only or DYAD in random)


def _product(name: str, named: Mapping[str, Source]) -> tuple[Source, ...]:
    """A column that bears the whole name goes before a product: names may have colons."""
    parts = [name] if _called(name, named) else name.split(":")
    return tuple(_find(part, "fixed", named) for part in parts)


def _called(name: str, named: Mapping[str, Source]) -> list[Source]:
    sides = (SESSION, MATCH, CLIENT, THERAPIST)
    return [named[key] for key in (name, *(f"{side}.{name}" for side in sides)) if key in named]


def _find(name: str, field: str, named: Mapping[str, Source]) -> Source:
    found = _called(name, named)
    if not found:
        raise InvalidInput(field, name, f"there is no such column; there are {', '.join(sorted(named)) or 'none'}")
    if len(found) > 1:
        raise InvalidInput(field, name, f"say which one: {' or '.join(source.place for source in found)}")
    return found[0]


def _slope(source: Source) -> Source:
    if source.side == THERAPIST:
        raise InvalidInput(
            "vary_by", source.name, "a therapist's own column cannot vary by therapist; name a client's or a rating's"
        )
    return source


def learn(source: Source, weight: Floats, *, grouping: bool = False) -> tuple[Covariate, Floats] | None:
    """The covariate as these ratings show it, and what its values are read as; None where every rating lacks it."""
    weights = source.weights(weight)
    read = None if grouping else numbers(source.values, source.place)
    if read is None:
        return _learn_text(source, weights, grouping=grouping)
    if source.side == SESSION:
        read = logged(read, source.place)
    if source.side == MOMENT:
        shares = (float(np.isnan(read).mean()),)
        return Covariate(MOMENT, source.name, None, shares, float(np.nanmax(read)), 1.0), read
    there = ~np.isnan(read) & (weights > 0)
    if not there.any():
        return None
    kept = slice(None) if there.all() else there  # a slice copies nothing
    mean, deviation = mean_and_deviation(read[kept], weights[kept])
    lacking = 1 - float(weights[there].sum() / weights.sum())
    shares = (lacking if np.any(np.isnan(read) & (weights > 0)) else 0.0,)
    return Covariate(source.side, source.name, None, shares, mean, deviation if deviation > 0 else 1.0), read


def _learn_text(source: Source, weights: Floats, *, grouping: bool) -> tuple[Covariate, Floats] | None:
    found = texts(source.values)
    found[found == ""] = MISSING
    counted = weights > 0
    levels, codes = coded(found if counted.all() else found[counted])
    if levels == (MISSING,):
        return None
    if len(levels) > MOST_LEVELS and not grouping:
        raise InvalidInput(
            source.place,
            f"{len(levels)} levels",
            f"a fixed column may have {MOST_LEVELS}: declare it as a grouping with random (--random {source.name})",
        )
    shares = np.bincount(codes, weights[counted], minlength=len(levels)) / weights.sum()
    covariate = Covariate(source.side, source.name, levels, tuple(shares.tolist()), 0.0, 1.0)
    return covariate, codes.astype(np.float64) if counted.all() else covariate.read(source.values)
