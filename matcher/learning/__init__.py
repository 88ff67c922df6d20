"""What a clinic's own ratings and choices say of the factors' weights: proposed with intervals, never imposed."""

from matcher.learning.answer import Learned, LearnedFactor
from matcher.learning.outcomes import OutOfFold, out_of_fold
from matcher.learning.ratings import learned_from_ratings

__all__ = ["Learned", "LearnedFactor", "OutOfFold", "learned_from_ratings", "out_of_fold"]
