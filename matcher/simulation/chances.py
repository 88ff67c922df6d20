"""Draws for many people at once: one call a field, so that thousands of people take no time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.encoding.bits import Flags, Floats

Table = Mapping[str, float]


def one_of(rng: np.random.Generator, n: int, chances: Table) -> list[str]:
    """A code for each of n people, with chances that need not sum to 1."""
    codes, edges = list(chances), np.cumsum(list(chances.values()))
    return [codes[k] for k in np.searchsorted(edges, rng.random(n) * edges[-1], side="right")]


def each_of(rng: np.random.Generator, tables: Sequence[Table]) -> list[str]:
    """A code for each person, from a table of chances of their own."""
    draws = rng.random(len(tables))
    return [_at(table, draw) for table, draw in zip(tables, draws, strict=True)]


def _at(table: Table, draw: float) -> str:
    rest = draw * sum(table.values())
    for code, chance in table.items():
        rest -= chance
        if rest < 0:
            return code
    return code


def some_of(rng: np.random.Generator, tables: Sequence[Table]) -> list[tuple[str, ...]]:
    """Every code of a table with its chance, independently, for each person."""
    draws = iter(rng.random(sum(map(len, tables))).tolist())
    return [tuple(code for code, chance in table.items() if next(draws) < chance) for table in tables]


def top_of(rng: np.random.Generator, weights: Floats, sizes: NDArray[np.int64]) -> list[list[int]]:
    """Columns drawn without replacement, row by row, in the order drawn.

    ``weights`` (n, k) are relative chances, ``sizes`` (n,) how many a row takes; a weight of 0 is never drawn.
    Sorting log weight + Gumbel noise is the same as drawing one after the other.
    """
    with np.errstate(divide="ignore"):
        keys = np.log(weights) + rng.gumbel(size=weights.shape)
    order = np.argsort(-keys, axis=1)
    most = np.minimum((weights > 0).sum(axis=1), sizes)
    return [row[:size].tolist() for row, size in zip(order, most, strict=True)]


def several_of(rng: np.random.Generator, chances: Table, sizes: NDArray[np.int64]) -> list[tuple[str, ...]]:
    """So many codes for each person, without replacement."""
    codes = list(chances)
    weights = np.broadcast_to(np.array(list(chances.values())), (len(sizes), len(codes)))
    return [tuple(codes[k] for k in row) for row in top_of(rng, weights, sizes)]


def happens(rng: np.random.Generator, chance: float | Floats | Sequence[float], n: int) -> Flags:
    """Whether something with this chance holds for each of n people."""
    return np.asarray(rng.random(n) < np.asarray(chance))


def unsaid(rng: np.random.Generator, values: Sequence[str], share: float) -> list[str | None]:
    """The same values, where a share of people would rather not say."""
    return [None if silent else value for value, silent in zip(values, happens(rng, share, len(values)), strict=True)]


def rounded(values: Floats, low: int, high: int) -> list[int]:
    """Whole numbers cut to a range."""
    whole: list[int] = np.clip(np.rint(values), low, high).astype(int).tolist()
    return whole
