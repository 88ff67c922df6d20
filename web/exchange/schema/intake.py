"""An intake as a JSON document; the columns of a clients file are its fields, laid flat."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from pydantic import AliasChoices, Field

from matcher import vocabulary as v
from matcher.checks import MAX_TEXT
from matcher.entities import MAX_CONCERNS, MAX_GOALS, Intake
from web.exchange.schema.fields import Day, Document, Identifier, Region, code, codes, several, text
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
from web.exchange.schema.wishes import WishesIn, wishes_document

MAX_IDS = 100
_Level = code(v.INVESTMENT_LEVELS) | None


class InvestmentIn(Document):
    """What the client can invest in therapy."""

    time: _Level = Field(None, description="How much time the client can give", examples=["some"])
    money: _Level = Field(None, description="How much money the client can give", examples=["a_little"])
    effort: _Level = Field(None, description="How much effort between the sessions", examples=["a_lot"])


_NESTED = frozenset({"client_id", "location", "wishes", "style", "investment", "waiting_since"})


class IntakeIn(Document):
    """What a client told us before meeting anyone. Only an id and one concern are required."""

    client_id: Identifier = Field(
        validation_alias=AliasChoices("client_id", "id"), description="The client's id with you", examples=["c017"]
    )
    concerns: codes(v.CONCERNS, at_least=1, at_most=MAX_CONCERNS) = Field(
        description=f"What brings the client here: one to {MAX_CONCERNS}, the main one first",
        examples=[["grief", "sleep"]],
    )
    concern_text: text(MAX_TEXT) = Field(
        "", description="The same in the client's own words", examples=["My father died in spring."]
    )
    at_risk: bool | None = Field(
        None, description="Whether the client may be in danger; a person looks", examples=[False]
    )
    formats: codes(v.FORMATS) = Field(
        [], description="How the client would meet; empty: either", examples=[["in_person"]]
    )
    region: Region | None = Field(
        None, description="Where the client will be, as an ISO 3166 code: the licence must cover it", examples=["DE-BE"]
    )
    location: LocationIn | None = Field(None, description="Where the client sets out from, for distances")
    max_distance_km: float | None = Field(
        None, ge=0, le=20_000, description="Kilometres, 0 … 20000: how far the client would travel", examples=[8.5]
    )
    times: codes(v.TIMES) = Field(
        [], description="Weekly times that suit; empty: any", examples=[["tue_evening", "thu_evening"]]
    )
    max_fee_cents: int | None = Field(
        None,
        ge=0,
        le=MAX_CENTS,
        description="The most the client can pay a session, in cents (9500 is 95.00)",
        examples=[9500],
    )
    insurance: code(v.INSURANCES) | None = Field(
        None, description="Who pays, if not the client", examples=["statutory"]
    )
    languages: codes(v.LANGUAGES) = Field(
        [], description="Languages the client could do therapy in; empty: any", examples=[["de", "en"]]
    )
    urgency: code(v.URGENCIES) | None = Field(None, description="How soon to start", examples=["within_six_weeks"])
    age_band: code(v.AGE_BANDS) | None = Field(None, description="The client's age", examples=["from_35"])
    gender: code(v.GENDERS) | None = Field(None, description="The client's gender", examples=["woman"])
    background: code(v.BACKGROUNDS) | None = Field(None, description="The client's background", examples=["mixed"])
    faith: code(v.FAITHS) | None = Field(None, description="The client's faith", examples=["none"])
    communities: codes(v.COMMUNITIES) = Field(
        [], description="Communities the client belongs to", examples=[["new_parents"]]
    )
    wishes: WishesIn = Field(default_factory=WishesIn, description="Who the therapist should be")
    style: StyleIn = Field(default_factory=StyleIn, description="How the client likes to work")
    had_therapy: bool | None = Field(None, description="Whether the client had therapy before", examples=[True])
    helped: codes(v.HELPS) = Field([], description="What helped in earlier therapy", examples=[["my_pace"]])
    hindered: codes(v.HINDRANCES) = Field(
        [], description="What put the client off in earlier therapy", examples=[["rigid"]]
    )
    hope: int | None = Field(
        None, ge=0, le=10, description="Hope for change: whole number, 0 (none) … 10 (full)", examples=[6]
    )
    goals: several(text(MAX_TEXT, required=True), at_most=MAX_GOALS) = Field(
        [], description=f"Up to {MAX_GOALS} goals in the client's own words", examples=[["Sleep through the night"]]
    )
    investment: InvestmentIn = Field(default_factory=InvestmentIn, description="What the client can invest")
    recommended_by: code(v.RECOMMENDERS) | None = Field(
        None, description="Who recommended the clinic", examples=["doctor"]
    )
    recommended_therapist_id: Identifier | None = Field(
        None, description="The therapist who was recommended to the client", examples=["t03"]
    )
    former_therapist_id: Identifier | None = Field(
        None, description="The therapist the client saw before", examples=["t11"]
    )
    blocked_therapist_ids: several(Identifier, at_most=MAX_IDS) = Field(
        [], description="Therapists who must not be offered: a conflict of interest, say", examples=[["t08"]]
    )

    def entity(self) -> Intake:
        """The intake as the matcher knows it."""
        plain = {name: frozen(getattr(self, name)) for name in type(self).model_fields if name not in _NESTED}
        return Intake(
            id=self.client_id,
            location=self.location and self.location.entity(),
            wishes=self.wishes.entity(),
            style=self.style.entity(),
            investment=self.investment.model_dump(exclude_none=True),
            **plain,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingIntake(Intake):
    """The intake of a client who is on the waiting list since a day."""

    waiting_since: date


class ListedIn(IntakeIn):
    """A row of a clients file: an intake, and since when its client waits."""

    waiting_since: Day | None = Field(
        None, description="On the waiting list since this day; empty: does not wait", examples=["2025-11-03"]
    )

    def entity(self) -> Intake:
        """The intake as the matcher knows it, with the day where there is one."""
        intake = IntakeIn.entity(self)
        if self.waiting_since is None:
            return intake
        said = {field.name: getattr(intake, field.name) for field in fields(intake)}
        return WaitingIntake(**said, waiting_since=self.waiting_since)


def listed_document(intake: Intake) -> dict[str, Any]:
    """The JSON document of a row of a clients file."""
    since = {"waiting_since": intake.waiting_since.isoformat()} if isinstance(intake, WaitingIntake) else {}
    return intake_document(intake) | since


def intake_document(intake: Intake) -> dict[str, Any]:
    """The JSON document of an intake, without what was not said."""
    return said(
        {
            "client_id": intake.id,
            "location": location_document(intake.location),
            "wishes": wishes_document(intake.wishes),
            "style": style_document(intake.style),
            "investment": dict(intake.investment),
        }
        | {name: thawed(getattr(intake, name)) for name in IntakeIn.model_fields if name not in _NESTED}
    )
