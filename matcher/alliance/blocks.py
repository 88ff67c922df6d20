r"""Blocks: many columns with one variance between them, so that the ratings decide how much of them there is.

A block's coefficients are independent N(0, σ² λ_k): a ridge whose penalty is estimated like every other variance, and
which comes out as zero where the ratings do not ask for it. Five kinds:

    ridge     the columns of one side: a straight effect of each
    curves    what a straight line leaves of the numbers of one side: cubic splines whose curvature is penalised
              (Ruppert, Wand, Carroll 2003, Semiparametric Regression, ch. 4), the line itself being elsewhere
    crossed   φ(c)'Bψ(t): which kind of client suits which kind of therapist, φ and ψ whitened features of the two
    smooth    the same of smooth features, so that it may be any smooth surface (``matcher.alliance.nearness``)
    matched   products of two whitened columns of the pair

Every column is centred over the fitted rows, and a block is scaled so that its squared length is 1 in the mean over
them: the block's variance is then the variance that it explains, and can be held beside the others. A block of less
than five columns is not made: a variance learned from so few is a significance test in disguise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from matcher.alliance import nearness
from matcher.alliance.nearness import Nearness
from matcher.alliance.structure import CLIENT, MATCH, THERAPIST, Covariate
from matcher.alliance.tables import Floats

FEWEST, MOST = 5, 24
KNOTS = 6
ROWS = 20_000  # whose columns are in memory at once
SIDES = (MATCH, CLIENT, THERAPIST)
CROSSED, SMOOTH, MATCHED = f"{CLIENT} x {THERAPIST}", f"{CLIENT} ~ {THERAPIST}", f"{MATCH} x {MATCH}"
_NOTHING = 1e-8  # share of the largest variance below which a direction holds nothing


def kinds() -> tuple[str, ...]:
    """The names of all blocks there can be."""
    return (*(straight(side) for side in SIDES), *(f"{side} curves" for side in SIDES), CROSSED, SMOOTH, MATCHED)


def straight(side: str) -> str:
    """The name of the ridge of a side's columns."""
    return f"{side} columns"


@dataclass(frozen=True)
class Primitive:
    """A number (standardised), a level's indicator, or a number's cubic distance from a knot; missing is average."""

    covariate: int
    part: int = 0
    knot: float | None = None

    def name(self, covariate: Covariate) -> str:
        if covariate.levels is not None:
            return f"{covariate.key}={covariate.levels[self.part]}"
        return f"{covariate.key} missing" if self.part == 1 else covariate.key

    def deviation(self, covariate: Covariate) -> float:
        """How much of the covariate one unit of the column is."""
        return covariate.deviation if covariate.levels is None and self.part == 0 else 1.0

    def column(self, covariate: Covariate, read: Floats) -> Floats:
        if covariate.levels is not None:
            return np.asarray(covariate.column(read, self.part) - covariate.shares[self.part])
        if self.part == 1:
            return np.asarray(covariate.column(read, 1) - covariate.shares[0])
        standard = covariate.standardised(read)
        return standard if self.knot is None else np.abs(standard - self.knot) ** 3


@dataclass(frozen=True)
class Basis:
    """Columns of covariates: primitives (…, m) turned by ``turn`` (m, k), less ``means`` (k,); or smooth features of
    the places that these are."""

    primitives: tuple[Primitive, ...]
    turn: tuple[tuple[float, ...], ...]
    means: tuple[float, ...]
    nearness: Nearness | None = None

    @property
    def size(self) -> int:
        """How many columns there are."""
        return len(self.means if self.nearness is None else self.nearness.means)

    def columns(self, covariates: Sequence[Covariate], read: Sequence[Floats] | dict[int, Floats]) -> Floats:
        """(…, k) for covariates read in shapes that broadcast."""
        raw = [each.column(covariates[each.covariate], read[each.covariate]) for each in self.primitives]
        found = np.asarray(np.stack(np.broadcast_arrays(*raw), axis=-1) @ np.array(self.turn) - np.array(self.means))
        return found if self.nearness is None else self.nearness.of(found)


