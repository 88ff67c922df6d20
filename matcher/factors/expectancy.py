"""Expectancy: what lets this client expect help from this therapist.

Hope itself is the same whoever the therapist is, so it cannot change an order: it is a client covariate of the alliance
model. What differs is a recommendation for one therapist, and whether a therapist offers what helped before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from matcher import vocabulary as v
from matcher.encoding import TRAITS, ClientArrays, Directory
from matcher.encoding.bits import Bits, Flags, Floats, bits_of, codes_of
from matcher.encoding.lines import Column, Field, Line, only
from matcher.encoding.match_lines import STYLE
from matcher.entities import Reason
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
from matcher.factors.preference_fit import WIDEST_GAP
from matcher.sources import CONSTANTINO_2018, Source

RECOMMENDED_WEIGHT = 2.0  # one recommendation counts as much as two things that helped before

# What helped before, as the end of a style scale where it is at home …
HELPED_BY_STYLE: Mapping[str, tuple[str, float]] = MappingProxyType(
    {"warm": ("challenge", -v.STYLE_LIMIT), "honest": ("challenge", v.STYLE_LIMIT), "my_pace": ("lead", v.STYLE_LIMIT)}
)
# … or as ways of working that give it
HELPED_BY_MODALITY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"tools": ("cbt", "act", "dbt", "solution_focused"), "heard": ("person_centred", "emotion_focused")}
)
HELPED_GUESS = Source(
    "Rapport's authors: where what helped before is likely to be found again, no study",
    2026,
    "A judgement: people expect help from what has helped them.",
    guess=True,
)


def values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """The mean of a recommendation for this therapist (1, weight 2) and of each thing that helped before (0 … 1)."""
    return mean_of_known([_recommended(clients, directory), *_helped(clients, directory)])


def line(client: ClientArrays, circumstances: Circumstances) -> Line:
    """``values`` of one client with anybody but the therapist who was recommended."""
    said = codes_of(int(client.helped[0]), v.HELPS)
    helped = [(1.0, only(Column(_found_again, (code,), field=_field(code)))) for code in said if code in _CODES]
    return mean_of_lines([(RECOMMENDED_WEIGHT, Line(NEUTRAL)), *helped])


def _recommended(clients: ClientArrays, directory: Directory) -> tuple[Floats, Floats]:
    named = pairs_named(clients.recommended, directory)
    return np.full((len(clients), 1), RECOMMENDED_WEIGHT), np.where(named, 1.0, NEUTRAL)


def pairs_named(ids: tuple[str | None, ...], directory: Directory) -> Flags:
    """True for each client's one named therapist, shape (clients, therapists)."""
    named = np.zeros((len(ids), len(directory)), dtype=np.bool_)
    for client, therapist_id in enumerate(ids):
        row = directory.row(therapist_id)
        if row is not None:
            named[client, row] = True
    return named


def _helped(clients: ClientArrays, directory: Directory) -> Iterator[tuple[Floats, Floats]]:
    for code in (*HELPED_BY_STYLE, *HELPED_BY_MODALITY):
        weight = _said(clients, code)
        if weight.any():
            yield weight, _found_again(directory, code)[None, :]


def _field(code: str) -> Field:
    return ("traits", TRAITS.index("modality")) if code in HELPED_BY_MODALITY else STYLE


def _found_again(directory: Directory, code: str) -> Floats:
    """How likely what helped before is found with each therapist, 0 … 1, shape (n,)."""
    if code in HELPED_BY_MODALITY:
        return _offers(directory.trait("modality"), HELPED_BY_MODALITY[code])
    scale, end = HELPED_BY_STYLE[code]
    gap = np.abs(directory.style[:, v.STYLES.index(scale)] - end)
    return known_or_neutral(1 - gap / WIDEST_GAP)


def _said(clients: ClientArrays, code: str) -> Floats:
    return np.where(clients.helped & np.uint64(bits_of((code,), v.HELPS)) != 0, 1.0, 0.0)[:, None]


def _offers(offered: Bits, modalities: tuple[str, ...]) -> Floats:
    helps = offered & np.uint64(bits_of(modalities, v.MODALITIES)) != 0
    return np.where(offered == 0, NEUTRAL, np.where(helps, 1.0, 0.25))  # other ways of working may give it too


def remarks(pair: Pair) -> tuple[Remark, ...]:
    helped = [code for code in codes_of(int(pair.client.helped[0]), v.HELPS) if code in _CODES]
    total = RECOMMENDED_WEIGHT + len(helped)
    found = [
        Remark(
            (float(_found_again(pair.therapist, code)[0]) - NEUTRAL) / total, Reason("helped_before", {"help": code})
        )
        for code in helped
    ]
    if pair.client.recommended[0] == pair.therapist.ids[0]:
        found.append(Remark(NEUTRAL * RECOMMENDED_WEIGHT / total, Reason("recommended")))
    return tuple(remark for remark in found if remark.part > 0)


_CODES = frozenset((*HELPED_BY_STYLE, *HELPED_BY_MODALITY))

EXPECTANCY = Factor(
    code="expectancy",
    values=values,
    remarks=remarks,
    sources=(CONSTANTINO_2018, HELPED_GUESS),
    unit="share of what could raise this client's expectation of help from this therapist",
    direction="rises with a recommendation, and when the therapist offers what helped before",
    missing="no recommendation for this therapist, nothing that helped before, or not said by the therapist: 0.5",
    default_weight=0.07,
    why="hope goes with outcome at r = .18, but only part of it depends on who the therapist is",
    line=line,
)
