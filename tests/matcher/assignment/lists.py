"""Waiting lists for tests: small ones drawn or given, and the best of them by trying everything."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import strategies as st

from matcher import AssignmentProblem
from matcher.assignment.settled import NOBODY

NAN = float("nan")


def problem(scores: Any, capacity: Any, **conditions: Any) -> AssignmentProblem:
    """Clients c0, c1 … and therapists t0, t1 … of a matrix."""
    table = np.asarray(scores, dtype=float)
    n, m = table.shape
    return AssignmentProblem.from_matrix(
        [f"c{k}" for k in range(n)], [f"t{k}" for k in range(m)], table, capacity, **conditions
    )


def drawn(seed: int, largest: tuple[int, int] = (5, 3)) -> tuple[np.ndarray, np.ndarray]:
    """Scores with three decimals, some pairs not allowed, and capacities from 0 to 2."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, largest[0] + 1)), int(rng.integers(1, largest[1] + 1))
    scores = rng.integers(0, 1000, (n, m)) / 1000
    scores[rng.random((n, m)) < rng.choice([0.0, 0.3, 0.6])] = np.nan
    return scores, rng.integers(0, 3, m)


@st.composite
def lists(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """The same by hypothesis, with scores of few values so that ties are common."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    cells = st.one_of(st.none(), st.integers(0, 8))
    rows = draw(st.lists(st.lists(cells, min_size=m, max_size=m), min_size=n, max_size=n))
    scores = np.array([[NAN if cell is None else cell / 8 for cell in row] for row in rows])
    return scores, np.array(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)))


def best_by_trying(scores: np.ndarray, capacity: np.ndarray, cost: Any = lambda choice: 0.0) -> tuple[int, float]:
    """How many can be placed, and the largest sum of scores less ``cost`` of a choice with so many."""
    options = [[NOBODY, *np.flatnonzero(~np.isnan(row)).tolist()] for row in scores]
    found = []
    for choice in itertools.product(*options):
        placed = [(client, therapist) for client, therapist in enumerate(choice) if therapist != NOBODY]
        used = np.bincount([therapist for _, therapist in placed], minlength=scores.shape[1])
        if (used <= capacity).all():
            found.append((len(placed), sum(scores[pair] for pair in placed) - cost(choice)))
    return max(found, key=lambda each: (each[0], each[1]))
