"""The result of an assignment, whichever policy made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.settled import NOBODY
from matcher.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.assignment.problem import AssignmentProblem
    from matcher.assignment.proof import Proof

Rows = NDArray[np.int64]

REASONS = ("left_out", "nobody_allowed", "nobody_open", "too_few_places", "taken")


@dataclass(frozen=True, slots=True)
class Placed:
    """One client's line of the result: the therapist and the score, or neither and the code of the reason.

    ``reason`` is ``left_out`` (excluded by the coordinator), ``nobody_allowed`` (no pair fulfils the hard
    requirements), ``nobody_open`` (those allowed are excluded or have no place), ``too_few_places`` (more clients than
    places, however they are placed), or ``taken`` (others have the places, and another policy could have placed one
    more).
    """

    client_id: str
    therapist_id: str | None
    score: float | None
    reason: str | None = None
    locked: bool = False


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who goes to whom.

    Parameters
    ----------
    problem : AssignmentProblem
        What was asked.
    policy : str
        How it was answered.
    choice : array of int, (n_clients,)
        The row of each client's therapist, −1 for nobody.
    proof : Proof or None
        Prices that prove the optimum; None from a policy that does not look for it.

    Raises
    ------
    InvalidInput
        For a choice that is not one row a client.

    Examples
    --------
    >>> from matcher import AssignmentProblem, assign
    >>> problem = AssignmentProblem.from_pairs(["a", "a", "b"], ["x", "y", "x"], [0.9, 0.8, 0.7], {"x": 1, "y": 1})
    >>> [(line.client_id, line.therapist_id, line.score) for line in assign(problem)]
    [('a', 'y', 0.8), ('b', 'x', 0.7)]
    """

    problem: AssignmentProblem
    policy: str
    choice: Rows
    proof: Proof | None = None
    _reasons: tuple[str | None, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        from matcher.assignment.shortage import reasons

        n = self.problem.n_therapists
        if self.choice.shape != (self.problem.n_clients,) or ((self.choice < NOBODY) | (self.choice >= n)).any():
            mend = f"expected {self.problem.n_clients} rows of therapists, {NOBODY} for nobody"
            raise InvalidInput("choice", self.choice.shape, mend)
        self.choice.flags.writeable = False
        object.__setattr__(self, "_reasons", reasons(self.problem, self.choice))

    def __len__(self) -> int:
        return self.problem.n_clients

    def __iter__(self) -> Iterator[Placed]:
        return (self.line(client) for client in range(len(self)))

    def line(self, client: int) -> Placed:
        """The line of a client by row."""
        problem, therapist = self.problem, int(self.choice[client])
        client_id = problem.client_ids[client]
        if therapist == NOBODY:
            return Placed(client_id, None, None, self._reasons[client])
        at = problem.pair(client, therapist)
        score = None if at is None else float(problem.score[at])
        locked = problem.settled.locked[client] != NOBODY
        return Placed(client_id, problem.therapist_ids[therapist], score, None, bool(locked))

    def of(self, client_id: str) -> Placed:
        """The line of a client. Raises InvalidInput for somebody unknown."""
        return self.line(self.problem.client_row(client_id))

    @property
    def pairs(self) -> dict[str, str]:
        """Therapist id by client id, of those who are placed."""
        ids = self.problem.therapist_ids
        return {
            client: ids[row]
            for client, row in zip(self.problem.client_ids, self.choice.tolist(), strict=True)
            if row >= 0
        }

    @property
    def n_placed(self) -> int:
        """How many are placed, those by locks included."""
        return int((self.choice != NOBODY).sum())

    @property
    def unplaced(self) -> tuple[Placed, ...]:
        """Everybody who is not placed, each with a reason."""
        return tuple(self.line(int(client)) for client in np.flatnonzero(self.choice == NOBODY))

    @property
    def total_score(self) -> float:
        """The sum of the scores of the pairs that were made."""
        return float(sum(line.score or 0.0 for line in self))
