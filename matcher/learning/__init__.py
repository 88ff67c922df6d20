"""What a clinic's own ratings and choices say of the factors' weights: proposed with intervals, never imposed."""

from matcher.learning.answer import Learned, LearnedFactor
from matcher.learning.choices import Choice, learned_from_choices
from matcher.learning.curve import Curve, experience_curve, factor_curve
from matcher.learning.outcomes import OutOfFold, out_of_fold
from matcher.learning.ratings import learned_from_ratings

__all__ = [
    "Choice",
    "Curve",
    "Learned",
    "LearnedFactor",
    "OutOfFold",
    "experience_curve",
    "factor_curve",
    "learned_from_choices",
    "learned_from_ratings",
    "out_of_fold",
]
