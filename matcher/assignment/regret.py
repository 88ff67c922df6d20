"""Each client's result against their own best, and why it is not that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matcher.assignment.market import is_below, own_best
from matcher.assignment.settled import NOBODY

if TYPE_CHECKING:
    from matcher.assignment.outcome import Assignment

CAUSES = ("left_out", "locked", "no_place", "locked_places", "floor", "needed", "balance", "waiting", "order")


@dataclass(frozen=True, slots=True)
class Regret:
    """How far a client is from the best therapist that requirements and exclusions leave them, and why.

    ``regret`` is ``best_score`` − ``score``, 0 for whoever has their best, None for whoever has nobody (the reason says
    why). ``cause``, where there is regret:

    | code | the best therapist … |
    |---|---|
    | ``left_out`` | was not asked: the client is left out |
    | ``locked`` | was not asked: the client is locked to another |
    | ``no_place`` | has no place |
    | ``locked_places`` | has only clients who are locked there (``others``) |
    | ``floor`` | has ``others`` who would fall below the floor if the two changed places, though scores would gain |
    | ``needed`` | is full: ``others`` have the places |
    | ``balance`` | has a place, which load balance keeps free |
    | ``waiting`` | has a place that opens too late |
    | ``order`` | has a place; the policy came to another |
    """

    client_id: str
    therapist_id: str | None
    score: float | None
    best_therapist_id: str | None
    best_score: float | None
    regret: float | None
    cause: str | None = None
    others: tuple[str, ...] = ()


def regrets(assignment: Assignment) -> tuple[Regret, ...]:
    """Each client's result against their own best, with the cause of the difference.

    Parameters
    ----------
    assignment : Assignment
        A result, from whatever policy.

    Returns
    -------
    tuple of Regret
        One a client, in their order. Regret is in points of the score, 0 or more; of several equal bests the one who
        stands first in the problem is named, or the client's own.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign, regrets
    >>> problem = AssignmentProblem.from_matrix(["a", "b"], ["x", "y"], [[0.9, 0.8], [0.7, 0.1]], [1, 1])
    >>> [(line.client_id, round(line.regret, 6), line.cause, line.others) for line in regrets(assign(problem))]
    [('a', 0.1, 'needed', ('b',)), ('b', 0.0, None, ())]
    """
    holders: dict[int, list[int]] = {}
    for client, therapist in enumerate(assignment.choice.tolist()):
        holders.setdefault(therapist, []).append(client)
    barred = np.zeros(assignment.problem.n_pairs, dtype=np.bool_)
    barred[assignment.problem.settled.barred] = True
    return tuple(_regret(assignment, client, holders, barred) for client in range(len(assignment)))


def below_floor(assignment: Assignment) -> tuple[str, ...]:
    """Clients whom the fairness floor could not be kept for: placed below their share of their own best.

    Parameters
    ----------
    assignment : Assignment
        A result of a problem with a fairness floor; without one nobody is below it.

    Returns
    -------
    tuple of str
        Client ids, in their order. Whoever has nobody is not among them, nor whoever is locked.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign, below_floor
    >>> scores = [[0.9, 0.1], [0.9, 0.2]]
    >>> below_floor(assign(AssignmentProblem.from_matrix(["a", "b"], ["x", "y"], scores, [1, 1], fairness_floor=0.5)))
    ('b',)
    """
    floor = assignment.problem.conditions.fairness_floor
    if floor is None:
        return ()
    lines = zip(assignment, own_best(assignment.problem).tolist(), strict=True)
    return tuple(
        line.client_id
        for line, best in lines
        if line.score is not None and not line.locked and is_below(line.score, best, floor)
    )


def _regret(assignment: Assignment, client: int, holders: dict[int, list[int]], barred: np.ndarray) -> Regret:
    problem, line = assignment.problem, assignment.line(client)
    part = slice(*problem.first[client : client + 2].tolist())
    therapists = problem.therapist[part]
    scores = np.where(barred[part] | problem.settled.closed[therapists], -np.inf, problem.score[part])
    if not len(scores) or scores.max() == -np.inf:
        return Regret(line.client_id, line.therapist_id, line.score, None, None, None if line.score is None else 0.0)
    best, best_score = int(therapists[np.argmax(scores)]), float(scores.max())
    if line.score is not None and line.score >= best_score:
        return Regret(line.client_id, line.therapist_id, line.score, line.therapist_id, line.score, 0.0)
    cause, others = _cause(assignment, client, best, holders.get(best, []))
    return Regret(
        line.client_id, line.therapist_id, line.score, problem.therapist_ids[best], best_score,
        None if line.score is None else best_score - line.score, cause,
        tuple(problem.client_ids[other] for other in others),
    )  # fmt: skip


def _cause(assignment: Assignment, client: int, best: int, holders: list[int]) -> tuple[str, list[int]]:
    problem, settled = assignment.problem, assignment.problem.settled
    if settled.out[client]:
        return "left_out", []
    if settled.locked[client] != NOBODY:
        return "locked", []
    if problem.capacity[best] == 0:
        return "no_place", []
    if len(holders) < problem.capacity[best]:
        asked = problem.conditions
        return ("balance" if asked.load_balance else "waiting" if asked.start_days else "order"), []
    movable = [other for other in holders if settled.locked[other] == NOBODY]
    if not movable:
        return "locked_places", holders
    kept = [other for other in movable if _kept_by_floor(assignment, client, other)]
    return ("floor", kept) if kept else ("needed", movable)


def _kept_by_floor(assignment: Assignment, client: int, other: int) -> bool:
    """Whether a change of places would gain in scores, and put the other below the floor."""
    problem, floor = assignment.problem, assignment.problem.conditions.fairness_floor
    here, there = int(assignment.choice[client]), int(assignment.choice[other])
    ways = [(client, here), (other, there), (client, there), (other, here)]
    at = [problem.pair(*way) if NOBODY not in way else None for way in ways]
    if floor is None or None in at:
        return False
    own, theirs, mine_there, theirs_here = (float(problem.score[place]) for place in at if place is not None)
    best = float(own_best(problem)[other])
    return mine_there + theirs_here > own + theirs and bool(is_below(theirs_here, best, floor))
