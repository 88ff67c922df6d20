"""What brings somebody, whether they are safe, and what must be."""

from __future__ import annotations

from typing import Any, ClassVar

from matcher import vocabulary as v
from matcher.entities import MAX_CONCERNS
from web import fields
from web.fields import UNSAID
from web.intake.forms import reading
from web.intake.forms.base import Said, StepForm
from web.services.intakes import Offered
from web.wording.language import _, lazy


class ConcernsForm(StepForm):
    places: ClassVar = {
        "concerns[1]": "second",
        "concerns[2]": "third",
        "concerns": "first",
        "concern_text": "concern_text",
    }

    first = fields.one_of_many(lazy("What is it mostly about?"))
    second = fields.one_of_many(lazy("Also, if there is more"))
    third = fields.one_of_many(lazy("And also"))
    concern_text = fields.words(
        lazy("In your own words"),
        lazy("Write as little or as much as you like. The people at the practice can read it."),
    )

    def offer(self, offered: Offered) -> None:
        for field in (self.first, self.second, self.third):
            field.choices = fields.choices([(UNSAID, _("Please choose")), *fields.of(v.CONCERNS)])

    def fill(self, said: Said, offered: Offered) -> None:
        for field, concern in zip((self.first, self.second, self.third), said.get("concerns", ()), strict=False):
            field.data = concern
        self.concern_text.data = said.get("concern_text", "")

    def said(self, offered: Offered) -> dict[str, Any]:
        chosen = [field.data for field in (self.first, self.second, self.third) if field.data]
        return {"concerns": chosen[:MAX_CONCERNS], "concern_text": reading.text(self.concern_text.data)}

    def checked(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"concerns": [], **said}


class SafetyForm(StepForm):
    places: ClassVar = {"at_risk": "at_risk"}

    at_risk = fields.one_of(
        lazy("Are you thinking about ending your life, or are you in danger at home?"),
        lazy(
            "If you say yes, you see at once whom you can talk to, and your answer stands at the top of the list that "
            "the practice works from."
        ),
    )

    def offer(self, offered: Offered | None = None) -> None:
        self.at_risk.choices = fields.choices([("yes", _("Yes")), ("no", _("No")), (UNSAID, fields.NOT_SAID)])

    def fill(self, said: Said, offered: Offered | None = None) -> None:
        self.at_risk.data = {True: "yes", False: "no"}.get(said.get("at_risk"), None if not said else UNSAID)

    def said(self, offered: Offered | None = None) -> dict[str, Any]:
        return {"at_risk": {"yes": True, "no": False}.get(self.at_risk.data, self.at_risk.data)}


class PracticalitiesForm(StepForm):
    places: ClassVar = {
        "formats": "meet",
        "location": "place",
        "max_distance_km": "distance",
        "region": "region",
        "times": "times",
        "urgency": "urgency",
        "max_fee_cents": "max_fee",
        "insurance": "insurance",
        "languages": "languages",
    }

    meet = fields.one_of(lazy("How would you like to meet?"))
    region = fields.one_of_many(
        lazy("Which region will you be in?"), lazy("A therapist may only work with you where their licence holds.")
    )
    place = fields.one_of_many(
        lazy("Where would you set out from?"),
        lazy("The part of town is enough. We use it to see how far you would go."),
    )
    distance = fields.one_of_many(lazy("How far would you travel?"))
    times = fields.some_of(
        lazy("When could you come, most weeks?"), lazy("Choose every time that could work. None chosen means any time.")
    )
    urgency = fields.one_of(lazy("How soon would you like to start?"))
    max_fee = fields.line(
        lazy("The most you can pay yourself for a session"),
        lazy("Leave it empty if the fee should not count. Some therapists take less when money is short."),
    )
    insurance = fields.one_of_many(lazy("Does anybody else pay?"))
    languages = fields.some_of(
        lazy("Which languages could you talk in?"), lazy("Choose every one that works. None chosen means any.")
    )

    def offer(self, offered: Offered) -> None:
        self.meet.choices = fields.choices(
            [("either", _("Either is fine")), ("online", _("Online")), ("in_person", _("In person"))]
        )
        self.region.choices = fields.choices([(UNSAID, _("No matter")), *((code, code) for code in offered.regions)])
        self.place.choices = fields.choices(
            [(UNSAID, _("I would rather not say")), *((place.code, place.name) for place in offered.places)]
        )
        self.distance.choices = fields.choices(
            [(UNSAID, _("As far as it takes")), *((str(km), _("Up to %(km)s km", km=km)) for km in (3, 5, 10, 20, 50))]
        )
        self.times.choices = fields.choices(fields.of(v.TIMES))
        self.urgency.choices = fields.choices([*fields.of(v.URGENCIES), (UNSAID, _("No preference"))])
        self.insurance.choices = fields.choices([(UNSAID, _("No, or I do not know")), *fields.of(v.INSURANCES)])
        spoken = [pair for pair in fields.of(v.LANGUAGES) if pair[0] in offered.languages]
        self.languages.choices = fields.choices(spoken)

    def fill(self, said: Said, offered: Offered) -> None:
        formats = said.get("formats", ())
        self.meet.data = formats[0] if len(formats) == 1 else "either" if said else None
        self.region.data = said.get("region", UNSAID)
        where = said.get("location")
        known = {(p.location.latitude, p.location.longitude): p.code for p in offered.places}
        self.place.data = known.get((where["latitude"], where["longitude"]), UNSAID) if where else UNSAID
        km = said.get("max_distance_km")
        self.distance.data = UNSAID if km is None else f"{km:g}"
        for name in ("times", "languages"):
            self[name].data = list(said.get(name, ()))
        self.urgency.data = said.get("urgency", UNSAID if said else None)
        self.max_fee.data = fields.amount(said.get("max_fee_cents"))
        self.insurance.data = said.get("insurance", UNSAID)

    def said(self, offered: Offered) -> dict[str, Any]:
        chosen = {place.code: place.location for place in offered.places}
        where = chosen.get(self.place.data or "", self.place.data)
        return {
            "formats": [] if self.meet.data in (None, "either") else [self.meet.data],
            "region": self.region.data,
            "location": where if isinstance(where, str | None) else reading.place(where),
            "max_distance_km": reading.number(self.distance.data) if offered.places else None,
            "times": self.times.data,
            "urgency": self.urgency.data,
            "max_fee_cents": fields.cents(self.max_fee.data),
            "insurance": self.insurance.data,
            "languages": self.languages.data,
        }

    def checked(self, said: dict[str, Any]) -> dict[str, Any]:
        if "max_distance_km" in said and "location" not in said:
            self.place.errors = [_("Please say where you would set out from, or choose “As far as it takes”.")]
        return said
