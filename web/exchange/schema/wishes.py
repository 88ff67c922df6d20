"""Who a client would like the therapist to be: one wish a trait, each with its own vocabulary."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, create_model, model_validator

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY, Wish, Wishes
from web.exchange.problems import unreadable
from web.exchange.schema.fields import Document, code, codes

INDIFFERENT = "no_preference"


class WishIn(Document):
    """What the therapist should be, and how much it matters: any of the options fulfils it."""

    options: list[str] = Field([])
    strength: code(v.STRENGTHS) | None = Field(
        None, description="How much that matters; required where something is wished for", examples=["matters"]
    )

    @model_validator(mode="after")
    def _complete(self) -> WishIn:
        if self.options and self.strength is None:
            strengths = ", ".join(v.STRENGTHS.codes)
            raise unreadable("strength_missing", self.options, f"say how much it matters, the strength: {strengths}")
        if not self.options and self.strength not in {None, INDIFFERENT}:
            raise unreadable("options_missing", self.strength, f"name at least one option, or write {INDIFFERENT}")
        return self

    def entity(self) -> Wish:
        return Wish(tuple(self.options), self.strength or INDIFFERENT)


def _wish(trait: str) -> Any:
    """A wish whose options are those of the trait."""
    words = WISH_VOCABULARY[trait]
    example = {"gender": ["woman"], "modality": ["cbt", "act"]}.get(trait, [words.codes[0]])
    options = Field([], description="What the therapist should be; any of these would do", examples=[example])
    name = "".join(part.capitalize() for part in trait.split("_"))
    model = create_model(f"{name}WishIn", __base__=WishIn, __doc__=WishIn.__doc__, options=(codes(words), options))
    return Annotated[model, Field(default_factory=model, description=f"The wish for the therapist's {words.name}")]


class WishesIn(Document):
    """Who the therapist should be: one wish a trait; a trait that is left out is no wish."""

    gender: _wish("gender")
    age_band: _wish("age_band")
    background: _wish("background")
    faith: _wish("faith")
    communities: _wish("communities")
    modality: _wish("modality")

    def entity(self) -> Wishes:
        return Wishes(**{trait: getattr(self, trait).entity() for trait in WISH_VOCABULARY})


def wishes_document(wishes: Wishes) -> dict[str, dict[str, Any]]:
    wished = {trait: getattr(wishes, trait) for trait in WISH_VOCABULARY}
    return {
        trait: {"options": list(wish.options), "strength": wish.strength}
        for trait, wish in wished.items()
        if wish != Wish()
    }
