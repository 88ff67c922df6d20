"""Who somebody is, who the therapist should be, and how they like to work."""

from __future__ import annotations

from typing import Any, ClassVar

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY
from web import fields
from web.fields import UNSAID
from web.intake.forms import reading
from web.intake.forms.base import Said, StepForm
from web.services.intakes import Offered
from web.wording.language import _, lazy


class AboutForm(StepForm):
    places: ClassVar = {name: name for name in ("age_band", "gender", "background", "faith", "communities")}

    age_band = fields.one_of_many(
        lazy("How old are you?"), lazy("Some therapists work with people of certain ages only, and are insured for it.")
    )
    gender = fields.one_of(lazy("Your gender"), lazy("Some people find it easier to talk to somebody like them."))
    background = fields.one_of_many(
        lazy("Where does your family come from?"),
        lazy("Being understood without explaining everything can help. It is used for nothing else."),
    )
    faith = fields.one_of_many(lazy("Your faith"), lazy("Only if it belongs to what you want to talk about."))
    communities = fields.some_of(lazy("Do any of these describe you?"), lazy("Some therapists know this life well."))

    def offer(self, offered: Offered) -> None:
        for name, vocabulary in _ABOUT.items():
            unsaid = [] if name == "communities" else [(UNSAID, fields.NOT_SAID)]
            self[name].choices = fields.choices([*fields.of(vocabulary), *unsaid])

    def fill(self, said: Said, offered: Offered) -> None:
        for name in _ABOUT:
            empty: Any = [] if name == "communities" else UNSAID
            self[name].data = said.get(name, empty)

    def said(self, offered: Offered) -> dict[str, Any]:
        return {name: self[name].data for name in _ABOUT}


_ABOUT = {
    "age_band": v.AGE_BANDS,
    "gender": v.GENDERS,
    "background": v.BACKGROUNDS,
    "faith": v.FAITHS,
    "communities": v.COMMUNITIES,
}


class _Wishes(StepForm):
    """Two fields a trait, made below: how much it matters, and what would do."""

    places: ClassVar = {
        f"wishes.{trait}{part}": f"{trait}{field}"
        for trait in WISH_VOCABULARY
        for part, field in ((".strength", "_strength"), ("", "_options"))
    }

    def offer(self, offered: Offered) -> None:
        for trait, vocabulary in WISH_VOCABULARY.items():
            self[f"{trait}_strength"].choices = fields.choices(reversed(fields.of(v.STRENGTHS)))
            self[f"{trait}_options"].choices = fields.choices(fields.of(vocabulary))

    def fill(self, said: Said, offered: Offered) -> None:
        for trait in WISH_VOCABULARY:
            wish = said.get("wishes", {}).get(trait, {})
            self[f"{trait}_strength"].data = wish.get("strength", "no_preference")
            self[f"{trait}_options"].data = list(wish.get("options", ()))

    def said(self, offered: Offered) -> dict[str, Any]:
        wishes = {}
        for trait in WISH_VOCABULARY:
            strength, options = self[f"{trait}_strength"].data, self[f"{trait}_options"].data
            if strength not in (None, "no_preference"):
                wishes[trait] = {"strength": strength, "options": options}
        return {"wishes": wishes}


TRAIT_WORDS = {
    "gender": lazy("Their gender"),
    "age_band": lazy("Their age"),
    "background": lazy("Where their family comes from"),
    "faith": lazy("Their faith"),
    "communities": lazy("Whom they have experience with"),
    "modality": lazy("The kind of therapy"),
}
_made = {
    f"{trait}_{part}": kind(words)
    for trait, words in TRAIT_WORDS.items()
    for part, kind in (("strength", fields.one_of), ("options", fields.some_of))
}
WishesForm: type[StepForm] = type("WishesForm", (_Wishes,), _made)


class StyleForm(StepForm):
    places: ClassVar = {f"style.{scale}": scale for scale in v.STYLES.codes}

    lead = fields.one_of(lazy("Who leads"))
    feeling = fields.one_of(lazy("How close to feelings"))
    time = fields.one_of(lazy("Past or present"))
    challenge = fields.one_of(lazy("Support or challenge"))

    def offer(self, offered: Offered) -> None:
        steps = [(str(step), str(step)) for step in range(-v.STYLE_LIMIT, v.STYLE_LIMIT + 1)]
        for scale in v.STYLES.codes:
            self[scale].choices = fields.choices([*steps, (UNSAID, _("I am not sure"))])

    def fill(self, said: Said, offered: Offered) -> None:
        for scale in v.STYLES.codes:
            place = said.get("style", {}).get(scale)
            self[scale].data = (UNSAID if said else None) if place is None else str(place)

    def said(self, offered: Offered) -> dict[str, Any]:
        style = {scale: reading.step(self[scale].data) for scale in v.STYLES.codes}
        return {"style": {scale: place for scale, place in style.items() if place is not None}}
