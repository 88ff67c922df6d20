"""The features of one client's pairs (``match_features``) as lines over columns of the therapists."""

from __future__ import annotations

from functools import cache, lru_cache
from math import isnan

import numpy as np

from matcher import vocabulary as v
from matcher.encoding.bits import Floats
from matcher.encoding.clients import TRAITS, ClientArrays
from matcher.encoding.directory import Directory
from matcher.encoding.features import UNKNOWN_GAP
from matcher.encoding.lines import Column, Field, Line, only, together

STYLE: Field = ("style", None)
COMMUNITIES: Field = ("traits", TRAITS.index("communities"))
LANGUAGE = -1  # in place of a trait
MAX_DEPTH = 3.0
NOTHING = Line(0.0)
MOST_LINES = 2048  # answers whose line is kept


def match_lines(clients: ClientArrays) -> dict[str, Line]:
    """``match_features`` of the first client with any therapist, each as constant + Σ share · column."""
    return {
        **{f"gap_{scale}": gap_line(clients.style[0, k].item(), k) for k, scale in enumerate(v.STYLES.codes)},
        **_depth_lines([concern for concern in clients.concerns[0].tolist() if concern >= 0]),
        **_wish_lines(clients),
        "knows_community": community_line(int(clients.communities[0])),
        "first_language": _same_line(LANGUAGE, int(clients.first_language[0])),
        "same_gender": _same_line(TRAITS.index("gender"), int(clients.gender[0])),
        "same_background": _same_line(TRAITS.index("background"), int(clients.background[0])),
    }


def gap_line(answer: float, k: int, unknown: float = UNKNOWN_GAP) -> Line:
    """Distance from an answer on the k-th style scale, and what it counts as where either is not sure."""
    return Line(unknown) if isnan(answer) else _gap_line(answer, k, unknown)


@lru_cache(MOST_LINES)
def _gap_line(answer: float, k: int, unknown: float) -> Line:
    gap = only(Column(_gap, (k, answer), high=2.0 * v.STYLE_LIMIT, field=STYLE))
    unsure = only(Column(_unsure, (k,), field=STYLE), unknown - UNKNOWN_GAP)
    return gap if unknown == UNKNOWN_GAP else together([gap, unsure])


@cache
def depth_line(concern: int) -> Line:
    """Depth with a concern."""
    return only(Column(_depth_of, (concern,), high=MAX_DEPTH, field=("depth", concern)))


@lru_cache(MOST_LINES)
def community_line(communities: int) -> Line:
    """The share of a client's communities that a therapist knows; 0 where none is named."""
    named = [k for k in range(communities.bit_length()) if communities >> k & 1]
    return Line(0.0, tuple((Column(_knows, (k,), field=COMMUNITIES), 1 / len(named)) for k in named))


def wish_line(clients: ClientArrays, trait: str) -> Line:
    """+1 the first client's wish about a trait is met, −1 it is not, 0 the therapist did not say."""
    k = TRAITS.index(trait)
    return _sharing_line(k, int(clients.wish_options[0, k]))


def _depth_lines(concerns: list[int]) -> dict[str, Line]:
    lines = [depth_line(concern) for concern in concerns]
    return {"main_depth": lines[0], "mean_depth": together(lines).times(1 / len(lines))}


def _wish_lines(clients: ClientArrays) -> dict[str, Line]:
    strength = dict(zip(TRAITS, clients.wish_strength[0].tolist(), strict=True))
    lines = {trait: wish_line(clients, trait).times(s) if s else NOTHING for trait, s in strength.items()}
    identity = together(lines[trait] for trait in ("background", "faith", "communities"))
    return {f"wish_{trait}": lines[trait] for trait in ("gender", "age_band", "modality")} | {"wish_identity": identity}


def _same_line(k: int, ours: int) -> Line:
    return _sharing_line(k, ours) if ours else NOTHING


@lru_cache(MOST_LINES)
def _sharing_line(k: int, ours: int) -> Line:
    field: Field = ("languages", None) if k == LANGUAGE else ("traits", k)
    return only(Column(_shares, (k, ours), low=-1.0, field=field))


def _gap(directory: Directory, k: int, answer: float) -> Floats:
    gap = np.abs(answer - directory.style[:, k])
    return np.where(np.isnan(gap), UNKNOWN_GAP, gap)


def _unsure(directory: Directory, k: int) -> Floats:
    return np.isnan(directory.style[:, k]).astype(np.float64)


def _depth_of(directory: Directory, concern: int) -> Floats:
    return directory.depth[:, concern].astype(np.float64)


def _knows(directory: Directory, k: int) -> Floats:
    return (directory.trait("communities") >> np.uint64(k) & np.uint64(1)).astype(np.float64)


def _shares(directory: Directory, k: int, ours: int) -> Floats:
    """+1 where the k-th trait, or a language, has anything of ours, −1 where it has not, 0 where it was not said."""
    theirs = directory.languages if k == LANGUAGE else directory.traits[:, k]
    return np.asarray(np.where(theirs & np.uint64(ours), 1.0, -1.0) * (theirs != 0))
