"""One text per code, for pages, API, mail and command line alike: short, in the second person, at a reading age of 12.

Each table maps a code to English words, which are looked up in the catalogue of the reader's language when they are
said (``web.wording.language``).
"""

from __future__ import annotations

from matcher.entities import RankedMatch, Reason, Remedy
from web.wording.evidence import evidence
from web.wording.language import _, ngettext
from web.wording.learning import say_curve, say_direction, say_learned, say_taught_by, say_too_little
from web.wording.lists import FACTORS, FIT, GOOD_FROM, NOTES, STRONG_FROM
from web.wording.reasons import CAUTIONS, REASONS
from web.wording.refusals import REFUSALS, REMEDIES

__all__ = [
    "evidence",
    "fit_words",
    "say",
    "say_curve",
    "say_direction",
    "say_factor",
    "say_factor_why",
    "say_learned",
    "say_note",
    "say_refusal",
    "say_remedy",
    "say_taught_by",
    "say_too_little",
]


def say(reason: Reason) -> str:
    """A reason or a caution in words."""
    words = REASONS[reason.code] if reason.code in REASONS else CAUTIONS[reason.code]
    return words(reason.params)


def say_refusal(code: str) -> str:
    """Why a therapist cannot be offered."""
    return str(REFUSALS[code])


def say_remedy(remedy: Remedy, currency: str | None = None) -> str:
    """A way out, with how many therapists it opens."""
    paid = {} if currency is None else {"currency": currency}
    asked = REMEDIES[remedy.code]({**remedy.params, **paid})
    if remedy.also is not None:
        second = REMEDIES[remedy.also.code]({**remedy.also.params, **paid})
        asked = _("%(first)s, and also: %(second)s", first=asked, second=f"{second[0].lower()}{second[1:]}")
    opened = ngettext("%(num)d more person", "%(num)d more people", remedy.opens)
    return f"{asked} ({opened})"


def say_factor(code: str) -> str:
    """The short name of a factor."""
    return str(FACTORS[code][0])


def say_factor_why(code: str) -> str:
    """What a factor looks at, in a sentence."""
    return str(FACTORS[code][1])


def say_note(code: str) -> str:
    """What the reader must know about a whole list."""
    return str(NOTES[code])


def fit_words(match: RankedMatch) -> str:
    """How well somebody fits, in two words, from the score alone, so that equal scores read alike."""
    level = "strong" if match.score >= STRONG_FROM else "good" if match.score >= GOOD_FROM else "possible"
    return str(FIT[level])
