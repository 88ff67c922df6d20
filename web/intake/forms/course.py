"""Therapy before, and what is expected of it now."""

from __future__ import annotations

from typing import Any, ClassVar

from matcher import vocabulary as v
from matcher.entities import MAX_GOALS
from web import fields
from web.fields import UNSAID
from web.intake.forms import reading
from web.intake.forms.base import Said, StepForm
from web.services.intakes import Offered
from web.wording.language import _, lazy


class BeforeForm(StepForm):
    places: ClassVar = {
        "had_therapy": "had_therapy",
        "helped": "helped",
        "hindered": "hindered",
        "former_therapist_id": "former_therapist",
    }

    had_therapy = fields.one_of(lazy("Have you been in therapy before?"))
    helped = fields.some_of(lazy("What helped you there?"), lazy("We look for somebody who works in that way."))
    hindered = fields.some_of(
        lazy("What put you off?"),
        lazy("It happens more often than people say, and it tells us whom not to offer first."),
    )
    former_therapist = fields.one_of_many(
        lazy("Have you worked with somebody from this practice?"),
        lazy("Going back to a person who knows you can be good. You decide."),
    )

    def offer(self, offered: Offered) -> None:
        self.had_therapy.choices = fields.choices([("yes", _("Yes")), ("no", _("No")), (UNSAID, fields.NOT_SAID)])
        self.helped.choices = fields.choices(fields.of(v.HELPS))
        self.hindered.choices = fields.choices(fields.of(v.HINDRANCES))
        self.former_therapist.choices = fields.choices([(UNSAID, _("No")), *offered.therapists.items()])

    def fill(self, said: Said, offered: Offered) -> None:
        had = {True: "yes", False: "no"}.get(said.get("had_therapy"))
        self.had_therapy.data = had or (UNSAID if said else None)
        self.helped.data, self.hindered.data = list(said.get("helped", ())), list(said.get("hindered", ()))
        self.former_therapist.data = said.get("former_therapist_id", UNSAID)

    def said(self, offered: Offered) -> dict[str, Any]:
        return {
            "had_therapy": {"yes": True, "no": False}.get(self.had_therapy.data, self.had_therapy.data),
            "helped": self.helped.data,
            "hindered": self.hindered.data,
            "former_therapist_id": reading.known(self.former_therapist, offered),
        }


class ExpectationsForm(StepForm):
    places: ClassVar = {
        "hope": "hope",
        **{f"goals[{k}]": f"goal_{k + 1}" for k in range(MAX_GOALS)},
        "goals": "goal_1",
        **{f"investment.{kind}": kind for kind in v.INVESTMENTS.codes},
        "recommended_by": "recommended_by",
        "recommended_therapist_id": "recommended_therapist",
    }

    hope = fields.one_of(
        lazy("How much do you hope that therapy will help?"),
        lazy("Hope is part of what helps. There is no right answer: 0 is none, 10 is full."),
    )
    goal_1 = fields.line(lazy("What would you like to be different?"), lazy("One to three things, in your own words."))
    goal_2 = fields.line(lazy("A second thing"))
    goal_3 = fields.line(lazy("A third thing"))
    time = fields.one_of(lazy("Time"))
    money = fields.one_of(lazy("Money"))
    effort = fields.one_of(lazy("Effort between sessions"))
    recommended_by = fields.one_of_many(lazy("Who told you about us?"))
    recommended_therapist = fields.one_of_many(
        lazy("Did they name somebody?"), lazy("Trust that comes with a name is worth a lot, so it counts.")
    )

    def offer(self, offered: Offered) -> None:
        steps = [(str(step), str(step)) for step in range(11)]
        self.hope.choices = fields.choices([*steps, (UNSAID, _("I do not know"))])
        for kind in v.INVESTMENTS.codes:
            self[kind].choices = fields.choices([*fields.of(v.INVESTMENT_LEVELS), (UNSAID, _("I do not know"))])
        self.recommended_by.choices = fields.choices([(UNSAID, fields.NOT_SAID), *fields.of(v.RECOMMENDERS)])
        self.recommended_therapist.choices = fields.choices([(UNSAID, _("No")), *offered.therapists.items()])

    def fill(self, said: Said, offered: Offered) -> None:
        hope = said.get("hope")
        self.hope.data = (UNSAID if said else None) if hope is None else str(hope)
        for name, goal in zip(_GOALS, said.get("goals", ()), strict=False):
            self[name].data = goal
        for kind in v.INVESTMENTS.codes:
            self[kind].data = said.get("investment", {}).get(kind, UNSAID if said else None)
        self.recommended_by.data = said.get("recommended_by", UNSAID)
        self.recommended_therapist.data = said.get("recommended_therapist_id", UNSAID)

    def said(self, offered: Offered) -> dict[str, Any]:
        given = {kind: self[kind].data for kind in v.INVESTMENTS.codes if self[kind].data}
        return {
            "hope": reading.step(self.hope.data),
            "goals": [text for name in _GOALS if (text := reading.text(self[name].data))],
            "investment": given,
            "recommended_by": self.recommended_by.data,
            "recommended_therapist_id": reading.known(self.recommended_therapist, offered),
        }


_GOALS = ("goal_1", "goal_2", "goal_3")
