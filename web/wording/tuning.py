"""The factors and the groups in words for those who lead a clinic, who read about clients and not about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher import vocabulary as v
from web.wording.language import _, label, lazy

# A short name, and one sentence on what it looks at
FACTORS: Mapping[str, tuple[Any, Any]] = {
    "alliance": (lazy("Expected alliance"), lazy("How well this client and this therapist are likely to get on.")),
    "preference_fit": (lazy("Wishes and style"), lazy("Whom the client would like to see, and how they like to work.")),
    "concern_expertise": (lazy("Experience with the concern"), lazy("How much the therapist works with it.")),
    "credibility": (lazy("Training"), lazy("Recognised training, and the kind of therapy that the client wants.")),
    "expectancy": (lazy("Hope and trust"), lazy("A recommendation, and what has helped the client before.")),
    "access": (lazy("Easy to reach"), lazy("How soon, how near, and how well times and fee fit.")),
    "continuity": (lazy("Known from before"), lazy("Whether the two have worked together before.")),
    "experience": (lazy("Years in practice"), lazy("How long the therapist has been working.")),
}  # fmt: skip
PRESETS: Mapping[str, Any] = {
    "balanced": lazy("Balanced"),
    "wishes_first": lazy("Wishes first"),
    "soonest": lazy("Soonest"),
}
KINDS: Mapping[str, Any] = {
    "gender": lazy("Gender"),
    "age_band": lazy("Age"),
    "background": lazy("Background"),
    "faith": lazy("Faith"),
}
_WORDS = {"gender": v.GENDERS, "age_band": v.AGE_BANDS, "background": v.BACKGROUNDS, "faith": v.FAITHS}
# How far clients may move a factor with their own sliders, as multiples of its weight
LEAST: Mapping[float, Any] = {
    0.0: lazy("down to nothing"),
    0.25: lazy("down to a quarter"),
    0.5: lazy("down to half"),
    1.0: lazy("not at all"),
}
MOST: Mapping[float, Any] = {
    1.0: lazy("not at all"),
    2.0: lazy("up to twice as much"),
    4.0: lazy("up to four times as much"),
    10.0: lazy("up to ten times as much"),
}


def say_factor(code: str) -> str:
    """The short name of a factor."""
    return str(FACTORS[code][0])


def say_factor_why(code: str) -> str:
    """What a factor looks at, in a sentence."""
    return str(FACTORS[code][1])


def say_preset(code: str) -> str:
    """The name of a preset."""
    return str(PRESETS.get(code, code))


def say_kind(kind: str) -> str:
    """By what people are told apart."""
    return str(KINDS[kind])


def say_group(kind: str, code: str) -> str:
    """A group of people by what they said of themselves."""
    return _("did not say") if code == "not_said" else label(_WORDS[kind], code)


def say_bound(table: Mapping[float, Any], value: float) -> str:
    """A bound in words; one that the page does not offer is told as a number."""
    return str(table[value]) if value in table else _("to %(times)s times as much", times=f"{value:g}")
