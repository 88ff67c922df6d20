"""Weights as a document: factor → relative weight, and how far clients may move each."""

from __future__ import annotations

from pydantic import Field

from web.exchange.schema.fields import Document

_WEIGHTS = "Factor → relative weight, 0 or more; a factor that is left out weighs 0. The sum does not matter"


class BoundIn(Document):
    """How far clients may move a factor, as multiples of its weight. 1 and 1 hold it."""

    least: float = Field(description="From 0 to 1", examples=[0.5])
    most: float = Field(description="From 1 to 10", examples=[2.0])


class WeightsIn(Document):
    """Weights, and how far clients may move them."""

    weights: dict[str, float] = Field(description=_WEIGHTS, examples=[{"alliance": 40, "access": 12}])
    bounds: dict[str, BoundIn] = Field(
        default_factory=dict, description="Factor → how far clients may move it; left out: the usual"
    )

    def pairs(self) -> dict[str, tuple[float, float]]:
        """Factor → (least, most)."""
        return {factor: (bound.least, bound.most) for factor, bound in self.bounds.items()}
