"""What invented clients would like their therapist to be: often somebody like themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY, Wish, Wishes
from matcher.simulation.chances import happens, one_of
from matcher.simulation.intake_chances import STRENGTHS, WISH_SHARES, WISHED_MODALITIES

NO_WISH: tuple[str, ...] = ()


def draw_wishes(
    rng: np.random.Generator,
    *,
    gender: Sequence[str | None],
    age_band: Sequence[str],
    background: Sequence[str | None],
    faith: Sequence[str | None],
    communities: Sequence[tuple[str, ...]],
    concern: Sequence[str],
) -> list[Wishes]:
    """The wishes of each client, from who they are."""
    n = len(gender)
    coin = rng.random(n)
    likely = {
        "gender": [_gender(*row) for row in zip(gender, coin, strict=True)],
        "age_band": [_near_in_age(band) for band in age_band],
        "background": [NO_WISH if own in (None, "western_european") else (own,) for own in background],
        "faith": [NO_WISH if own in (None, "none") else (own,) for own in faith],
        "communities": [own[:1] for own in communities],
        "modality": [_modality(*row) for row in zip(concern, one_of(rng, n, WISHED_MODALITIES), coin, strict=True)],
    }
    drawn = {trait: _wishes(rng, trait, options) for trait, options in likely.items()}
    return [Wishes(**dict(zip(WISH_VOCABULARY, row, strict=True))) for row in _rows(drawn)]


def _rows(drawn: dict[str, list[Wish]]) -> list[tuple[Wish, ...]]:
    return list(zip(*(drawn[trait] for trait in WISH_VOCABULARY), strict=True))


def _wishes(rng: np.random.Generator, trait: str, options: Sequence[tuple[str, ...]]) -> list[Wish]:
    """Wishes of a share of those for whom one is likely."""
    wished = happens(rng, WISH_SHARES[trait], len(options))
    strengths = one_of(rng, len(options), STRENGTHS[trait])
    return [
        Wish(own, strength) if own and holds else Wish()
        for own, holds, strength in zip(options, wished, strengths, strict=True)
    ]


def _gender(own: str | None, coin: float) -> tuple[str, ...]:
    if own == "woman":
        return ("woman",) if coin < 0.92 else ("man",)
    if own == "non_binary":
        return ("non_binary", "woman")
    return ("man",) if coin < 0.55 else ("woman",)


def _near_in_age(band: str) -> tuple[str, ...]:
    """One's own age band and the next, from 25 on: nobody is a therapist at 20."""
    bands = v.AGE_BANDS.codes
    k = max(bands.index(band), bands.index("from_25"))
    return bands[k : k + 2]


def _modality(concern: str, fashion: str, coin: float) -> tuple[str, ...]:
    known = {"trauma": "emdr", "ocd": "cbt", "panic": "cbt", "family": "systemic", "mood_swings": "dbt"}
    return (known[concern],) if concern in known and coin < 0.5 else (fashion,)
