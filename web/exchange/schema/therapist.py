"""A therapist's profile as a JSON document; the columns of a therapists file are its fields, laid flat."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, Field

from matcher import vocabulary as v
from matcher.checks import MAX_TEXT
from matcher.entities import Opening, Therapist
from web.exchange import moments
from web.exchange.problems import unreadable
from web.exchange.schema.fields import (
    MAX_NAME,
    Day,
    Document,
    Features,
    Identifier,
    Region,
    TimeOfDay,
    by_code,
    code,
    codes,
    several,
    text,
)
from web.exchange.schema.person import (
    MAX_CENTS,
    LocationIn,
    StyleIn,
    frozen,
    location_document,
    said,
    style_document,
    thawed,
)

MAX_OPENINGS = 7 * 24
MAX_REGIONS = 100


def _depth(value: int) -> int:
    if not 1 <= value <= 3:
        raise unreadable("depth", value, "expected a depth from 1 to 3: some, much, a main field")
    return value


Depth = Annotated[int, AfterValidator(_depth), Field(json_schema_extra={"minimum": 1, "maximum": 3})]


class OpeningIn(Document):
    """A weekly place in the diary."""

    weekday: code(v.WEEKDAYS) = Field(description="The day of the week", examples=["thu"])
    time: TimeOfDay = Field(description="When it begins, local time on the 24-hour clock", examples=["18:30"])
    format: code(v.FORMATS) = Field(description="How that session is held", examples=["online"])

    def entity(self) -> Opening:
        return Opening(v.WEEKDAYS.index(self.weekday), moments.read_minute(self.time), self.format)


class TherapistIn(Document):
    """A therapist's own profile. What they chose not to say is left out, and is never held against them."""

    therapist_id: Identifier = Field(
        validation_alias=AliasChoices("therapist_id", "id"), description="The therapist's id with you", examples=["t03"]
    )
    name: text(MAX_NAME, required=True, one_line=True) = Field(
        description="The name that clients read", examples=["Mara Lindqvist"]
    )
    profession: code(v.PROFESSIONS) = Field(description="The profession", examples=["psychologist"])
    licence_regions: several(Region, at_least=1, at_most=MAX_REGIONS) = Field(
        description="Where the licence holds, as ISO 3166 codes; a country covers its regions", examples=[["DE", "AT"]]
    )
    concerns: by_code(v.CONCERNS, Depth) = Field(
        description="The depth of the work with each concern: 1 some, 2 much, 3 a main field",
        examples=[{"grief": 3, "sleep": 1}],
    )
    languages: codes(v.LANGUAGES, at_least=1) = Field(description="Languages of the sessions", examples=[["de", "en"]])
    formats: codes(v.FORMATS, at_least=1) = Field(
        description="How sessions are held", examples=[["online", "in_person"]]
    )
    capacity: int = Field(ge=0, le=1000, description="How many new clients fit now, 0 … 1000", examples=[2])
    statement: text(MAX_TEXT) = Field(
        "", description="What clients read about the therapist, in their own words",
        examples=["I like to begin with what has already helped you."],
    )  # fmt: skip
    location: LocationIn | None = Field(None, description="Where the practice is")
    openings: several(OpeningIn, at_most=MAX_OPENINGS) = Field(
        [], description="Weekly places in the diary",
        examples=[[{"weekday": "thu", "time": "18:30", "format": "online"}]],
    )  # fmt: skip
    available_from: Day | None = Field(
        None, description="The first day on which a new client can start", examples=["2026-03-02"]
    )
    fee_cents: int | None = Field(
        None, ge=0, le=MAX_CENTS, description="The fee of a session in cents (9500 is 95.00)", examples=[9500]
    )
    sliding_fee_cents: int | None = Field(
        None, ge=0, le=MAX_CENTS, description="The lowest fee for those who cannot pay the full one, in cents",
        examples=[5000],
    )  # fmt: skip
    insurances: codes(v.INSURANCES) = Field([], description="Who may pay instead", examples=[["statutory"]])
    age_groups: codes(v.AGE_GROUPS, at_least=1) = Field(
        ["adults"], description="Whom the therapist works with; left out: adults", examples=[["adults"]]
    )
    modalities: codes(v.MODALITIES) = Field([], description="Ways of working", examples=[["act", "mindfulness"]])
    style: StyleIn = Field(default_factory=StyleIn, description="How the therapist likes to work")
    trainings: codes(v.TRAININGS) = Field([], description="Training", examples=[["masters", "accredited"]])
    years: float | None = Field(None, ge=0, le=80, description="Years in practice, 0 … 80", examples=[12])
    gender: code(v.GENDERS) | None = Field(None, description="Gender, where the therapist says", examples=["woman"])
    age_band: code(v.AGE_BANDS) | None = Field(None, description="Age, where the therapist says", examples=["from_35"])
    background: code(v.BACKGROUNDS) | None = Field(
        None, description="Background, where the therapist says", examples=["mixed"]
    )
    faith: code(v.FAITHS) | None = Field(None, description="Faith, where the therapist says", examples=["none"])
    communities: codes(v.COMMUNITIES) = Field(
        [], description="Communities the therapist has experience with", examples=[["migrants"]]
    )
    portrait: Features = Field(
        default_factory=dict, description="How the portrait is drawn", examples=[{"skin": "brown", "hair": "short"}]
    )

    def entity(self) -> Therapist:
        """The therapist as the matcher knows them."""
        nested = {"therapist_id", "location", "style", "openings"}
        return Therapist(
            id=self.therapist_id,
            location=self.location and self.location.entity(),
            style=self.style.entity(),
            openings=tuple(opening.entity() for opening in self.openings),
            **{name: frozen(getattr(self, name)) for name in type(self).model_fields if name not in nested},
        )


def therapist_document(therapist: Therapist) -> dict[str, Any]:
    """The JSON document of a therapist, without what was not said."""
    nested = {"therapist_id", "concerns", "location", "style", "openings", "available_from"}
    return {"therapist_id": therapist.id, "concerns": dict(therapist.concerns)} | said(
        {
            "location": location_document(therapist.location),
            "style": style_document(therapist.style),
            "openings": [_opening_document(opening) for opening in therapist.openings],
            "available_from": therapist.available_from and therapist.available_from.isoformat(),
        }
        | {name: thawed(getattr(therapist, name)) for name in TherapistIn.model_fields if name not in nested}
    )


def _opening_document(opening: Opening) -> dict[str, str]:
    weekday = v.WEEKDAYS.codes[opening.weekday]
    return {"weekday": weekday, "time": moments.write_minute(opening.minute), "format": opening.format}
