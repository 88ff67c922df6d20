"""A score of a questionnaire that was filled in elsewhere; the columns of a scores file are its fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field

from web.exchange.schema.fields import Document, Identifier, Moment


@dataclass(frozen=True, slots=True)
class Score:
    """What a client scored on a questionnaire, and when they filled it in."""

    client_id: str
    instrument: str
    score: float
    said_at: datetime


class ScoreIn(Document):
    """A score of a questionnaire that was filled in elsewhere."""

    client_id: Identifier = Field(description="The client's id with you", examples=["c017"])
    instrument: Identifier = Field(
        description="The questionnaire: phq-9, gad-7, or the name of one that you have brought in", examples=["phq-9"]
    )
    score: float = Field(description="The whole score, in the range of the questionnaire", examples=[14])
    said_at: Moment = Field(
        description="When it was filled in, in ISO 8601; without a zone it is UTC", examples=["2025-10-31T09:30:00Z"]
    )

    def entity(self) -> Score:
        """The score as it is stored."""
        return Score(self.client_id, self.instrument, self.score, self.said_at)


def score_document(score: Score) -> dict[str, Any]:
    """The JSON document of a score."""
    plain = {name: getattr(score, name) for name in ("client_id", "instrument", "score")}
    return plain | {"said_at": score.said_at.isoformat()}
