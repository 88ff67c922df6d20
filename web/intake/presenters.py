"""What the pages of the intake show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY
from web.intake import steps
from web.intake.forms import LinkForm
from web.services.clinics import Clinic
from web.services.intakes import STEPS, KeptIntake, Offered
from web.wording import intake as wording
from web.wording.language import _, label

STATUS: Mapping[str, int] = MappingProxyType({"open": 200, "unknown": 404, "expired": 410})
REQUIRED = ("concerns",)


@dataclass(frozen=True, slots=True)
class Page:
    """Where one is."""

    title: str
    why: str
    number: int
    total: int
    back: str | None
    saved: bool


@dataclass(frozen=True, slots=True)
class Task:
    """A step in the overview."""

    title: str
    href: str
    done: bool
    required: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """The two ends of a style scale."""

    name: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Told:
    """A step's answers, as they are looked at before they are sent."""

    title: str
    href: str
    answers: Sequence[tuple[str, str]]


def page(name: str, kept: KeptIntake | None) -> Page:
    """Where one is, and what the page is called; ``kept`` is None only where the database is gone."""
    before = steps.before(name)
    title = _("Check your answers") if name == steps.CHECK else str(steps.ALL[name].title)
    why = _("Nothing has been sent yet. Change whatever you like.") if name == steps.CHECK else str(steps.ALL[name].why)
    back = f"/intake/{before}" if before else None
    return Page(title, why, steps.number(name), steps.TOTAL, back, bool(kept and kept.answers))


def around(clinic: Clinic) -> dict[str, Any]:
    """What the pages of the steps need beside their forms."""
    return {
        "currency": clinic.currency,
        "clinic_name": clinic.name,
        "page_days": [label(v.WEEKDAYS, code) for code in v.WEEKDAYS.codes],
        "traits": tuple(WISH_VOCABULARY),
        "scales": [Scale(name, str(left), str(right)) for name, (left, right) in steps.ENDS.items()],
    }


def tasks(kept: KeptIntake) -> list[Task]:
    """Every step, and whether it was answered."""
    return [
        Task(str(steps.ALL[name].title), f"/intake/{name}", name in kept.answers, name in REQUIRED) for name in STEPS
    ]


def told(kept: KeptIntake, offered: Offered, currency: str) -> list[Told]:
    """All answers, in words."""
    places = {(place.location.latitude, place.location.longitude): place.name for place in offered.places}
    answers = wording.sections(kept.document(), places=places, therapists=offered.therapists, currency=currency)
    return [Told(str(wording.TITLES[name]), f"/intake/{name}?checked", answers.get(name, ())) for name in STEPS]


def missing(kept: KeptIntake) -> tuple[str, ...]:
    """The steps without which nothing can be sent."""
    return tuple(name for name in REQUIRED if not kept.said(name))


def unknown(form: LinkForm) -> LinkForm:
    """The form for a link, saying that it leads nowhere."""
    if not form.link.errors:
        form.link.errors = [
            _("This link leads to nothing here. It may be mistyped, or its answers are no longer kept.")
        ]
    return form
