"""What reading a file found: the rows, every problem, and notes on what was taken in a way worth a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from web.exchange.problems import Fault, Problem

MAX_PROBLEMS = 10_000
MAX_MORE = 90_000  # every problem takes time; beyond these a file is not read on

Entity = TypeVar("Entity")


@dataclass(frozen=True)
class Reading(Generic[Entity]):
    """A file that was read: its rows with their numbers as a spreadsheet shows them, its problems, its notes.

    A row with a problem is not among the rows. ``problems`` are at most 10,000, ``more_problems`` counts those beyond.
    ``notes`` are no problems: what was repaired or taken in a certain way. ``counts`` are rows, accepted, blank and
    repeated ones, and problems.
    """

    kind: str
    rows: list[tuple[int, Entity]]
    problems: list[Problem]
    more_problems: int
    notes: list[Problem]
    counts: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """Whether the file may be stored: it has no problem at all."""
        return not self.problems

    @property
    def entities(self) -> list[Entity]:
        """The rows without their numbers."""
        return [entity for _, entity in self.rows]


@dataclass
class Report:
    """Problems and notes as they are found: the problems up to a bound, the notes one of a kind and column."""

    problems: list[Problem] = field(default_factory=list)
    more: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("rows", "accepted", "blank", "repeated"), 0))
    _notes: dict[tuple[str, str], tuple[Problem, int]] = field(default_factory=dict)

    def problem(self, fault: Fault, row: int | None = None, column: str = "") -> None:
        if len(self.problems) < MAX_PROBLEMS or row is None:  # what ends the reading is always said
            self.problems.append(Problem.of(fault, row, column))
        else:
            self.more += 1

    def note(self, fault: Fault, row: int | None = None, column: str = "") -> None:
        first, times = self._notes.get((fault.code, column), (Problem.of(fault, row, column), 0))
        self._notes[fault.code, column] = (first, times + 1)

    def notes(self) -> list[Problem]:
        """One note of a kind and column, at its first place, with how often it was met."""
        return [
            note if times == 1 else replace(note, mend=f"{note.mend} ({times:,} cells)")
            for note, times in self._notes.values()
        ]
