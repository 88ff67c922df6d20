"""The documents of the API and of files: what comes in, strict and described, and what goes out."""

from web.exchange.schema.intake import IntakeIn, intake_document
from web.exchange.schema.paths import field_at, model_at
from web.exchange.schema.rating import RatingIn, check_score, rating_document
from web.exchange.schema.score import Score, ScoreIn, score_document
from web.exchange.schema.therapist import TherapistIn, therapist_document
from web.exchange.schema.weights import WeightsIn

__all__ = [
    "IntakeIn", "RatingIn", "Score", "ScoreIn", "TherapistIn", "WeightsIn", "check_score", "field_at",
    "intake_document", "model_at", "rating_document", "score_document", "therapist_document",
]  # fmt: skip