@dataclass(frozen=True)
class Block:
    """Columns that share a variance: ``left``'s, or their products with ``right``'s, less ``means``, over ``scale``.

    ``pairs`` are the products, (place in left, place in right); empty without ``right``.
    """

    name: str
    left: Basis
    right: Basis | None
    pairs: tuple[tuple[int, int], ...]
    means: tuple[float, ...]
    scale: float

    @property
    def size(self) -> int:
        return len(self.means)

    @property
    def is_straight(self) -> bool:
        """Whether it is a ridge of columns as they are."""
        return self.name in [straight(side) for side in SIDES]

    def sides(self, covariates: Sequence[Covariate]) -> set[str]:
        """Whose covariates are in it."""
        bases = (self.left,) if self.right is None else (self.left, self.right)
        return {covariates[each.covariate].side for basis in bases for each in basis.primitives}

    def columns(self, covariates: Sequence[Covariate], read: Sequence[Floats]) -> Floats:
        """(n, size) of rows."""
        return np.asarray((self._raw(covariates, read) - np.array(self.means)) / self.scale)

    def along(
        self, covariates: Sequence[Covariate], read: Sequence[Floats] | dict[int, Floats], coefficients: Floats
    ) -> Floats:
        """``columns @ coefficients`` for covariates that broadcast, without the products where there are some."""
        offset = float(np.array(self.means) @ coefficients)
        left = self.left.columns(covariates, read)
        if self.right is None:
            return np.asarray((left @ coefficients - offset) / self.scale)
        right = self.right.columns(covariates, read)
        table = np.zeros((left.shape[-1], right.shape[-1]))
        table[tuple(np.array(self.pairs).T)] = coefficients
        return np.asarray((np.einsum("...k,...k->...", left @ table, right) - offset) / self.scale)

    def _raw(self, covariates: Sequence[Covariate], read: Sequence[Floats]) -> Floats:
        left = self.left.columns(covariates, read)
        if self.right is None:
            return left
        right = self.right.columns(covariates, read)
        first, second = np.array(self.pairs).T
        return np.asarray(left[:, first] * right[:, second])


def learn(
    name: str, covariates: Sequence[Covariate], read: Sequence[Floats], weight: Floats, places: Iterable[int]
) -> Block | None:
    """The block of a name, from the covariates that are its own; None where there is not enough for one."""
    own = [at for at in places if covariates[at].side in SIDES]
    of = {side: [at for at in own if covariates[at].side == side] for side in SIDES}
    if name in (CROSSED, SMOOTH):
        features = _whitened if name == CROSSED else _smooth
        left, right = (features(covariates, read, weight, of[side]) for side in (CLIENT, THERAPIST))
        if left is None or right is None:
            return None
        return _block(name, left, right, list(np.ndindex(left.size, right.size)), covariates, read, weight)
    if name == MATCHED:
        both = _whitened(covariates, read, weight, of[MATCH])
        pairs = [] if both is None else list(combinations(range(both.size), 2))
        return None if both is None else _block(name, both, both, pairs, covariates, read, weight)
    side, _, kind = name.partition(" ")
    basis = (_curved if kind == "curves" else _straight)(covariates, read, weight, of[side])
    return None if basis is None else _block(name, basis, None, [], covariates, read, weight)


def _block(
    name: str, left: Basis, right: Basis | None, pairs: Sequence[tuple[int, ...]],
    covariates: Sequence[Covariate], read: Sequence[Floats], weight: Floats,
) -> Block | None:  # fmt: skip
    found = Block(name, left, right, tuple((a, b) for a, b in pairs), (), 1.0)
    if right is not None and not pairs:
        return None
    total, squares = np.zeros(1), 0.0
    for at in range(0, len(weight), ROWS):
        part = slice(at, at + ROWS)
        raw = found._raw(covariates, [values[part] for values in read])
        total = total + weight[part] @ raw
        squares += float(weight[part] @ (raw**2).sum(axis=1))
    means = total / weight.sum()
    scale = float(np.sqrt(max(squares / weight.sum() - means @ means, 0.0)))
    if len(means) < FEWEST or not scale > _NOTHING * np.sqrt(squares / weight.sum()):
        return None
    return Block(name, left, right, found.pairs, tuple(means.tolist()), scale)


def _primitives(covariates: Sequence[Covariate], places: Iterable[int]) -> list[Primitive]:
    """Every number, every level, and whether a number is missing."""
    found = []
    for at in places:
        covariate = covariates[at]
        if covariate.levels is not None:
            found += [Primitive(at, part) for part in range(len(covariate.levels))]
            continue
        found.append(Primitive(at))
        if covariate.shares[0] > 0:
            found.append(Primitive(at, 1))
    return found


def _raw(primitives: Sequence[Primitive], covariates: Sequence[Covariate], read: Sequence[Floats]) -> Floats:
    return np.column_stack([each.column(covariates[each.covariate], read[each.covariate]) for each in primitives])


