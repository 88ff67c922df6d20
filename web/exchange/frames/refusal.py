"""What is said of a table that cannot be taken: file, row, column, value, and how to mend it."""

from __future__ import annotations

from web.exchange.problems import Problem, shown


class BadFrame(ValueError):
    """A table that cannot be taken, with the first problem found in it."""

    def __init__(self, file: str, problem: Problem) -> None:
        self.file = file
        self.problem = problem
        where = "column " if problem.row is None and problem.column else ""
        super().__init__(f"{file}: {where}{problem.say()}")


def refusal(
    file: str, code: str, mend: str, *, value: object = None, row: int | None = None, column: str = ""
) -> BadFrame:
    """The error of a table with one problem; None is no value to show."""
    return BadFrame(file, Problem(row, column[:60], "" if value is None else shown(value), mend, code))
