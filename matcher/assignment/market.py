"""What is still to be decided: open clients, open pairs, free places, and what each choice is worth in whole units.

Whole units make sums exact, so that two optima are equal or not, and a proof leaves no doubt. A unit is a power of ten:
a billionth of the largest score or a little more, and coarser only where a list is so long that sums would leave
float64.

What comes first weighs more than all that comes later together: one more client placed, then one client more at the
fairness floor, then scores, waiting and balance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.assignment import waiting
from matcher.assignment.settled import NOBODY
from matcher.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.assignment.problem import AssignmentProblem

Rows = NDArray[np.int64]
Codes = NDArray[np.int32]
Whole = NDArray[np.int32] | NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FINEST = 10**9  # units of the largest number
EXACT = 2**51  # whole numbers below add up exactly in float64, in which the solver counts
BLOCK = 2**20  # pairs that are looked at together


@dataclass(frozen=True, eq=False)
class Market:
    """Clients and pairs that are open.

    ``client`` (n,) are rows of the problem; ``first`` (n + 1,), ``therapist`` and ``worth`` are pairs by client as in
    the problem, ``worth`` in units. ``places`` (m,) are free places; those of therapist ``t`` cost
    ``step[step_first[t]]`` units and on, never falling. ``unplaced`` (n,) is the cost of leaving a client unplaced.
    ``least`` is the lowest worth and ``span`` the distance to the highest, where nobody is below the floor.
    """

    client: Rows
    first: Rows
    therapist: Codes
    worth: Whole
    places: Rows
    step_first: Rows
    step: Rows
    unplaced: Rows
    least: int
    span: int
    unit: float

    @property
    def n_clients(self) -> int:
        return len(self.client)

    def blocks(self) -> Iterator[tuple[int, int]]:
        """Clients in runs of about BLOCK pairs, as first and one past last."""
        start = 0
        while start < self.n_clients:
            end = int(np.searchsorted(self.first, self.first[start] + BLOCK, side="right")) - 1
            end = min(max(end, start + 1), self.n_clients)
            yield start, end
            start = end


def market(problem: AssignmentProblem, *, floored: bool = True) -> Market:
    """What locks and exclusions leave open, in units; without the fairness floor where it is not ``floored``.

    Raises InvalidInput where a floor meets negative scores.
    """
    client, first, therapist, score = open_pairs(problem)
    places = np.minimum(problem.settled.places, np.bincount(therapist, minlength=problem.n_therapists))
    balance = _balance(problem, places)
    later, start = _waiting(problem, client)
    floor = problem.conditions.fairness_floor if floored else None
    unit = _unit(max(_largest(part) for part in (score, later, start, balance)), len(client), twice=floor is not None)
    step, unplaced = np.rint(balance / unit).astype(np.int64), np.rint(later / unit).astype(np.int64)
    worth = _in_units(score, unit) if not len(start) else _with_start(score, start, first, therapist, unit)
    least, span = (int(worth.min()), int(np.ptp(worth))) if len(worth) else (0, 0)
    all_else = len(client) * (span + int(_largest(step) + _largest(unplaced))) + 1
    if floor is not None:
        worth = worth - _below_floor(problem, client, first, score, floor) * np.int64(all_else)
        all_else += len(client) * all_else
    return Market(
        client, first, therapist, worth, places, _starts(places), step, unplaced + all_else, least, span, unit
    )  # fmt: skip


def open_pairs(problem: AssignmentProblem) -> tuple[Rows, Rows, Codes, Floats]:
    """Open clients, and their pairs that are neither excluded nor with somebody who is left out or has no place."""
    settled = problem.settled
    is_open = ~settled.out & (settled.locked == NOBODY)
    if is_open.all() and not len(settled.barred) and (settled.places > 0).all():
        return np.arange(problem.n_clients), problem.first, problem.therapist, problem.score
    kept = np.repeat(is_open, np.diff(problem.first)) & (settled.places > 0)[problem.therapist]
    kept[settled.barred] = False
    before = np.concatenate([[0], np.cumsum(kept)])
    counts = np.diff(before[problem.first])[is_open]
    return np.flatnonzero(is_open), _starts(counts), problem.therapist[kept], problem.score[kept]


def best_of(first: Rows, values: NDArray[np.generic], empty: float) -> Floats:
    """The largest value of each client's pairs, ``empty`` for a client without any."""
    found = np.full(len(first) - 1, empty)
    some = np.flatnonzero(np.diff(first))
    if len(some):
        found[some] = np.maximum.reduceat(values, first[some])
    return found


