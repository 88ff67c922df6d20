"""Assignment: a whole waiting list at once, under capacity, by one of three policies, with checks of the result."""

from matcher.assignment.assigning import POLICIES, assign
from matcher.assignment.checks import Breach, blocking_pairs, breaches, proof_of
from matcher.assignment.comparison import Comparison, Totals, compared, totals
from matcher.assignment.conditions import Conditions
from matcher.assignment.outcome import REASONS, Assignment, Placed
from matcher.assignment.problem import AssignmentProblem
from matcher.assignment.proof import Proof
from matcher.assignment.regret import CAUSES, Regret, below_floor, regrets
from matcher.assignment.shortage import Shortage, shortages

__all__ = [
    "CAUSES",
    "POLICIES",
    "REASONS",
    "Assignment",
    "AssignmentProblem",
    "Breach",
    "Comparison",
    "Conditions",
    "Placed",
    "Proof",
    "Regret",
    "Shortage",
    "Totals",
    "assign",
    "below_floor",
    "blocking_pairs",
    "breaches",
    "compared",
    "proof_of",
    "regrets",
    "shortages",
    "totals",
]
