"""Preference fit: who the client would like, and how they like to work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from matcher import vocabulary as v
from matcher.encoding import TRAITS, ClientArrays, Directory
from matcher.encoding.bits import Floats, bits_of, codes_of
from matcher.encoding.lines import Line, together
from matcher.encoding.match_lines import gap_line, wish_line
from matcher.entities import WISH_VOCABULARY, Reason
from matcher.factors.base import (
    NEUTRAL,
    Circumstances,
    Factor,
    Pair,
    Remark,
    known_or_neutral,
    mean_of_known,
    mean_of_lines,
)
from matcher.sources import COOPER_NORCROSS_2016, SWIFT_2018, Source

WISHED = tuple(trait for trait in TRAITS if trait != "modality")  # the modality wanted belongs to credibility
WIDEST_GAP = 2 * v.STYLE_LIMIT
STYLE_WEIGHT = 1.0
IMPLIED_WEIGHT = 0.5
CLOSE, WIDE = 1, 4  # gaps on a style scale up to which, and from which, we say so

# Where a client is unsure about a scale, what put them off before says which way they lean: −1 left end, +1 right end.
IMPLIED: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "lead": MappingProxyType({"over_structured": 1, "rigid": 1, "left_in_silence": -1}),
        "challenge": MappingProxyType({"critical": -1}),
        "time": MappingProxyType({"over_interpreted": 1}),
    }
)
IMPLIED_STYLE = 2.0
HINDRANCE_GUESS = Source(
    "Rapport's authors: what put a client off before as a leaning on the style scales, no study",
    2026,
    "A judgement: it counts half of what the client says outright, and only where they are unsure.",
    guess=True,
)


def values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """The mean of how far each stated preference is met, weighted by its strength: must 3, matters 2, a little 1.

    A style scale that the client answered counts 1, one implied by what put them off ½; it is met 1 − gap / 6.
    """
    return mean_of_known([*_wishes(clients, directory), *_styles(clients, directory)])


def line(client: ClientArrays, circumstances: Circumstances) -> Line:
    """``values`` of one client over columns: what was wished is met to ½ + ½ · (+1 met, −1 not)."""
    where, weight = leaning(client)
    wished = [(strength, met_line(client, trait)) for trait in WISHED if (strength := _strength_of(client, trait))]
    styled = enumerate(zip(where[0].tolist(), weight[0].tolist(), strict=True))
    return mean_of_lines([*wished, *((counts, _closeness(at, k)) for k, (at, counts) in styled if counts)])


def met_line(client: ClientArrays, trait: str) -> Line:
    """``wish_value`` of one client."""
    return together([Line(NEUTRAL), wish_line(client, trait).times(0.5)])


def _closeness(where: float, k: int) -> Line:
    gap = gap_line(where, k, unknown=NEUTRAL * WIDEST_GAP)
    return together([Line(1.0), gap.times(-1 / WIDEST_GAP)])


def leaning(clients: ClientArrays) -> tuple[Floats, Floats]:
    """Where clients stand on the style scales and how much it counts, (n, 4) each; weight 0 where nothing is known."""
    implied = np.zeros_like(clients.style)
    for scale, signs in IMPLIED.items() if clients.hindered.any() else ():
        for hindrance, sign in signs.items():
            named = clients.hindered & np.uint64(bits_of((hindrance,), v.HINDRANCES)) != 0
            implied[:, v.STYLES.index(scale)] += sign * named
    said = ~np.isnan(clients.style)
    weight = np.where(said, STYLE_WEIGHT, np.where(implied != 0, IMPLIED_WEIGHT, 0.0))
    return np.where(said, clients.style, IMPLIED_STYLE * np.sign(implied)), weight


def _styles(clients: ClientArrays, directory: Directory) -> Iterator[tuple[Floats, Floats]]:
    where, weight = leaning(clients)
    for k in range(len(v.STYLES)):
        gap = np.abs(where[:, k, None] - directory.style[None, :, k])
        yield weight[:, k, None], known_or_neutral(1 - gap / WIDEST_GAP)


def _wishes(clients: ClientArrays, directory: Directory) -> Iterator[tuple[Floats, Floats]]:
    for trait in WISHED:
        k = TRAITS.index(trait)
        strength = clients.wish_strength[:, k, None].astype(float)
        if strength.any():
            yield strength, wish_value(clients, directory, trait)


def wish_value(clients: ClientArrays, directory: Directory, trait: str) -> Floats:
    """1 where the therapist is what was wished, 0 where not, neutral where they did not say; (clients, therapists)."""
    k = TRAITS.index(trait)
    offered = directory.traits[None, :, k]
    met = (clients.wish_options[:, k, None] & offered) != 0
    return np.where(offered == 0, NEUTRAL, met.astype(float))


def remarks(pair: Pair) -> tuple[Remark, ...]:
    where, style_weight = leaning(pair.client)
    total = style_weight[0].sum() + sum(_strength_of(pair.client, trait) for trait in WISHED)
    found = [*_wish_remarks(pair), *_style_remarks(pair, where[0], style_weight[0])]
    return tuple(Remark(remark.part / total, remark.reason) for remark in found)


def _strength_of(client: ClientArrays, trait: str) -> int:
    return int(client.wish_strength[0, TRAITS.index(trait)])


def _wish_remarks(pair: Pair) -> Iterator[Remark]:
    for trait in WISHED:
        strength, offered = _strength_of(pair.client, trait), int(pair.therapist.trait(trait)[0])
        if not strength or not offered:
            continue
        met = offered & int(pair.client.wish_options[0, TRAITS.index(trait)])
        if met:
            option = codes_of(met, WISH_VOCABULARY[trait])[0]
            yield Remark(strength * NEUTRAL, Reason("wish_met", {"trait": trait, "option": option}))
        else:
            yield Remark(-strength, Reason("wish_not_met", {"trait": trait}))


def _style_remarks(pair: Pair, where: Floats, weight: Floats) -> Iterator[Remark]:
    for k, scale in enumerate(v.STYLES.codes):
        theirs = pair.therapist.style[0, k]
        if weight[k] == 0 or np.isnan(theirs):
            continue
        gap = float(abs(where[k] - theirs))
        params: dict[str, str | int | float] = {"scale": scale, "end": _end(where[k])}
        if gap <= CLOSE:
            yield Remark(float(weight[k]) * (1 - gap / WIDEST_GAP - NEUTRAL), Reason("style_match", params))
        elif gap >= WIDE:
            yield Remark(-float(weight[k]) * gap / WIDEST_GAP, Reason("style_gap", params))


def _end(where: float) -> str:
    return "left" if where < 0 else "right" if where > 0 else "middle"


PREFERENCE_FIT = Factor(
    code="preference_fit",
    values=values,
    remarks=remarks,
    sources=(SWIFT_2018, COOPER_NORCROSS_2016, HINDRANCE_GUESS),
    unit="strength-weighted share of stated preferences that are met",
    direction="rises when a wish is met and when a style gap narrows",
    missing="a preference the client did not state does not count; a trait or scale the therapist left out is half met",
    default_weight=0.20,
    why="d = .28 (r = .14) with outcome and half the dropout: half the alliance's weight",
    line=line,
)
