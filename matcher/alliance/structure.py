"""What a fitted model knows of its columns: how a raw value becomes a number, and a number a column of the design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matcher.alliance.days import basis, days_of
from matcher.alliance.tables import Codes, Flags, Floats, Values, located, no_number, numbers, place_of, texts
from matcher.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.alliance.blocks import Block

MISSING = "missing"
INTERCEPT = "intercept"
SESSION, CLIENT, THERAPIST, MATCH, MOMENT = "session", "client", "therapist", "match", "moment"


@dataclass(frozen=True)
class Covariate:
    """One input column, as the fitted rows showed it.

    ``levels`` is None for a number. ``shares`` are the levels' shares among the fitted rows, for a number the share
    of rows that lacked it. A moment's ``mean`` is the latest one, in days.

    A value is read as one float: the number itself (the log of a session), or the place of its level. NaN stands for
    a missing number, for a level never seen, and for missing text where the fitted rows had none. A number of a column
    that is not there is infinite: whether it would be missing is not known either, so that all of it is the average.
    """

    side: str
    name: str
    levels: tuple[str, ...] | None
    shares: tuple[float, ...]
    mean: float
    deviation: float

    @property
    def key(self) -> str:
        return self.name if self.side in (MATCH, SESSION, MOMENT) else f"{self.side}.{self.name}"

    def read(self, values: Values) -> Floats:
        place = f"{self.side}.{self.name}"
        if self.levels is not None:
            found = texts(values)
            found[found == ""] = MISSING
            codes = located(found, place_of(self.levels)).astype(np.float64)
            codes[codes < 0] = np.nan
            return codes
        if self.side == MOMENT:
            return days_of(values, self.name)
        read = numbers(values, place)
        if read is None:
            raise InvalidInput(place, no_number(values), "expected a number, as in the fitted ratings")
        return logged(read, place) if self.side == SESSION else read

    def absent(self, n: int) -> Floats:
        """What ``n`` rows without this column read as."""
        return np.full(n, np.inf if self.levels is None else np.nan)

    def averaged(self, read: Floats) -> Flags:
        """Where nothing is known of a value, so that it counts as the average; a missing one that is marked is not."""
        marked = self.levels is None and self.shares[0] > 0
        return np.isinf(read) if marked else ~np.isfinite(read)

    def column(self, read: Floats, part: int) -> Floats:
        """Number: the value (0) or whether it is missing (1). Text: whether the level is ``part``."""
        if self.levels is not None:
            return np.where(np.isnan(read), self.shares[part], read == part)
        if part == 0:
            return np.where(np.isfinite(read), read, self.mean)
        return np.where(np.isinf(read), self.shares[0], np.isnan(read))

    def average(self, part: int) -> float:
        """The mean of ``column(_, part)`` over the fitted rows."""
        return self.mean if self.levels is None and part == 0 else self.shares[part if self.levels else 0]

    @property
    def share_missing(self) -> float:
        """The share of the fitted rows that lacked a value."""
        if self.levels is None:
            return self.shares[0]
        return self.shares[self.levels.index(MISSING)] if MISSING in self.levels else 0.0

    def standardised(self, read: Floats) -> Floats:
        return np.where(np.isfinite(read), (read - self.mean) / self.deviation, 0.0)

    def parts(self) -> tuple[tuple[int, str], ...]:
        """(part, name) of the unpenalised columns: text leaves out its most frequent level, the reference."""
        name = f"log({self.name})" if self.side == SESSION else self.key
        if self.levels is None:
            return ((0, name), (1, f"{name} missing")) if self.shares[0] > 0 else ((0, name),)
        reference = int(np.argmax(self.shares))
        return tuple((j, f"{name}={level}") for j, level in enumerate(self.levels) if j != reference)


def logged(sessions: Floats, place: str) -> Floats:
    """Log of the session number: the alliance moves most in the first sessions (dose-response, Howard 1986)."""
    wrong = np.flatnonzero(sessions < 1)
    if len(wrong):
        raise InvalidInput(f"{place}, row {wrong[0] + 1}", sessions[wrong[0]], "sessions count from 1")
    return np.log(sessions)


@dataclass(frozen=True)
class FixedColumn:
    """One unpenalised column: a product of covariates' columns, centred and scaled over the fitted rows."""

    name: str
    parts: tuple[tuple[int, int], ...]  # (covariate, its part); empty for the intercept
    mean: float
    scale: float


