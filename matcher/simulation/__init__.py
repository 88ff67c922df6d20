"""Clinics with a known truth: invented people, the alliance of every pair, and the forms that came of it."""

from matcher.simulation.clinic import SimulatedClinic, simulate
from matcher.simulation.courses import Courses
from matcher.simulation.truth import Shares, Truth

__all__ = ["Courses", "Shares", "SimulatedClinic", "Truth", "simulate"]
