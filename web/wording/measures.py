"""Scores of questionnaires, moments of care and changes, in words; questionnaires bring their own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy

MOMENTS: Mapping[str, Any] = {
    "booking": lazy("at the beginning"),
    "before_first": lazy("before your first session"),
    "course": lazy("during therapy"),
    "imported": lazy("brought in by the practice"),
}
# What the authors of PHQ-9 and GAD-7 call ranges of scores; a licensed questionnaire brings its own words
BANDS: Mapping[str, Any] = {
    "minimal": lazy("minimal"),
    "mild": lazy("mild"),
    "moderate": lazy("moderate"),
    "moderately severe": lazy("moderately severe"),
    "severe": lazy("severe"),
}


def say_moment(moment: str) -> str:
    """When in their care something was said."""
    return str(MOMENTS[moment])


def say_their_moment(moment: str) -> str:
    """The same for whoever reads what a client said."""
    return _("before the first session") if moment == "before_first" else say_moment(moment)


def say_band(words: str) -> str:
    """A range of scores by its name."""
    return str(BANDS.get(words, words))


def say_change(direction: str, *, is_reliable: bool) -> str:
    """How a score has changed since the first time; ``direction`` is better, worse or same."""
    if not is_reliable:
        return _("about the same as the first time")
    is_better = direction == "better"
    return _("clearly better than the first time") if is_better else _("clearly heavier than the first time")
