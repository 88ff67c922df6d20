"""Where invented people come from: background, and what goes with it of language, faith and having moved.

The shares are guesses for a port in the north of Europe. They make a varied town; they say nothing about a real one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from matcher.simulation.chances import Table, each_of, happens, one_of

LOCAL = "en"
BACKGROUNDS: Table = MappingProxyType(
    {
        "western_european": 0.50, "eastern_european": 0.10, "south_asian": 0.08, "middle_eastern": 0.07,
        "african": 0.07, "latin_american": 0.05, "mixed": 0.05, "east_asian": 0.04, "caribbean": 0.03,
        "southeast_asian": 0.01,
    }
)  # fmt: skip
# The language spoken at home; most people of a background have the local one
HOME_LANGUAGES: Mapping[str, Table] = MappingProxyType(
    {
        "western_european": {"en": 8, "de": 0.5, "fr": 0.4, "nl": 0.3, "es": 0.4, "it": 0.3, "pt": 0.2, "sv": 0.2},
        "eastern_european": {"en": 3, "pl": 3, "ro": 1.5, "uk": 1.5, "ru": 1},
        "south_asian": {"en": 5, "hi": 1.5, "ur": 1.5, "pa": 1, "bn": 0.7, "ta": 0.5},
        "middle_eastern": {"en": 3, "ar": 3, "tr": 2, "fa": 1.5},
        "african": {"en": 5, "fr": 1.5, "so": 1, "sw": 0.6, "yo": 0.6, "am": 0.5},
        "latin_american": {"en": 3, "es": 4, "pt": 2},
        "mixed": {"en": 9, "fr": 0.5, "es": 0.5},
        "east_asian": {"en": 4, "zh": 3, "ja": 0.6, "ko": 0.6},
        "caribbean": {"en": 9, "fr": 0.6, "es": 0.6},
        "southeast_asian": {"en": 4, "vi": 2, "tl": 2},
    }
)
FAITHS_OF: Mapping[str, Table] = MappingProxyType(
    {
        "western_european": {"none": 6, "christian": 3, "spiritual": 1, "jewish": 0.3, "buddhist": 0.3},
        "eastern_european": {"none": 4, "christian": 5, "jewish": 0.3, "spiritual": 0.7},
        "south_asian": {"hindu": 4, "muslim": 3, "sikh": 1.5, "none": 2},
        "middle_eastern": {"muslim": 6, "none": 2.5, "christian": 1, "jewish": 0.5},
        "african": {"christian": 5, "muslim": 3, "none": 1.5, "spiritual": 0.5},
        "latin_american": {"christian": 5, "none": 3.5, "spiritual": 1.5},
        "mixed": {"none": 5, "christian": 3, "spiritual": 1, "buddhist": 0.5, "muslim": 0.5},
        "east_asian": {"none": 5, "buddhist": 2.5, "christian": 2, "spiritual": 0.5},
        "caribbean": {"christian": 6, "none": 2.5, "spiritual": 1.5},
        "southeast_asian": {"christian": 4, "buddhist": 3, "none": 2, "muslim": 1},
    }
)


def backgrounds(rng: np.random.Generator, n: int) -> list[str]:
    """A background for each of n people."""
    return one_of(rng, n, BACKGROUNDS)


def faiths(rng: np.random.Generator, origins: Sequence[str]) -> list[str]:
    """A faith for each person, or none."""
    return each_of(rng, [FAITHS_OF[origin] for origin in origins])


def home_languages(rng: np.random.Generator, origins: Sequence[str]) -> list[str]:
    """The language that each person grew up with."""
    return each_of(rng, [HOME_LANGUAGES[origin] for origin in origins])


def languages(
    rng: np.random.Generator, home: Sequence[str], *, local: float, home_first: float
) -> list[tuple[str, ...]]:
    """The languages of each person, the one they are most at home in first; ``local`` also speak the local one."""
    speaks, first = happens(rng, local, len(home)), happens(rng, home_first, len(home))
    return [_languages(*row) for row in zip(home, speaks, first, strict=True)]


def _languages(home: str, speaks_local: bool, home_first: bool) -> tuple[str, ...]:
    if home == LOCAL:
        return (LOCAL,)
    if not speaks_local:
        return (home,)
    return (home, LOCAL) if home_first else (LOCAL, home)
