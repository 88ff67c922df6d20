"""The steps of an intake in their order: what each asks, why, and with which form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from web.intake import forms
from web.services.intakes import STEPS, KeptIntake
from web.wording.language import lazy

CHECK = "check"


@dataclass(frozen=True, slots=True)
class Step:
    """One topic: its page's title, its page, why it is asked, and its form."""

    name: str
    template: str
    title: Any
    why: Any
    form: type[forms.StepForm]


ALL: Mapping[str, Step] = MappingProxyType(
    {
        step.name: step
        for step in (
            Step(
                "concerns",
                "intake/concerns.html",
                lazy("What brings you here?"),
                lazy("One to three things, the most important first. It tells us who works with that, and how well."),
                forms.ConcernsForm,
            ),
            Step(
                "safety",
                "intake/safety.html",
                lazy("Are you safe?"),
                lazy("We ask everybody, because help must not wait for a list."),
                forms.SafetyForm,
            ),
            Step(
                "practicalities",
                "intake/practicalities.html",
                lazy("What must work in practice?"),
                lazy("These come first: nobody is shown to you who cannot meet them. The more you leave open, "
                     "the more people you see."),
                forms.PracticalitiesForm,
            ),
            Step(
                "about",
                "intake/about.html",
                lazy("About you"),
                lazy("All of this is optional. Each question says what it is good for."),
                forms.AboutForm,
            ),
            Step(
                "wishes",
                "intake/wishes.html",
                lazy("Who should your therapist be?"),
                lazy("Only what matters to you. A must is never overruled; a wish counts, but can be outweighed."),
                forms.WishesForm,
            ),
            Step(
                "style",
                "intake/style.html",
                lazy("How do you like to work?"),
                lazy("There is no right answer. The middle means both, or it depends. We use this to see which "
                     "therapists work the way you like."),
                forms.StyleForm,
            ),
            Step(
                "before",
                "intake/before.html",
                lazy("Therapy before"),
                lazy("What helped you once is likely to help again, and what put you off can be avoided."),
                forms.BeforeForm,
            ),
            Step(
                "expectations",
                "intake/expectations.html",
                lazy("What do you hope for?"),
                lazy("People who know what they want, and who are asked, tend to get more out of it."),
                forms.ExpectationsForm,
            ),
        )
    }
)  # fmt: skip
# What a therapist does at each end of a style scale
ENDS: Mapping[str, tuple[Any, Any]] = MappingProxyType(
    {
        "lead": (lazy("Leads the session and suggests what to do"), lazy("Follows where I want to go")),
        "feeling": (lazy("Goes deep into strong feelings"), lazy("Keeps feelings at a distance I can manage")),
        "time": (lazy("Looks at my past"), lazy("Stays with what is happening now")),
        "challenge": (lazy("Is gentle and supportive"), lazy("Challenges me kindly")),
    }
)
TOTAL = len(STEPS) + 1  # the answers are checked at the end


def number(name: str) -> int:
    """Which step it is, from 1."""
    return STEPS.index(name) + 1 if name in STEPS else TOTAL


def before(name: str) -> str | None:
    """The step before, None for the first."""
    k = number(name) - 2
    return STEPS[k] if k >= 0 else None


def after(name: str) -> str:
    """The step after; after the last one the answers are checked."""
    k = number(name)
    return STEPS[k] if k < len(STEPS) else CHECK


def next_open(kept: KeptIntake) -> str:
    """The first step at which nothing was said yet."""
    return next((name for name in STEPS if name not in kept.answers), CHECK)
