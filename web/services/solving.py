"""A waiting list on files alone: read scores and capacities, assign, write who goes to whom. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from matcher import Assignment, AssignmentProblem, assign, shortages, totals
from matcher.errors import InvalidInput, shown
from web.exchange.frames import BadFrame
from web.exchange.frames.assignments import write_assignment
from web.exchange.frames.waiting_list import BadFiles, WaitingList, read_waiting_list
from web.exchange.replacing import NoPlace, check_place

Advance = Callable[[int], object]


class Refused(Exception):
    """What was asked cannot be done; the message says why and how to mend it, a line for each problem."""


@dataclass(frozen=True, slots=True)
class Files:
    """What is read."""

    scores: Path
    capacity: Path
    locks: Path | None = None


@dataclass(frozen=True, slots=True)
class Short:
    """A group of clients with fewer places than people, and how many places more they need."""

    clients: tuple[str, ...]
    therapists: tuple[str, ...]
    n_places: int
    n_missing: int


@dataclass(frozen=True, slots=True)
class Solved:
    """What was found: counts, sums, why people are not placed, and what would place them.

    ``gap`` is by how much, in points of the scores, another assignment could be better at most; None where the policy
    does not look for the best.
    """

    policy: str
    n_clients: int
    n_placed: int
    n_locked: int
    total_score: float
    share_of_best: float | None
    worst_tenth: float | None
    unplaced: Mapping[str, int]
    short: tuple[Short, ...]
    gap: float | None


def solve(files: Files, policy: str, out: Path, advance: Advance | None = None) -> Solved:
    """Assign the clients of a scores file and write the assignment. Raises Refused; then nothing is written."""
    try:
        _check_out(out, files)
        found = assign(_problem(read_waiting_list(files.scores, files.capacity, files.locks, advance)), policy)
        write_assignment(out, [(line.client_id, line.therapist_id, line.score, line.reason) for line in found])
    except BadFiles as bad:
        lines = [f"{file}: {problem.say()}" for file, problem in bad.problems]
        raise Refused("\n".join([*lines, *([f"and {bad.more:,} problems more"] if bad.more else [])])) from bad
    except (BadFrame, NoPlace, InvalidInput) as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(f"{error.filename or 'file'}: {error.strerror or error}") from error
    return _solved(found)


def _problem(waiting: WaitingList) -> AssignmentProblem:
    return AssignmentProblem.from_pairs(
        waiting.client_id, waiting.therapist_id, waiting.score, waiting.capacity, locks=waiting.locks
    )


def _check_out(out: Path, files: Files) -> None:
    check_place(out)
    read = [path for path in (files.scores, files.capacity, files.locks) if path is not None]
    if out.exists() and any(path.exists() and out.samefile(path) for path in read):
        raise NoPlace(f"{shown(str(out))} is one of the files to read; name another file to write")


def _solved(found: Assignment) -> Solved:
    sums, proof = totals(found), found.proof
    return Solved(
        policy=found.policy,
        n_clients=len(found),
        n_placed=found.n_placed,
        n_locked=sum(line.locked for line in found),
        total_score=sums.total_score,
        share_of_best=sums.share_of_best,
        worst_tenth=sums.worst_tenth,
        unplaced=Counter(line.reason or "" for line in found.unplaced),
        short=tuple(
            Short(each.client_ids, each.therapist_ids, each.n_places, each.n_missing) for each in shortages(found)
        ),
        gap=None if proof is None else proof.gap * proof.unit,
    )