def own_best(problem: AssignmentProblem) -> Floats:
    """Each client's best score among the pairs that requirements and exclusions leave, places or not; else NaN."""
    settled = problem.settled
    score = np.where(settled.closed[problem.therapist], -np.inf, problem.score)
    score[settled.barred] = -np.inf
    best = best_of(problem.first, score, -np.inf)
    return np.where(best == -np.inf, np.nan, best)


def is_below(score: Floats | float, best: Floats | float, floor: float) -> Flags:
    """Whether a score is less than a share of the client's own best."""
    return np.asarray(np.asarray(score) < floor * np.asarray(best) * (1 - 1e-12))


def _below_floor(problem: AssignmentProblem, client: Rows, first: Rows, score: Floats, floor: float) -> Flags:
    """Open pairs below the floor. Raises InvalidInput for scores below 0."""
    if len(score) and score.min() < 0:
        raise InvalidInput("fairness_floor", floor, "a share of the best needs scores of 0 or more; leave it out")
    return is_below(score, np.repeat(own_best(problem)[client], np.diff(first)), floor)


def _waiting(problem: AssignmentProblem, client: Rows) -> tuple[Floats, Floats]:
    """What it costs each open client not to be placed now, and each pair's start; empty where waiting is not known."""
    asked = problem.conditions
    waited = np.array([asked.waited_days.get(problem.client_ids[row], 0.0) for row in client])
    if not asked.waiting_counts:
        return np.zeros(len(client)), np.zeros(0)
    if not asked.start_days:
        return waiting.cost(waited, asked.next_round_days), np.zeros(0)
    days = np.array([asked.start_days.get(id_, 0.0) for id_ in problem.therapist_ids])
    later = waiting.cost(waited, max(asked.next_round_days, float(days.max(initial=0.0))))
    return later, waiting.cost(waited[:, None], days[None, :])


def _balance(problem: AssignmentProblem, places: Rows) -> Floats:
    """What each free place costs: ``load_balance`` times the share of the caseload in its middle."""
    held = np.array([problem.conditions.held.get(id_, 0) for id_ in problem.therapist_ids], dtype=np.int64)
    caseload = held + problem.capacity
    in_use = held + np.bincount(problem.settled.locked[problem.settled.locked >= 0], minlength=len(held))
    therapist = np.repeat(np.arange(len(places)), places)
    nth = np.arange(len(therapist)) - np.repeat(_starts(places)[:-1], places)
    share = (in_use[therapist] + nth + 0.5) / np.maximum(caseload[therapist], 1)
    return np.asarray(problem.conditions.load_balance * share)


def _largest(numbers: Floats | Rows) -> float:
    return float(max(-numbers.min(), numbers.max())) if numbers.size else 0.0


def _starts(counts: Rows) -> Rows:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _unit(largest: float, n: int, twice: bool) -> float:
    """The finest power of ten at which numbers stay below FINEST and what outweighs them all below EXACT."""
    if largest == 0:
        return 1.0
    most = min(FINEST, EXACT / (8 * (n + 1) ** (2 if twice else 1)))
    return float(10.0 ** -math.floor(math.log10(most / largest)))


def _in_units(score: Floats, unit: float) -> Whole:
    worth = np.empty(len(score), dtype=np.int32)
    for start in range(0, len(score), BLOCK):
        part = slice(start, start + BLOCK)
        worth[part] = np.rint(score[part] / unit)
    return worth


def _with_start(score: Floats, start: Floats, first: Rows, therapist: Codes, unit: float) -> Whole:
    """Scores less what it costs the client to wait until the therapist's place opens."""
    client = np.repeat(np.arange(len(first) - 1), np.diff(first))
    return np.rint((score - start[client, therapist]) / unit).astype(np.int64)