@dataclass(frozen=True)
class RandomTerm:
    """A grouping with its own variance: one value a row, at one of ``size`` levels.

    ``therapist``: the therapist herself (no covariate), a slope of a number (value times level), or of a text
    (every therapist-level pair that was seen is a level, ``pairs`` holds therapist * n_levels + level, sorted).

    With ``knots`` (days) it is a drift (``matcher.alliance.drift``): the covariate is a moment, and a row has a value
    at one level a knot, of all therapists together or of its own.
    """

    name: str
    covariate: int | None
    by_therapist: bool
    size: int
    pairs: tuple[int, ...] = ()
    knots: tuple[float, ...] = ()
    pace: float = 0.0

    @property
    def width(self) -> int:
        """How many values a row has."""
        return max(len(self.knots), 1)

    def entries(self, therapist: Codes, covariate: Covariate | None, read: Floats | None) -> tuple[Codes, Floats]:
        """(level or -1, value) of each row, with a last axis of ``width``."""
        if not self.knots:
            level, value = self.located(therapist, covariate, read)
            return level[..., None], value[..., None]
        assert read is not None
        n = self.size // self.width
        own = therapist[..., None] if self.by_therapist else np.zeros((*therapist.shape, 1), dtype=np.int64)
        level = np.where(own >= 0, own.astype(np.int64) + n * np.arange(self.width), -1)
        return level, basis(np.broadcast_to(read, therapist.shape), self.knots, self.pace)

    def located(self, therapist: Codes, covariate: Covariate | None, read: Floats | None) -> tuple[Codes, Floats]:
        """(level or -1, value) of each row."""
        if covariate is None or read is None:
            return therapist, np.ones(therapist.shape)
        if not self.by_therapist:
            return codes_of(read), np.ones(read.shape)
        if covariate.levels is None:
            return therapist, covariate.standardised(read)
        return self._pair(therapist, codes_of(read), len(covariate.levels)), np.ones(read.shape)

    def _pair(self, therapist: Codes, level: Codes, n_levels: int) -> Codes:
        keys = np.where((therapist >= 0) & (level >= 0), therapist.astype(np.int64) * n_levels + level, -1)
        return found_in(np.asarray(self.pairs, dtype=np.int64), keys)


def codes_of(read: Floats) -> Codes:
    return np.where(np.isnan(read), -1, read).astype(np.int64)


def found_in(keys: Codes, wanted: Codes) -> Codes:
    """The place of each wanted key among the sorted keys, -1 where it is not there."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


@dataclass(frozen=True)
class Structure:
    """Every column and level of a fitted model; the border's columns are the random terms', the blocks', the fixed."""

    covariates: tuple[Covariate, ...]
    random: tuple[RandomTerm, ...]
    blocks: tuple[Block, ...]
    fixed: tuple[FixedColumn, ...]
    clients: tuple[str, ...]
    therapists: tuple[str, ...]

    @property
    def offsets(self) -> list[int]:
        """First border column of each random term, then of the dense columns."""
        return [0, *np.cumsum([term.size for term in self.random], dtype=int).tolist()]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The levels of each entry that a row has, term by term."""
        return tuple(term.size // term.width for term in self.random for _ in range(term.width))

    @property
    def log_scale(self) -> float:
        """Σ log scale of the unpenalised columns."""
        return float(np.sum(np.log([column.scale for column in self.fixed])))

    def ranks_therapists(self, term: RandomTerm) -> bool:
        """Whether the term differs between therapists for one client."""
        return term.covariate is None or term.by_therapist or self.covariates[term.covariate].side in (MATCH, THERAPIST)

    def sides(self, column: FixedColumn) -> set[str]:
        return {self.covariates[at].side for at, _ in column.parts}

    @property
    def n_dense(self) -> int:
        """How many columns the blocks and the unpenalised effects have together."""
        return sum(block.size for block in self.blocks) + len(self.fixed)

    def dense_matrix(self, read: list[Floats], n: int) -> Floats:
        """(n, n_dense) columns of the blocks, then the unpenalised ones, all centred and scaled."""
        matrix = np.empty((n, self.n_dense))
        at = 0
        for block in self.blocks:
            matrix[:, at : at + block.size] = block.columns(self.covariates, read)
            at += block.size
        for place, column in enumerate(self.fixed, start=at):
            matrix[:, place] = (product(self.covariates, column.parts, read, n) - column.mean) / column.scale
        return matrix

    def ranking(self) -> Codes:
        """Which dense columns differ between therapists for one client, (n_dense,) of 0 and 1."""
        sides = [(block.sides(self.covariates), block.size) for block in self.blocks]
        sides += [(self.sides(column), 1) for column in self.fixed]
        return np.concatenate([np.repeat(int(bool(of & {MATCH, THERAPIST})), size) for of, size in sides])


def product(
    covariates: tuple[Covariate, ...], parts: tuple[tuple[int, int], ...], read: list[Floats], n: int
) -> Floats:
    """The product of covariates' columns, all ones for no parts."""
    found = np.ones(n)
    for at, part in parts:
        found = found * covariates[at].column(read[at], part)
    return found
