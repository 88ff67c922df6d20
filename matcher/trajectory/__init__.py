"""Courses of sessions: what is expected of one before each session, and when it asks for a conversation."""

from matcher.trajectory.band import ExpectedCourse, expected_course
from matcher.trajectory.cuts import Thresholds, thresholds
from matcher.trajectory.prior import CoursePrior
from matcher.trajectory.signals import Signals, signals
from matcher.trajectory.watching import KINDS, Watched, watch

__all__ = [
    "KINDS",
    "CoursePrior",
    "ExpectedCourse",
    "Signals",
    "Thresholds",
    "Watched",
    "expected_course",
    "signals",
    "thresholds",
    "watch",
]
