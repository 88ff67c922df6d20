"""Why a therapist stands where they stand, as a document: what the API answers and the command line prints."""

from __future__ import annotations

from pydantic import Field

from matcher.counterfactuals import Needed, WhatIf
from web.answers import Answer, ChangeOut
from web.wording.alternatives import say_change, say_gap, say_needed_value, say_needed_weight, say_stands_between


class GapOut(Answer):
    """One factor beside that of the first therapist."""

    factor: str = Field(examples=["access"])
    value: float = Field(ge=0, le=1, description="The value of this therapist")
    first_value: float = Field(ge=0, le=1, description="The value of the first")
    weight: float = Field(ge=0, le=1)
    points: float = Field(description="What the first has more; below 0 what this therapist has more")
    text: str = Field(description="In words")


class NeededOut(Answer):
    """What one factor alone would need for this therapist to be first."""

    factor: str = Field(examples=["access"])
    now: float = Field(ge=0, le=1)
    needed: float = Field(ge=0, le=1)
    text: str = Field(description="In words")


class NamedChangeOut(ChangeOut):
    """A change of the client's answers."""

    text: str = Field(description="In words")


class BetweenOut(Answer):
    """A requirement that stands between."""

    code: str = Field(examples=["fee"])
    text: str = Field(description="In words")
    fixed: bool = Field(description="Whether no answer of the client changes it")


class WhyOut(Answer):
    """Why a therapist stands where they stand, and what would have to change for them to be first, or possible."""

    therapist_id: str
    place: int | None = Field(ge=1, description="null for who cannot be offered")
    score: float | None = Field(ge=0, le=1)
    gaps: list[GapOut] = Field(description="Against the first, the largest loss first")
    by_weight: list[NeededOut] = Field(description="Single shares of the weights that would make them first")
    by_value: list[NeededOut] = Field(description="Single values that would make them first")
    refusals: list[BetweenOut] = Field(description="Every requirement that stands between")
    changes: list[NamedChangeOut] = Field(description="Answers that would have to change, all of them together")


def why(found: WhatIf) -> WhyOut:
    """The document of an answer."""
    return WhyOut(
        therapist_id=found.therapist_id,
        place=found.place,
        score=found.score,
        gaps=[
            GapOut(
                factor=gap.factor,
                value=gap.value,
                first_value=gap.first_value,
                weight=gap.weight,
                points=gap.points,
                text=say_gap(gap.factor, gap.points),
            )
            for gap in found.gaps
        ],
        by_weight=[_needed(one, say_needed_weight(one.factor, one.now, one.needed)) for one in found.by_weight],
        by_value=[_needed(one, say_needed_value(one.factor, one.now, one.needed)) for one in found.by_value],
        refusals=[
            BetweenOut(code=code, text=say_stands_between(code), fixed=code in found.fixed) for code in found.refusals
        ],
        changes=[
            NamedChangeOut(code=change.code, params=dict(change.params), text=say_change(change))
            for change in found.changes
        ],
    )


def _needed(one: Needed, text: str) -> NeededOut:
    return NeededOut(factor=one.factor, now=one.now, needed=one.needed, text=text)
