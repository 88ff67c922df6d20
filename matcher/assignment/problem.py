"""The problem, frozen and checked: who waits, who has places, which pairs are allowed and how good each would be.

Ids stand at its border alone; inside are rows of arrays. Pairs lie by client, as in a sparse matrix of compressed rows:
those of client ``i`` are ``first[i]`` to ``first[i + 1]``. A pair that is not there is not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.assignment import reading
from matcher.assignment.conditions import Conditions
from matcher.assignment.settled import Settled, settled
from matcher.errors import InvalidInput

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Codes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class AssignmentProblem:
    """A waiting list and the places it is for: made by ``from_matrix`` or ``from_pairs``, which check everything.

    Parameters
    ----------
    client_ids, therapist_ids : tuple of str
        Who waits, in the order of their coming, and who has places.
    first : array of int, (n_clients + 1,)
        Where each client's pairs begin, and where the last one's end.
    therapist : array of int, (n_pairs,)
        The therapist of each allowed pair, as a row of ``therapist_ids``, rising within a client.
    score : array of float, (n_pairs,)
        How good each pair would be, finite; higher is better.
    capacity : array of int, (n_therapists,)
        How many of the list each therapist can take, 0 or more.
    conditions : Conditions
        Locks, exclusions, waiting, priority, balance and floor; none by default.

    Raises
    ------
    InvalidInput
        For ids that are doubled, unknown or no text, a score that is not finite, a capacity that is negative or no
        whole number, and locks that contradict each other, an exclusion, a capacity, or a pair that is not allowed.

    Examples
    --------
    >>> from matcher import AssignmentProblem
    >>> problem = AssignmentProblem.from_pairs(["a", "a", "b"], ["x", "y", "x"], [0.9, 0.8, 0.7], {"x": 1, "y": 1})
    >>> problem.n_clients, problem.n_therapists, problem.n_pairs
    (2, 2, 3)
    """

    client_ids: tuple[str, ...]
    therapist_ids: tuple[str, ...]
    first: Rows
    therapist: Codes
    score: Floats
    capacity: Rows
    conditions: Conditions = field(default_factory=Conditions)
    settled: Settled = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for array in (self.first, self.therapist, self.score, self.capacity):
            array.flags.writeable = False
        object.__setattr__(self, "settled", settled(self))

    @classmethod
    def from_matrix(
        cls,
        client_ids: Sequence[str],
        therapist_ids: Sequence[str],
        scores: ArrayLike,
        capacity: ArrayLike | Mapping[str, int],
        **conditions: Any,
    ) -> AssignmentProblem:
        """The problem of a matrix of scores, (n_clients, n_therapists), NaN where a pair is not allowed.

        ``capacity`` is in the order of the therapists, or by id; ``conditions`` are those of ``Conditions``.

        >>> from matcher import AssignmentProblem
        >>> AssignmentProblem.from_matrix(["a"], ["x", "y"], [[0.5, float("nan")]], [1, 1], locks={"a": "x"}).n_pairs
        1
        """
        clients, therapists = reading.ids("client_ids", client_ids), reading.ids("therapist_ids", therapist_ids)
        first, therapist, score = reading.matrix(scores, clients, therapists)
        return cls(clients, therapists, first, therapist, score, reading.capacity(capacity, therapists),
                   Conditions(**conditions))  # fmt: skip

    @classmethod
    def from_pairs(
        cls,
        client_id: Sequence[str],
        therapist_id: Sequence[str],
        score: ArrayLike,
        capacity: Mapping[str, int],
        *,
        clients: Sequence[str] | None = None,
        **conditions: Any,
    ) -> AssignmentProblem:
        """The problem of allowed pairs, one a row: ids and score.

        Clients are in the order of their first row, or as ``clients`` has them, which may name some without any pair;
        therapists are those of ``capacity``.

        >>> from matcher import AssignmentProblem
        >>> AssignmentProblem.from_pairs(["b"], ["x"], [0.5], {"x": 1}, clients=["a", "b", "c"]).n_clients
        3
        """
        therapists = reading.ids("capacity", list(capacity))
        waiting = reading.ids("clients", list(dict.fromkeys(client_id)) if clients is None else clients)
        first, therapist, scores = reading.pairs(client_id, therapist_id, score, waiting, therapists)
        return cls(waiting, therapists, first, therapist, scores, reading.capacity(capacity, therapists),
                   Conditions(**conditions))  # fmt: skip

    @property
    def n_clients(self) -> int:
        """How many wait."""
        return len(self.client_ids)

    @property
    def n_therapists(self) -> int:
        """How many therapists there are, with places or without."""
        return len(self.therapist_ids)

    @property
    def n_pairs(self) -> int:
        """How many pairs are allowed."""
        return len(self.score)

    def client_row(self, client_id: str, name: str = "client_id") -> int:
        """The row of a client. Raises InvalidInput, with ``name`` as the field, for somebody unknown."""
        return _row(self.settled.client_rows, client_id, name, "not a client of this list")

    def therapist_row(self, therapist_id: str, name: str = "therapist_id") -> int:
        """The row of a therapist. Raises InvalidInput, with ``name`` as the field, for somebody unknown."""
        return _row(self.settled.therapist_rows, therapist_id, name, "not a therapist of this list")

    def pair(self, client: int, therapist: int) -> int | None:
        """Where a pair of rows lies among the pairs, None where it is not allowed."""
        start, end = self.first[client : client + 2].tolist()
        at = start + int(np.searchsorted(self.therapist[start:end], therapist))
        return at if at < end and self.therapist[at] == therapist else None


def _row(rows: Mapping[str, int], id_: str, name: str, mend: str) -> int:
    if id_ not in rows:
        raise InvalidInput(name, id_, f"{mend}; correct the id, or remove it")
    return rows[id_]
