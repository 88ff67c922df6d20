"""A clinic's weights as a JSON document: the same for the API and the command line, every field described."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from web.answers import Answer
from web.services.weights import Activation, Draft, Standing, Version

_WHO = "A name, or the word for what is no person"


class BoundOut(Answer):
    """How far clients may move a factor, as multiples of its weight."""

    least: float = Field(ge=0, le=1, description="Down to")
    most: float = Field(ge=1, description="Up to")


class WeightsVersionOut(Answer):
    """Weights that can serve. A version never changes."""

    version: str | None = Field(description="Its name; null for what the release brings", examples=["w3"])
    weights: dict[str, float] = Field(description="Factor → share; together they are 1")
    bounds: dict[str, BoundOut] = Field(description="Factor → how far clients may move it")
    note: str = Field(description="What changed and why")
    author: str = Field(description=_WHO)
    based_on: str | None = Field(description="The version that served when it was drafted")
    created_at: datetime | None = Field(description="When it was made")


class WeightsActivationOut(Answer):
    """That a version serves from a moment on, until another begins."""

    id: UUID = Field(description="Its key")
    version: str | None = Field(description="Which; null for what the release brings")
    kind: str = Field(description="`published` or `rolled_back`")
    state: str = Field(description="`past`, `serving`, `scheduled` or `called_off`")
    effective_at: datetime = Field(description="From when on")
    made_at: datetime = Field(description="When that was decided")
    author: str = Field(description=_WHO)
    approved_by: str | None = Field(description="The second person, where two were asked for")
    called_off_at: datetime | None = Field(description="When it was called off, before it began")


class WeightsDraftOut(Answer):
    """What the leads work on together."""

    relative: dict[str, float] = Field(description="Factor → weight as it was typed")
    weights: dict[str, float] = Field(description="The same as shares of 1")
    bounds: dict[str, BoundOut] = Field(description="Factor → how far clients may move it")
    note: str = Field(description="What changes and why")
    based_on: str | None = Field(description="The version that served when it was begun")
    revision: int = Field(description="Rises with every change")
    edited_by: str = Field(description=_WHO)
    edited_at: datetime = Field(description="When it was changed last")
    proposed_by: str | None = Field(description="Who asks for a second person's approval")
    proposed_at: datetime | None = Field(description="Since when")
    effective_at: datetime | None = Field(description="From when on it shall serve; null: at once")


class WeightsOut(Answer):
    """A clinic's weights as they stand."""

    serving: WeightsVersionOut = Field(description="What lists are made with now")
    draft: WeightsDraftOut | None = Field(description="The draft, if there is one")
    history: list[WeightsActivationOut] = Field(description="What served, serves and will, the latest first")
    versions: list[WeightsVersionOut] = Field(description="Every version that the history speaks of")
    two_person: bool = Field(description="Two persons are asked for: a program cannot publish")


def standing_out(found: Standing) -> WeightsOut:
    """All of it."""
    spoken_of = {one.version for one in found.history}
    return WeightsOut(
        serving=version_out(found.serving),
        draft=found.draft and draft_out(found.draft),
        history=[activation_out(one) for one in found.history],
        versions=[version_out(one) for name, one in found.versions.items() if name in spoken_of],
        two_person=found.two_person,
    )


def version_out(version: Version) -> WeightsVersionOut:
    """One version."""
    return WeightsVersionOut(**_fields(version, WeightsVersionOut) | _numbers(version))


def draft_out(draft: Draft) -> WeightsDraftOut:
    """The draft."""
    fields = _fields(draft, WeightsDraftOut) | _numbers(draft)
    return WeightsDraftOut(**fields | {"relative": dict(draft.relative)})


def activation_out(one: Activation) -> WeightsActivationOut:
    """One activation."""
    return WeightsActivationOut(**_fields(one, WeightsActivationOut))


def _fields(found: object, model: type[Answer]) -> dict[str, Any]:
    return {name: getattr(found, name) for name in model.model_fields}


def _numbers(found: Version | Draft) -> dict[str, Any]:
    bounds = {factor: BoundOut(least=least, most=most) for factor, (least, most) in found.bounds.items()}
    return {"weights": dict(found.weights), "bounds": bounds}
