"""Who cannot be placed, and why: reasons for each client, and the places that are short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.market import best_of, open_pairs
from matcher.assignment.settled import NOBODY

if TYPE_CHECKING:
    from matcher.assignment.outcome import Assignment
    from matcher.assignment.problem import AssignmentProblem

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shortage:
    """Clients who compete for too few places: between them they can see these therapists only.

    ``n_places`` are all the places of these therapists that locks leave, all of them taken; ``n_missing`` is how many
    more would place everybody named (Hall's theorem: without a change to who may see whom, fewer will not do).
    """

    client_ids: tuple[str, ...]
    therapist_ids: tuple[str, ...]
    n_places: int
    n_missing: int


def reasons(problem: AssignmentProblem, choice: Rows) -> tuple[str | None, ...]:
    """The code of the reason for each client who is not placed, None for one who is."""
    found: list[str | None] = [None] * problem.n_clients
    unplaced = np.flatnonzero(choice == NOBODY)
    if not len(unplaced):
        return tuple(found)
    network = _network(problem, choice)
    n_open, leads = np.zeros(problem.n_clients, dtype=np.int64), np.zeros(problem.n_clients, dtype=np.bool_)
    n_open[network.client] = np.diff(network.first)
    leads[network.client] = _leads_to_place(network)
    for row in unplaced.tolist():
        if problem.settled.out[row]:
            found[row] = "left_out"
        elif problem.first[row] == problem.first[row + 1]:
            found[row] = "nobody_allowed"
        elif not n_open[row]:
            found[row] = "nobody_open"
        else:
            found[row] = "taken" if leads[row] else "too_few_places"
    return tuple(found)


def shortages(assignment: Assignment) -> tuple[Shortage, ...]:
    """Groups of clients with fewer places than people: what a coordinator would have to open.

    Parameters
    ----------
    assignment : Assignment
        Under ``optimal`` everybody with the reason ``too_few_places`` is in one group; under another policy the same
        people are, and those with the reason ``taken`` are not, since places are not short for them.

    Returns
    -------
    tuple of Shortage
        The largest lack first. Groups share neither clients nor therapists.

    References
    ----------
    Hall (1935), On representatives of subsets, Journal of the London Mathematical Society 10.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign, shortages
    >>> problem = AssignmentProblem.from_matrix(["a", "b", "c"], ["x"], [[0.9], [0.8], [0.7]], [2])
    >>> shortages(assign(problem))
    (Shortage(client_ids=('a', 'b', 'c'), therapist_ids=('x',), n_places=2, n_missing=1),)
    """
    problem = assignment.problem
    network = _network(problem, assignment.choice)
    clients, therapists = _held_up(network)
    if not clients.any():
        return ()
    labels = _connected(network, clients, therapists)
    groups = [_shortage(problem, network, labels == label) for label in np.unique(labels[: network.n_clients][clients])]
    return tuple(sorted(groups, key=lambda group: (-group.n_missing, group.client_ids)))


@dataclass(frozen=True, eq=False)
class _Network:
    """Open clients, their pairs, whom they have, and the therapists with a place that is still free."""

    client: Rows
    first: Rows
    therapist: Rows
    choice: Rows
    free: Flags

    @property
    def n_clients(self) -> int:
        return len(self.client)

    def of_pairs(self, clients: Flags) -> Flags:
        """For each pair, whether its client is one of these."""
        return np.repeat(clients, np.diff(self.first))


def _network(problem: AssignmentProblem, choice: Rows) -> _Network:
    client, first, therapist, _ = open_pairs(problem)
    mine = choice[client]
    used = np.bincount(mine[mine != NOBODY], minlength=problem.n_therapists)
    return _Network(client, first, therapist.astype(np.int64), mine, used < problem.settled.places)


def _leads_to_place(network: _Network) -> Flags:
    """Clients who could get a place if others moved on: chains of moves that end with a free place."""
    leads, placed = network.free.copy(), network.choice != NOBODY
    while True:
        clients = best_of(network.first, leads[network.therapist].astype(np.int8), 0) > 0
        more = leads.copy()
        more[network.choice[placed & clients]] = True
        if (more == leads).all():
            return np.asarray(clients)
        leads = more


def _held_up(network: _Network) -> tuple[Flags, Flags]:
    """Clients and therapists of every group that is short: whoever is reached from the unplaced by moves."""
    placed, leads = network.choice != NOBODY, _leads_to_place(network)
    clients = ~placed & ~leads & (np.diff(network.first) > 0)
    therapists = np.zeros(len(network.free), dtype=np.bool_)
    while True:
        therapists[network.therapist[network.of_pairs(clients)]] = True
        more = clients.copy()
        more[placed] |= therapists[network.choice[placed]]
        if (more == clients).all():
            return clients, therapists
        clients = more


def _connected(network: _Network, clients: Flags, therapists: Flags) -> Rows:
    """A label for each client and, behind them, each therapist: the same where pairs of the group connect them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    within = network.of_pairs(clients)
    client = np.repeat(np.arange(network.n_clients), np.diff(network.first))[within]
    n = network.n_clients + len(therapists)
    links = coo_array((np.ones(len(client)), (client, network.n_clients + network.therapist[within])), shape=(n, n))
    labels = connected_components(links, directed=False)[1].astype(np.int64)
    labels[~np.concatenate([clients, therapists])] = NOBODY
    return np.asarray(labels)


def _shortage(problem: AssignmentProblem, network: _Network, group: Flags) -> Shortage:
    clients = np.flatnonzero(group[: network.n_clients])
    therapists = np.flatnonzero(group[network.n_clients :])
    return Shortage(
        tuple(problem.client_ids[row] for row in network.client[clients]),
        tuple(problem.therapist_ids[row] for row in therapists),
        int(problem.settled.places[therapists].sum()),
        int((network.choice[clients] == NOBODY).sum()),
    )
