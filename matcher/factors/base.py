"""What every factor is: arrays in, (clients, therapists) in [0, 1] out, with its source and its rule for silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.encoding.lines import Line, together
from matcher.entities import Outlook, Reason
from matcher.sources import Source

NEUTRAL = 0.5  # what a factor says where nothing is known: neither for nor against


@dataclass(frozen=True, eq=False)
class Circumstances:
    """What is known about pairs beyond the two profiles.

    ``today`` is the day of the ranking; without it the wait until an opening is left out. ``standing`` (clients,
    therapists) is the alliance model's contrast from typical in units of how much pairs differ; None without a model.
    """

    today: date | None = None
    standing: Floats | None = None

    def take(self, rows: NDArray[np.intp]) -> Circumstances:
        """For some therapists only."""
        return Circumstances(self.today, None if self.standing is None else self.standing[:, rows])


@dataclass(frozen=True, eq=False)
class Pair:
    """One client and one therapist that are to be explained: arrays of one row each, and the outlook, if any."""

    client: ClientArrays
    therapist: Directory
    circumstances: Circumstances
    outlook: Outlook | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a factor can say about a pair, and how much of the factor's value rests on it.

    ``part`` > 0 is a reason: what it adds above neutral. ``part`` < 0 is a caution: what it costs below the best.
    """

    part: float
    reason: Reason


Lines = Callable[[ClientArrays, Circumstances], Line]
Values = Callable[[ClientArrays, Directory, Circumstances], Floats]


@dataclass(frozen=True)
class Factor:
    """One part of the score.

    ``values`` gives (clients, therapists) in [0, 1] without NaN; ``remarks`` explains one pair. ``unit`` says what the
    value is a share of, ``direction`` what makes it rise, ``missing`` the rule for what was not said,
    ``default_weight`` how much it counts where the clinic did not choose, with ``why`` for that figure. ``line`` is the
    value of one client with any therapist whom the client did not name, as a sum over columns, so that an index finds
    the best without asking about every pair; a factor without one is taken to be 1 until it is asked.
    """

    code: str
    values: Values
    remarks: Callable[[Pair], tuple[Remark, ...]]
    sources: tuple[Source, ...]
    unit: str
    direction: str
    missing: str
    default_weight: float
    why: str
    line: Lines | None = None


def neutral(clients: ClientArrays, directory: Directory) -> Floats:
    """Nothing known about any pair, shape (clients, therapists)."""
    return np.full((len(clients), len(directory)), NEUTRAL)


def mean_of_known(parts: list[tuple[Floats, Floats]]) -> Floats:
    """The weighted mean of (weights, values) over the parts that apply; NEUTRAL where none does.

    Each weight is ≥ 0 and broadcasts to its value; a part with weight 0 does not apply, and its value may be NaN.
    """
    total = sum(weight for weight, _ in parts)
    summed = sum(np.where(weight > 0, weight * value, 0.0) for weight, value in parts)
    applies = np.asarray(total) > 0
    return np.where(applies, summed / np.where(applies, total, 1.0), NEUTRAL)


def mean_of_lines(parts: list[tuple[float, Line]]) -> Line:
    """``mean_of_known`` of one client's lines."""
    total = sum(weight for weight, _ in parts)
    return together(line.times(weight / total) for weight, line in parts if weight) if total else Line(NEUTRAL)


def known_or_neutral(values: NDArray[np.float64]) -> Floats:
    """NaN, "not said", becomes neutral."""
    return np.where(np.isnan(values), NEUTRAL, values)
