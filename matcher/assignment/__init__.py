"""Assignment: a whole waiting list at once, under capacity, by one of three policies, with checks of the result."""

from matcher.assignment.assigning import POLICIES, assign
from matcher.assignment.conditions import Conditions
from matcher.assignment.outcome import REASONS, Assignment, Placed
from matcher.assignment.problem import AssignmentProblem
from matcher.assignment.proof import Proof
from matcher.assignment.shortage import Shortage, shortages

__all__ = [
    "POLICIES",
    "REASONS",
    "Assignment",
    "AssignmentProblem",
    "Conditions",
    "Placed",
    "Proof",
    "Shortage",
    "assign",
    "shortages",
]
