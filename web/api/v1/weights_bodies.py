"""What a program sends to change a clinic's weights."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from web.exchange.schema import WeightsIn
from web.exchange.schema.fields import Document, Moment

REVISION = "The draft's revision as you have seen it; with any other the answer is a 409 with the draft as it is now"
_FROM_WHEN = "From when on; left out: at once"
_READ = "You have read who would be shut out of all lists"


class WeightsDraftIn(WeightsIn):
    """The draft as it shall be."""

    note: str = Field("", description="What changes and why: required before it can be published")
    revision: int | None = Field(None, description=REVISION + ". Left out: there was no draft")


class WeightsPreviewIn(Document):
    """Weights to be tried."""

    weights: dict[str, float] = Field(
        description="Factor → relative weight, 0 or more", examples=[{"alliance": 40, "access": 20}]
    )


class WeightsPublishIn(Document):
    """Which draft shall serve."""

    revision: int = Field(description=REVISION)
    effective_at: Moment | None = Field(None, description=_FROM_WHEN, examples=["2026-03-02T08:00:00+01:00"])
    acknowledged: bool = Field(False, description=_READ)


class WeightsRollBackIn(Document):
    """What shall serve again."""

    version: str | None = Field(description="One that has served before; null: the release's own", examples=["w3"])
    acknowledged: bool = Field(False, description=_READ)


class WeightsDraftSeen(BaseModel):
    """Which draft is meant."""

    model_config = ConfigDict(extra="forbid")
    revision: int = Field(description=REVISION)
