"""A questionnaire as data: its items, what each answer is worth, and what a score means."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from matcher import checks
from matcher.errors import InvalidInput
from matcher.sources import Source

SCORINGS = ("sum", "mean")
DIRECTIONS = ("higher", "lower")
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that can be chosen: what it is worth, and its words (empty where a number says it)."""

    value: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A question. One that is not ``scored`` stands apart from the score; ``reverse`` turns its answers around."""

    id: str
    words: str
    answers: tuple[Answer, ...]
    reverse: bool = False
    scored: bool = True

    @property
    def lowest(self) -> float:
        """The smallest value that it can have."""
        return min(answer.value for answer in self.answers)

    @property
    def top(self) -> float:
        """The largest value that it can have."""
        return max(answer.value for answer in self.answers)

    def worth(self, value: float) -> float:
        """What an answer counts: itself, or lowest + top − itself for an item that is turned around."""
        return self.lowest + self.top - value if self.reverse else value


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores that goes by one name, from ``lowest`` up to the next band."""

    code: str
    lowest: float
    words: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How far scores lie apart between people (``sd``), how reliable one is (0 … 1), and where both are from."""

    sd: float
    reliability: float
    source: Source


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire: what it asks, how it is scored, and what its scores mean.

    Parameters
    ----------
    code, version : str
        What it goes by; the two together name it.
    title : str
        What people call it.
    lead : str
        What stands before the items.
    items : tuple of Item
        The questions in their order; those that are not ``scored`` stand apart from the score.
    scoring : {"sum", "mean"}
        Whether the answers are added or averaged.
    lowest, top : float
        The range of the score. It has to be the one that the items reach.
    better : {"lower", "higher"}
        Which way is better.
    bands : tuple of Band
        Names for ranges of scores, from the lowest up; may be empty.
    n_required : int
        So many scored items must be answered; with fewer there is no score.
    safety_items : tuple of str
        Items at which any answer above their lowest has to reach a person.
    ceiling : float or None
        The score beyond which the scale cannot tell better from best. None: the good end of the range.
    unit : float
        The sum or mean is divided by it, so that sliders of ten steps come to lie in [0, 1].
    spread : Spread or None
        What reliable change is judged by. None: nobody has measured it, and no change is called reliable.
    attribution, licence : str
        By whom it is, and under which terms it may be shown.
    is_validated : bool
        Whether studies have shown that it measures what it is meant to.

    Raises
    ------
    InvalidInput
        For items that stand there twice or without a choice, an unknown scoring or direction, a range that the items
        do not reach, bands that do not rise from ``lowest``, or figures outside of their range.

    Notes
    -----
    lowest = Σ_i lowest_i / unit and top = Σ_i top_i / unit over the scored items i, both divided by their number where
    the scoring is "mean".

    Examples
    --------
    >>> from matcher import Instrument
    >>> from matcher.measures import Answer, Item
    >>> sleep = Item("1", "How did you sleep?", (Answer(0, "badly"), Answer(1, "well")))
    >>> Instrument("sleep", "1", "Sleep", "", (sleep,), "sum", 0, 1, "higher", n_required=1).best
    1
    """

    code: str
    version: str
    title: str
    lead: str
    items: tuple[Item, ...]
    scoring: str
    lowest: float
    top: float
    better: str
    bands: tuple[Band, ...] = ()
    n_required: int = 1
    safety_items: tuple[str, ...] = ()
    ceiling: float | None = None
    unit: float = 1.0
    spread: Spread | None = None
    attribution: str = ""
    licence: str = ""
    is_validated: bool = True

    def __post_init__(self) -> None:
        _one_of(self.scoring, SCORINGS, "scoring")
        _one_of(self.better, DIRECTIONS, "better")
        _check_items(self.items)
        _check_range(self)
        _check_bands(self)
        checks.whole(self.n_required, "n_required", 1, len(self.scored))
        if self.ceiling is not None:
            checks.between(self.ceiling, "ceiling", self.lowest, self.top)
        if self.spread is not None:
            _check_spread(self.spread)
        for key in self.safety_items:
            if self.item(key) is None:
                raise InvalidInput("safety_items", key, "no item has this id")

    @property
    def scored(self) -> tuple[Item, ...]:
        """The items that make up the score."""
        return tuple(item for item in self.items if item.scored)

    @property
    def best(self) -> float:
        """The good end of the range."""
        return self.lowest if self.better == "lower" else self.top

    def item(self, key: str) -> Item | None:
        """The item with an id."""
        return next((item for item in self.items if item.id == key), None)


def reach(items: Iterable[Item], scoring: str, unit: float = 1.0) -> tuple[float, float]:
    """The lowest and the highest score to which scored items can come."""
    scored = [item for item in items if item.scored]
    by = unit * (len(scored) if scoring == "mean" else 1)
    return math.fsum(item.lowest for item in scored) / by, math.fsum(item.top for item in scored) / by


def _one_of(value: str, known: tuple[str, ...], name: str) -> None:
    if value not in known:
        raise InvalidInput(name, value, f"expected one of {', '.join(known)}")


def _check_items(items: tuple[Item, ...]) -> None:
    again = [key for key, n in Counter(item.id for item in items).items() if n > 1]
    if again:
        raise InvalidInput("items", again[0], "two items have this id; give each its own")
    if not any(item.scored for item in items):
        raise InvalidInput("items", len(items), "at least one item has to be scored")
    for item in items:
        values = [answer.value for answer in item.answers]
        for value in values:
            checks.finite(value, f"items.{item.id}.answers")
        if len(set(values)) < 2 or len(set(values)) < len(values):
            raise InvalidInput(f"items.{item.id}.answers", len(values), "give at least two answers of different value")


def _check_range(instrument: Instrument) -> None:
    checks.finite(instrument.unit, "unit")
    if instrument.unit <= 0:
        raise InvalidInput("unit", instrument.unit, "expected a number above 0")
    found = reach(instrument.items, instrument.scoring, instrument.unit)
    for name, value, reached in zip(("lowest", "top"), (instrument.lowest, instrument.top), found, strict=True):
        checks.finite(value, name)
        if abs(value - reached) > SLACK * max(1.0, abs(reached)):
            raise InvalidInput(name, value, f"the items reach {reached:g}; correct the range or the answers")


def _check_bands(instrument: Instrument) -> None:
    starts = [band.lowest for band in instrument.bands]
    if starts and (starts[0] != instrument.lowest or starts != sorted(set(starts)) or starts[-1] > instrument.top):
        raise InvalidInput("bands", starts, f"begin at {instrument.lowest:g} and rise to at most {instrument.top:g}")


def _check_spread(spread: Spread) -> None:
    checks.finite(spread.sd, "spread.sd")
    if spread.sd <= 0:
        raise InvalidInput("spread.sd", spread.sd, "expected a number above 0")
    checks.finite(spread.reliability, "spread.reliability")
    if not 0 <= spread.reliability < 1:
        raise InvalidInput("spread.reliability", spread.reliability, "expected a number from 0 to below 1")
