"""A rating as a JSON document; the columns of a ratings file are its fields."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from matcher.entities import Rating, Scale
from web.exchange.problems import unreadable
from web.exchange.schema.fields import Document, Identifier, Moment

SLACK = 1e-6  # of a step: what binary fractions lose


class RatingIn(Document):
    """What a client said about the alliance after a session."""

    client_id: Identifier = Field(description="The client's id with you", examples=["c017"])
    therapist_id: Identifier = Field(description="The therapist's id with you", examples=["t03"])
    session: int = Field(ge=1, le=10_000, description="Which session of the two it was: 1, 2, …", examples=[3])
    score: float = Field(description="The alliance on the clinic's scale; our own check-in is 0 … 1", examples=[0.825])
    rated_at: Moment | None = Field(
        None, description="When, in ISO 8601; without a zone it is UTC", examples=["2025-11-14T18:30:00+01:00"]
    )

    def entity(self) -> Rating:
        """The rating as the matcher knows it."""
        return Rating(**{name: getattr(self, name) for name in type(self).model_fields})


def rating_document(rating: Rating) -> dict[str, Any]:
    """The JSON document of a rating, without what was not said."""
    when = {"rated_at": rating.rated_at.isoformat()} if rating.rated_at else {}
    plain = ("client_id", "therapist_id", "session", "score")
    return {name: getattr(rating, name) for name in plain} | when


def check_score(score: float, scale: Scale) -> None:
    """Raise Unreadable for a score that the scale does not have."""
    if not scale.lowest <= score <= scale.top:
        mend = f"expected a score from {scale.lowest:g} to {scale.top:g}{_shrunk(score, scale)}"
        raise unreadable("off_scale", score, mend)
    steps = (score - scale.lowest) / scale.step
    if abs(steps - round(steps)) > max(SLACK, abs(steps) * 1e-12):
        below = scale.lowest + int(steps) * scale.step
        raise unreadable(
            "off_step", score, f"the scale has steps of {scale.step:g}: {below:g} or {below + scale.step:g}"
        )


def _shrunk(score: float, scale: Scale) -> str:
    """A word for scores that were left on a scale in hundredths."""
    return "; was it per cent?" if scale.top == 1 and 1 < score <= 100 else ""
