"""One waiting list assigned by one method, in a process of its own; writes seconds, memory and the value as JSON.

``python waiting_lists.py METHOD FOLDER REPEATS OUT.json`` with METHOD ours, scipy or ortools. Scores are in millionths,
so that all methods mean the same sum. Time is the processor's: the list in compressed rows is there, the answer is an
array.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

method, folder, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
first, therapist, millionths, capacity = (
    np.load(folder / f"{name}.npy") for name in ("first", "therapist", "millionths", "capacity")
)
n, m = len(first) - 1, len(capacity)


def ours() -> Callable[[], np.ndarray]:
    import scipy.sparse.csgraph
    import scipy.special  # noqa: F401  # what is loaded once is not timed

    from matcher import AssignmentProblem, assign

    score = millionths / 1e6
    clients, therapists = tuple(f"c{k}" for k in range(n)), tuple(f"t{k}" for k in range(m))

    def work() -> np.ndarray:
        problem = AssignmentProblem(clients, therapists, first, therapist, score, capacity)
        found = assign(problem)
        if found.proof is None or found.proof.gap:
            raise SystemExit("the optimum is not proved")
        return found.choice

    return work


def scipy_matching() -> Callable[[], np.ndarray]:
    """A seat for each place, and one for each client who stays unplaced."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    def work() -> np.ndarray:
        seat = np.concatenate([[0], np.cumsum(capacity)])
        counts = np.diff(first)
        ways = capacity[therapist]
        nth = np.arange(ways.sum(), dtype=np.int32) - np.repeat((np.cumsum(ways) - ways).astype(np.int32), ways)
        columns = np.repeat(seat[therapist].astype(np.int32), ways) + nth
        del nth
        costs = np.repeat((10**6 + 1 - millionths).astype(float), ways)
        rows = np.repeat(np.arange(n, dtype=np.int32), np.add.reduceat(ways, first[:-1]) if counts.all() else 0)
        rows = np.concatenate([rows, np.arange(n, dtype=np.int32)])
        columns = np.concatenate([columns, (seat[-1] + np.arange(n)).astype(np.int32)])
        costs = np.concatenate([costs, np.full(n, 10.0**6 * (n + 1))])
        table = csr_array((costs, (rows, columns)), shape=(n, seat[-1] + n))
        taken = min_weight_full_bipartite_matching(table)[1]
        return np.concatenate([np.repeat(np.arange(m), capacity), np.full(n, -1)])[taken]

    return work


def ortools() -> Callable[[], np.ndarray]:
    """All pairs as arcs, as many as fit at the least cost."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    def work() -> np.ndarray:
        flow = SimpleMinCostFlow()
        client = np.repeat(np.arange(n, dtype=np.int32), np.diff(first))
        arcs = flow.add_arcs_with_capacity_and_unit_cost(
            client, therapist + np.int32(n), np.ones(len(client), dtype=np.int64), -millionths.astype(np.int64)
        )
        sink = np.full(m, n + m, dtype=np.int32)
        places = np.arange(n, n + m, dtype=np.int32)
        flow.add_arcs_with_capacity_and_unit_cost(places, sink, capacity.astype(np.int64), np.zeros(m, dtype=np.int64))
        flow.set_nodes_supplies(np.arange(n, dtype=np.int32), np.ones(n, dtype=np.int64))
        flow.set_node_supply(n + m, -n)
        if flow.solve_max_flow_with_min_cost() != flow.OPTIMAL:
            raise SystemExit("no optimum")
        used = flow.flows(arcs) > 0
        choice = np.full(n, -1)
        choice[client[used]] = therapist[used]
        return choice

    return work


def value(choice: np.ndarray) -> tuple[int, int]:
    """How many are placed, and the sum of their scores in millionths."""
    mine = therapist == np.repeat(choice, np.diff(first))
    return int((choice >= 0).sum()), int(millionths[mine].sum(dtype=np.int64))


work = {"ours": ours, "scipy": scipy_matching, "ortools": ortools}[method]()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
taken = []
for _ in range(repeats):
    start = time.process_time()
    choice = work()
    taken.append(time.process_time() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
placed, total = value(choice)
found = {"seconds": statistics.median(taken), "peak": peak, "before": before, "placed": placed, "total": total}
Path(sys.argv[4]).write_text(json.dumps(found))
