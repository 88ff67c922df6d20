"""What an assignment comes to as a whole, and who is better off than under another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.assignment.regret import Regret, regrets
from matcher.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.assignment.outcome import Assignment


@dataclass(frozen=True, slots=True)
class Totals:
    """``n_placed`` of ``n_clients``, the sum of their scores, and how near each is to the own best.

    ``share_of_best`` is the mean of score / best score over clients with somebody open and a best above 0, 0 for
    whoever has nobody; ``worst_tenth`` the same over the worst-off tenth of them; None where there is nobody to count.
    ``n_first_choice`` have their own best.
    """

    n_clients: int
    n_placed: int
    total_score: float
    share_of_best: float | None
    worst_tenth: float | None
    n_first_choice: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results of one list: the totals of each, and who is better and worse off in the first."""

    totals: Totals
    other: Totals
    better: tuple[str, ...]
    worse: tuple[str, ...]


def compared(assignment: Assignment, other: Assignment) -> Comparison:
    """The totals of two results for the same clients, and who gains and who loses by the first.

    Parameters
    ----------
    assignment, other : Assignment
        Results for the same clients in the same order, for instance of ``optimal`` and of ``first-come``.

    Returns
    -------
    Comparison
        A client is better off with a higher score, or with somebody rather than nobody.

    Raises
    ------
    InvalidInput
        Where the clients are not the same.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign, compared
    >>> problem = AssignmentProblem.from_matrix(["a", "b"], ["x", "y"], [[0.9, 0.8], [0.7, 0.1]], [1, 1])
    >>> found = compared(assign(problem), assign(problem, "first-come"))
    >>> round(found.totals.total_score, 6), round(found.other.total_score, 6), found.better, found.worse
    (1.5, 1.0, ('b',), ('a',))
    """
    if assignment.problem.client_ids != other.problem.client_ids:
        raise InvalidInput("other", len(other), "expected a result for the same clients in the same order")
    ours, theirs = regrets(assignment), regrets(other)
    changes = [(mine.client_id, _standing(mine) - _standing(line)) for mine, line in zip(ours, theirs, strict=True)]
    return Comparison(
        _totals(ours),
        _totals(theirs),
        tuple(client_id for client_id, change in changes if change > 0),
        tuple(client_id for client_id, change in changes if change < 0),
    )


def totals(assignment: Assignment) -> Totals:
    """What an assignment comes to as a whole.

    Parameters
    ----------
    assignment : Assignment
        A result, from whatever policy.

    Returns
    -------
    Totals
        Counts, the sum of scores, and the shares of their own best that clients come to.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign, totals
    >>> found = totals(assign(AssignmentProblem.from_matrix(["a", "b"], ["x"], [[0.9], [0.8]], [1])))
    >>> found.n_placed, found.total_score, found.share_of_best
    (1, 0.9, 0.5)
    """
    return _totals(regrets(assignment))


def _totals(lines: tuple[Regret, ...]) -> Totals:
    shares = sorted((line.score or 0.0) / line.best_score for line in lines if line.best_score and line.best_score > 0)
    worst = shares[: math.ceil(len(shares) / 10)]
    return Totals(
        n_clients=len(lines),
        n_placed=sum(line.therapist_id is not None for line in lines),
        total_score=math.fsum(line.score or 0.0 for line in lines),
        share_of_best=math.fsum(shares) / len(shares) if shares else None,
        worst_tenth=math.fsum(worst) / len(worst) if worst else None,
        n_first_choice=sum(line.regret == 0 for line in lines),
    )


def _standing(line: Regret) -> float:
    return -math.inf if line.score is None else line.score
