"""Checks of a result that need no solver: what it breaks, what its prices prove, and who would rather change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.assignment.market import Market, market
from matcher.assignment.proof import Proof, proved
from matcher.assignment.settled import NOBODY
from matcher.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.assignment.outcome import Assignment
    from matcher.assignment.problem import AssignmentProblem

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that no assignment may do: its ``code`` and whom it concerns, None where it is nobody.

    ``over_capacity`` (more clients than places), ``not_allowed`` (a hard requirement forbids the pair), ``excluded``
    (the pair or one of the two is left out), ``lock_broken`` (a locked client is elsewhere or nowhere).
    """

    code: str
    client_id: str | None
    therapist_id: str | None


def breaches(assignment: Assignment) -> tuple[Breach, ...]:
    """Everything that an assignment breaks: capacities, hard requirements, locks and exclusions.

    Parameters
    ----------
    assignment : Assignment
        A result, from whatever policy.

    Returns
    -------
    tuple of Breach
        Empty where all is kept. Therapists over capacity first, then clients in their order.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import Assignment, AssignmentProblem, assign, breaches
    >>> problem = AssignmentProblem.from_matrix(["a", "b"], ["x"], [[0.9], [0.8]], [1])
    >>> breaches(assign(problem))
    ()
    >>> breaches(Assignment(problem, "by hand", np.array([0, 0])))
    (Breach(code='over_capacity', client_id=None, therapist_id='x'),)
    """
    return (*_over_capacity(assignment), *_forbidden(assignment))


def _over_capacity(assignment: Assignment) -> Iterator[Breach]:
    problem, choice = assignment.problem, assignment.choice
    used = np.bincount(choice[choice != NOBODY], minlength=problem.n_therapists)
    for therapist in np.flatnonzero(used > problem.capacity).tolist():
        yield Breach("over_capacity", None, problem.therapist_ids[therapist])


def _forbidden(assignment: Assignment) -> Iterator[Breach]:
    problem, settled = assignment.problem, assignment.problem.settled
    barred = set(settled.barred.tolist())
    for client, therapist in enumerate(assignment.choice.tolist()):
        client_id = problem.client_ids[client]
        therapist_id = None if therapist == NOBODY else problem.therapist_ids[therapist]
        if settled.locked[client] not in (NOBODY, therapist):
            yield Breach("lock_broken", client_id, therapist_id)
        if therapist == NOBODY:
            continue
        at = problem.pair(client, therapist)
        if at is None:
            yield Breach("not_allowed", client_id, therapist_id)
        elif settled.out[client] or settled.closed[therapist] or at in barred:
            yield Breach("excluded", client_id, therapist_id)


def proof_of(assignment: Assignment, prices: ArrayLike | None = None) -> Proof:
    """What prices prove of an assignment, worked out anew from the problem in one pass, without a solver.

    Parameters
    ----------
    assignment : Assignment
        A result, from whatever policy.
    prices : array of int, (n_therapists,), or None
        Prices of a place in units, for instance another result's; None for the assignment's own.

    Returns
    -------
    Proof
        With a ``gap`` of 0 the assignment is optimal; else none is better by more than ``gap`` units, for these prices.

    Raises
    ------
    InvalidInput
        Where there are no prices, or not one whole number a therapist.

    Notes
    -----
    bound(p) = Σ_c max(−unplaced_c, max_t (worth_ct − p_t)) + Σ_t Σ_k max(0, p_t − step_tk), over open clients
    and places.

    References
    ----------
    Kuhn (1955), The Hungarian method for the assignment problem, Naval Research Logistics Quarterly 2.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign, proof_of
    >>> problem = AssignmentProblem.from_matrix(["a", "b"], ["x", "y"], [[0.9, 0.8], [0.7, 0.1]], [1, 1])
    >>> best = assign(problem)
    >>> proof = proof_of(assign(problem, "first-come"), best.proof.prices)
    >>> proof_of(best).gap, round(proof.gap * proof.unit, 6)
    (0, 0.5)
    """
    problem = assignment.problem
    if prices is None and assignment.proof is None:
        raise InvalidInput("prices", None, "this result has none of its own; give those of an optimal one")
    given = np.asarray(prices if prices is not None or assignment.proof is None else assignment.proof.prices)
    if given.shape != (problem.n_therapists,) or given.dtype.kind not in "iu":
        mend = f"expected {problem.n_therapists} whole numbers in one row, one a therapist"
        raise InvalidInput("prices", given.shape, mend)
    open_ = market(problem)
    return proved(open_, assignment.choice[open_.client], given.astype(np.int64))


def blocking_pairs(assignment: Assignment) -> tuple[tuple[str, str], ...]:
    """Clients and therapists who would both rather have each other; none under ``stable``.

    Parameters
    ----------
    assignment : Assignment
        A result, from whatever policy.

    Returns
    -------
    tuple of (client id, therapist id)
        Open pairs in the order of clients. The client has nobody or somebody of lower score; the therapist has a free
        place, or a client who stands lower with them (priority, then score, then who came first). Locked clients
        neither move nor give way.

    References
    ----------
    Gale, Shapley (1962), College admissions and the stability of marriage, American Mathematical Monthly 69.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign, blocking_pairs
    >>> problem = AssignmentProblem.from_matrix(["a", "b"], ["x", "y"], [[0.9, 0.8], [0.7, 0.1]], [1, 1])
    >>> blocking_pairs(assign(problem)), blocking_pairs(assign(problem, "stable"))
    ((('a', 'x'),), ())
    """
    problem = assignment.problem
    open_ = market(problem, floored=False)
    choice, priority = assignment.choice[open_.client], priorities(problem, open_)
    client = np.repeat(np.arange(open_.n_clients), np.diff(open_.first))
    worth = open_.worth.astype(np.int64)
    mine = open_.therapist == choice[client]
    own = np.full(open_.n_clients, np.iinfo(np.int64).min)
    own[client[mine]] = worth[mine]
    free = np.bincount(choice[choice != NOBODY], minlength=problem.n_therapists) < problem.settled.places
    would = (worth > own[client]) & (free[open_.therapist] | _stands_higher(open_, client, worth, mine, priority))
    ids, names = problem.client_ids, problem.therapist_ids
    at = np.flatnonzero(would)
    return tuple(
        (ids[row], names[therapist])
        for row, therapist in zip(open_.client[client[at]].tolist(), open_.therapist[at].tolist(), strict=True)
    )


def priorities(problem: AssignmentProblem, open_: Market) -> Floats:
    """The priority of each open client."""
    return np.array([problem.conditions.priority.get(problem.client_ids[row], 0.0) for row in open_.client])


def _stands_higher(open_: Market, client: Rows, worth: Rows, mine: Flags, priority: Floats) -> Flags:
    """For each pair, whether its client stands higher with the therapist than the lowest of those who are there."""
    order = np.lexsort((client, -worth, -priority[client], open_.therapist))
    standing = np.empty(len(order), dtype=np.int64)
    standing[order] = np.arange(len(order))  # among the pairs of one therapist, the lower stands higher
    lowest = np.full(len(open_.places), -1)
    np.maximum.at(lowest, open_.therapist[mine], standing[mine])
    return np.asarray(standing < lowest[open_.therapist])
