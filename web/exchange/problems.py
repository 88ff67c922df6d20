"""What is wrong with a file or a document: the place, the value found there, and how to mend it.

A problem is for the person who gave the file. It shows what they wrote, so it never goes into a log; its code may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, before it is known where the value stands."""

    code: str
    value: str
    mend: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault and its place: the ``row`` as a spreadsheet counts (the header is row 1), None for a whole file or JSON.

    ``column`` is the column of a file, or the place in a document such as ``wishes.gender.strength``; empty where the
    problem is that of a whole row or file.
    """

    row: int | None
    column: str
    value: str
    mend: str
    code: str

    @classmethod
    def of(cls, fault: Fault, row: int | None = None, column: str = "") -> Problem:
        return cls(row, column, fault.value, fault.mend, fault.code)

    def say(self) -> str:
        """The problem as a line of text.

        >>> Problem(17, "concerns", "'anxeity'", "not a known concern; did you mean 'anxiety'?", "unknown_word").say()
        "row 17, column concerns: 'anxeity': not a known concern; did you mean 'anxiety'?"
        """
        where = [f"row {self.row}"] if self.row is not None else []
        if self.column:
            where.append(f"column {self.column}" if self.row is not None else self.column)
        return ": ".join(part for part in (", ".join(where), self.value, self.mend) if part)


class Unreadable(ValueError):
    """A value that cannot be taken, with every fault found in it."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.mend for fault in faults))


class BadInput(ValueError):
    """A document that cannot be taken, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"problems: {len(self.problems)}")


def unreadable(code: str, value: object, mend: str) -> Unreadable:
    """The error of a value with one fault."""
    return Unreadable(Fault(code, shown(value), mend))


def shown(value: object) -> str:
    """A value as a problem may show it: on one line, nothing invisible, cut after 60 characters.

    >>> shown("María"), shown("a\\u202eb"), len(shown("a" * 10_000))
    ("'María'", "'a\\\\u202eb'", 67)
    """
    if isinstance(value, str | bytes):
        value = value[: SHOWN + 1]
    elif isinstance(value, int) and value.bit_length() > 200:
        return f"a whole number of more than {SHOWN} digits"
    text = repr(value)
    return text if len(text) <= SHOWN + 2 else f"{text[:SHOWN]}… (cut)"