def _straight(
    covariates: Sequence[Covariate], read: Sequence[Floats], weight: Floats, places: Sequence[int]
) -> Basis | None:
    """Each column by itself, of variance 1."""
    primitives = _primitives(covariates, places)
    if not primitives:
        return None
    raw = _raw(primitives, covariates, read)
    mean = np.average(raw, axis=0, weights=weight)
    spread = np.sqrt(np.average((raw - mean) ** 2, axis=0, weights=weight))
    kept = np.flatnonzero(spread > _NOTHING * spread.max())
    if not len(kept) or not spread.max() > 0:
        return None
    return _basis([primitives[k] for k in kept], np.diag(1 / spread[kept]), mean[kept] / spread[kept])


def _whitened(
    covariates: Sequence[Covariate], read: Sequence[Floats], weight: Floats, places: Sequence[int]
) -> Basis | None:
    """Uncorrelated directions of variance 1, at most ``MOST``, the widest first."""
    lines = _straight(covariates, read, weight, places)
    if lines is None:
        return None
    columns = lines.columns(covariates, read)
    values, vectors = np.linalg.eigh((columns.T * (weight / weight.sum())) @ columns)
    kept = np.argsort(-values)[:MOST]
    kept = kept[values[kept] > 1e-6 * values.max()]
    whiten = vectors[:, kept] / np.sqrt(values[kept])
    return _basis(lines.primitives, np.array(lines.turn) @ whiten, np.array(lines.means) @ whiten)


def _smooth(
    covariates: Sequence[Covariate], read: Sequence[Floats], weight: Floats, places: Sequence[int]
) -> Basis | None:
    """Smooth features of where people stand by all their columns."""
    lines, flat = (make(covariates, read, weight, places) for make in (_straight, _whitened))
    if lines is None or flat is None:
        return None
    found = nearness.learn(flat.columns(covariates, read), lines.columns(covariates, read), weight)
    return None if found is None else Basis(flat.primitives, flat.turn, flat.means, found)


def _curved(
    covariates: Sequence[Covariate], read: Sequence[Floats], weight: Floats, places: Sequence[int]
) -> Basis | None:
    """Of each number with enough values, cubic distances from knots at its quantiles, less their straight line."""
    primitives: list[Primitive] = []
    parts: list[tuple[Floats, Floats]] = []
    for at in places:
        found = None if covariates[at].levels is not None else _curve(at, covariates[at], read[at], weight)
        if found is not None:
            primitives += found[0]
            parts.append(found[1:])
    if not parts:
        return None
    turn = np.zeros((len(primitives), sum(part.shape[1] for part, _ in parts)))
    row = column = 0
    for part, _mean in parts:
        turn[row : row + part.shape[0], column : column + part.shape[1]] = part
        row, column = row + part.shape[0], column + part.shape[1]
    return _basis(primitives, turn, np.concatenate([mean for _, mean in parts]))


def _curve(
    at: int, covariate: Covariate, read: Floats, weight: Floats
) -> tuple[list[Primitive], Floats, Floats] | None:
    """Primitives, turn and means of one number's curve, of squared length 1 in the mean; None for too few values."""
    there = ~np.isnan(read) & (weight > 0)
    values = np.unique(covariate.standardised(read)[there])
    if len(values) < FEWEST:
        return None
    inner = values[1:-1]
    knots = np.unique(np.quantile(inner, np.linspace(0, 1, min(KNOTS, len(inner)))))
    primitives = [Primitive(at), *(Primitive(at, 0, float(knot)) for knot in knots)]
    raw = np.column_stack([each.column(covariate, read) for each in primitives])
    mean = np.average(raw, axis=0, weights=weight)
    spread = (raw - mean) * np.sqrt(weight / weight.sum())[:, None]
    line = spread[:, :1]
    slope = (line.T @ spread[:, 1:]) / max(float((line**2).sum()), np.finfo(float).tiny)
    bent = spread[:, 1:] - line @ slope
    # the prior of a penalised curve: coefficients of the cubes have covariance inverse to the cubes' own matrix
    penalty = np.abs(knots[:, None] - knots) ** 3
    left, singular, _ = np.linalg.svd(penalty)
    kept = singular > _NOTHING * singular[0]
    root = left[:, kept] / np.sqrt(singular[kept])
    bent = bent @ root
    size = float(np.sqrt((bent**2).sum()))
    if not size > 0:
        return None
    turn = np.vstack([-slope @ root, root]) / size
    return primitives, turn, mean @ turn


def _basis(primitives: Sequence[Primitive], turn: Floats, means: Floats) -> Basis:
    return Basis(tuple(primitives), tuple(map(tuple, turn.tolist())), tuple(means.tolist()))
