"""How clients come and go at a clinic, and its pairs as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher import checks
from matcher.eligibility import flag, refusals
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Intake, Weights
from matcher.errors import InvalidInput
from matcher.factors.alliance import ALLIANCE
from matcher.factors.base import Circumstances
from matcher.factors.registry import FACTORS
from matcher.scarcity.arrivals import TYPICAL_COURSES, checked_courses
from matcher.scoring import factor_values, scores
from matcher.weights import normalised

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel


@dataclass(frozen=True)
class Flow:
    """How clients come to a clinic and go.

    Parameters
    ----------
    arrivals_per_week : float
        New intakes a week, above 0 … 2,000.
    course_days : sequence of float
        Lengths of past courses in days, 1 … 3,650, each standing for as many as the next. The default is a guess.
    caseload : mapping of therapist id to int
        How many clients each therapist sees now, 0 … 1,000; whoever is not named sees nobody. Their places are these
        and those that are free (``Therapist.capacity``).

    Examples
    --------
    >>> from matcher import Flow
    >>> flow = Flow(arrivals_per_week=2, course_days=(28, 84), caseload={"ana": 3})
    >>> flow.mean_course_days, flow.load(n_places=20)
    (56.0, 0.8)
    """

    arrivals_per_week: float
    course_days: Sequence[float] = TYPICAL_COURSES
    caseload: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks.between(self.arrivals_per_week, "arrivals_per_week", 0, 2_000)
        if self.arrivals_per_week == 0:
            raise InvalidInput("arrivals_per_week", 0, "expected a number above 0")
        checked_courses(self.course_days)
        for therapist_id, n_clients in self.caseload.items():
            checks.whole(n_clients, f"caseload.{therapist_id}", 0, 1_000)

    @property
    def mean_course_days(self) -> float:
        """Days of a mean course."""
        return float(checked_courses(self.course_days).mean())

    def load(self, n_places: int) -> float:
        """The share of so many places that would be taken on average if all who come were placed."""
        return self.arrivals_per_week / 7 * self.mean_course_days / n_places

    def busy(self, directory: Directory) -> NDArray[np.int64]:
        """(m,) how many clients each therapist sees now; InvalidInput for somebody who is not in the directory."""
        found = np.zeros(len(directory), dtype=np.int64)
        for therapist_id, n_clients in self.caseload.items():
            row = directory.row(therapist_id)
            if row is None:
                raise InvalidInput("caseload", therapist_id, "no such therapist is in the directory")
            found[row] = n_clients
        return found


@dataclass(frozen=True, eq=False)
class Pairs:
    """``score`` and ``alliance`` of every pair (n, m), NaN where a hard requirement other than a free place fails.

    ``alliance`` is the alliance factor, 0 … 1; without a model it is the score. ``rows`` (n,) says which of the clients
    they were made of each row is.
    """

    score: Floats
    alliance: Floats
    rows: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp]) -> Pairs:
        """Of some clients."""
        return Pairs(self.score[rows], self.alliance[rows], self.rows[rows])


def pairs_of(
    intakes: Iterable[Intake],
    directory: Directory,
    weights: Weights,
    model: ClinicModel | None,
    today: date | None,
) -> Pairs:
    """The pairs of some clients, as ``rank`` scores them; those who can see nobody at all are left out."""
    people = tuple(intakes)
    if not people or not len(directory):
        nobody = np.zeros((0, len(directory)))
        return Pairs(nobody, nobody, np.zeros(0, dtype=np.intp))
    clients, own = ClientArrays.of(people), normalised(weights.values, version=weights.version)
    standing = None if model is None else model.standing(clients, directory)
    values = factor_values(clients, directory, Circumstances(today, standing))
    can = refusals(clients, directory) & ~np.uint32(flag("capacity")) == 0
    score = np.where(can, scores(values, own), np.nan)
    at = [factor.code for factor in FACTORS].index(ALLIANCE.code)
    alliance = score if model is None else np.where(can, values[at], np.nan)
    some = np.flatnonzero(can.any(axis=1))
    return Pairs(score[some], alliance[some], some)
