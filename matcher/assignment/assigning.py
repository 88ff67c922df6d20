"""``assign``: one problem, one policy, one result."""

from __future__ import annotations

from matcher.assignment.checks import priorities
from matcher.assignment.first_come import first_come
from matcher.assignment.market import market
from matcher.assignment.optimal import optimal
from matcher.assignment.outcome import Assignment
from matcher.assignment.problem import AssignmentProblem
from matcher.assignment.settled import NOBODY
from matcher.assignment.stable import stable
from matcher.errors import InvalidInput

POLICIES = ("optimal", "stable", "first-come")


def assign(problem: AssignmentProblem, policy: str = "optimal") -> Assignment:
    """Give a waiting list its therapists.

    Parameters
    ----------
    problem : AssignmentProblem
        Who waits, who has places, scores, and what else is asked. Locks stand under every policy, exclusions too.
    policy : str
        ``optimal`` places as many as can be placed, brings as many of them to the fairness floor as can be, and then
        makes the sum of scores less waiting and load balance as large as can be. ``stable`` leaves no client and
        therapist who would both rather have each other. ``first-come`` serves one after the other. The last two know
        neither floor nor balance.

    Returns
    -------
    Assignment
        A line for each client, with the reason where there is no therapist; under ``optimal`` with the proof. The same
        problem gives the same assignment.

    Raises
    ------
    InvalidInput
        For an unknown policy, or a fairness floor with negative scores.

    Notes
    -----
    ``optimal`` is exact in units of a billionth of the largest score. It maximises
    Σ (score_ct − waiting_ct) − Σ balance_tk over one therapist a client and ``capacity`` clients a therapist.

    References
    ----------
    Ford, Fulkerson (1962), Flows in networks. Gale, Shapley (1962), College admissions and the stability of marriage.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign
    >>> problem = AssignmentProblem.from_matrix(["a", "b"], ["x", "y"], [[0.9, 0.8], [0.7, 0.1]], [1, 1])
    >>> assign(problem).pairs, assign(problem, "first-come").pairs
    ({'a': 'y', 'b': 'x'}, {'a': 'x', 'b': 'y'})
    >>> assign(problem).proof.gap
    0
    """
    if policy not in POLICIES:
        raise InvalidInput("policy", policy, f"use one of: {', '.join(POLICIES)}")
    open_ = market(problem, floored=policy == "optimal")
    proof = None
    if policy == "optimal":
        found, proof = optimal(open_)
    elif policy == "stable":
        found = stable(open_, priorities(problem, open_))
    else:
        found = first_come(open_)
    choice = problem.settled.locked.copy()
    choice[open_.client] = found
    choice[problem.settled.out] = NOBODY
    return Assignment(problem, policy, choice, proof)
