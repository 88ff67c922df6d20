"""The smallest changes of an intake that open places, for when hardly anyone can be offered.

Each requirement that a client could give way on is dropped in turn; the therapists whom that opens say what the
smallest change would have been, and the change is then counted on the whole directory. Where no single change opens
anyone, pairs are tried. What nobody can change (the place of licence, the age, a blocked pair) is never proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from math import ceil
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from matcher import vocabulary as v
from matcher.eligibility import codes_of, flag, refusals, usable_openings
from matcher.encoding import TRAITS, ClientArrays, Directory
from matcher.encoding.bits import Bits
from matcher.encoding.earth import distance_km
from matcher.entities import Intake, Reason, Remedy, Wish

ENOUGH = 3  # with this many to choose from, nobody is asked to give way
SHOWN = 5
FEE_STEP_CENTS = 500

Params = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement eased: in words, and as the intake that it makes."""

    code: str
    params: Params
    intake: Intake


def remedies(intake: Intake, directory: Directory) -> tuple[Remedy, ...]:
    """Ways out, those that open most first; at equal numbers the one that asks least (the order of ``EASED``).

    The therapists who are full are counted last, as ``wait_for_place``: it asks nothing but time.
    """
    refused = _refused(intake, directory)
    within_change = directory.take(np.flatnonzero((refused != 0) & (refused & _FIXED == 0)))
    ways = [*_singles(intake, within_change)] or [*_pairs(intake, within_change)]
    full = int((refused == flag("capacity")).sum())
    waiting = [Remedy("wait_for_place", {}, full)] if full else []
    return (*sorted(ways, key=lambda way: -way.opens)[:SHOWN], *waiting)


def changes_for(intake: Intake, one: Directory) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """The smallest changes of the answers, all together, that let one therapist be offered; and what no answer changes.

    The changes remove every requirement but those; empty where one of them cannot be named.
    """
    fixed = codes_of(int(_refused(intake, one)[0] & _FIXED))
    changes: list[Change] = []
    eased = intake
    for code, drop in _DROPPED.items():
        others = eased
        for other, drop_other in _DROPPED.items():
            others = others if other == code else drop_other(others)
        if not _stands_between(others, one):
            continue
        change = EASED[code](eased, one, drop(others))
        if change is None:
            return (), fixed
        changes.append(change)
        eased = change.intake
    return (() if _stands_between(eased, one) else tuple(Reason(c.code, c.params) for c in changes)), fixed


def _stands_between(intake: Intake, one: Directory) -> bool:
    return bool(_refused(intake, one)[0] & ~_FIXED)


def _refused(intake: Intake, directory: Directory) -> NDArray[np.uint32]:
    return np.asarray(refusals(ClientArrays.of((intake,)), directory)[0])


def _opened(intake: Intake, directory: Directory) -> NDArray[np.intp]:
    return np.flatnonzero(_refused(intake, directory) == 0)


def _singles(intake: Intake, directory: Directory) -> Iterator[Remedy]:
    for code in EASED:
        change = _smallest(code, intake, directory, others=intake)
        if change is not None:
            yield Remedy(change.code, change.params, len(_opened(change.intake, directory)))


def _pairs(intake: Intake, directory: Directory) -> Iterator[Remedy]:
    """The first change is the smallest that helps once the second requirement is dropped; then the second follows."""
    for first, second in combinations(EASED, 2):
        change = _smallest(first, intake, directory, others=_DROPPED[second](intake))
        if change is None:
            continue
        both = _smallest(second, change.intake, directory, others=change.intake)
        if both is not None:
            opens = len(_opened(both.intake, directory))
            yield Remedy(change.code, change.params, opens, Reason(both.code, both.params))


def _smallest(code: str, intake: Intake, directory: Directory, *, others: Intake) -> Change | None:
    """The smallest easing of one requirement of ``intake`` that opens somebody, ``others`` being what else holds."""
    dropped = _DROPPED[code](others)
    if dropped == others:
        return None
    rows = _opened(dropped, directory)
    return EASED[code](intake, directory.take(rows), dropped) if len(rows) else None


def _add_language(intake: Intake, opened: Directory, dropped: Intake) -> Change:
    language = _most_common(opened.languages, v.LANGUAGES)
    return Change("add_language", {"language": language}, replace(intake, languages=(*intake.languages, language)))


def _add_format(intake: Intake, opened: Directory, dropped: Intake) -> Change:
    (other,) = set(v.FORMATS.codes) - set(intake.formats)
    return Change("add_format", {"format": other}, replace(intake, formats=v.FORMATS.codes))


def _raise_distance(intake: Intake, opened: Directory, dropped: Intake) -> Change | None:
    away = distance_km(ClientArrays.of((intake,)).place, opened.place)
    if np.isnan(away).all():
        return None  # nobody says where they are, so no distance can be named
    km = ceil(np.nanmin(away))
    return Change("raise_distance", {"km": km}, replace(intake, max_distance_km=float(km)))


def _add_time(intake: Intake, opened: Directory, dropped: Intake) -> Change | None:
    named = np.uint64(sum(1 << v.TIMES.codes.index(time) for time in intake.times))
    offered = usable_openings(ClientArrays.of((dropped,)), opened)[0] & ~named
    if not offered.any():
        return None  # only at times named already, or in a format that does not work: no time can be added
    time = _most_common(offered, v.TIMES)
    return Change("add_time", {"time": time}, replace(intake, times=(*intake.times, time)))


def _raise_fee(intake: Intake, opened: Directory, dropped: Intake) -> Change | None:
    if np.isnan(opened.lowest_fee_cents).all():
        return None  # nobody says what they charge, so no fee can be named
    cents = ceil(np.nanmin(opened.lowest_fee_cents) / FEE_STEP_CENTS) * FEE_STEP_CENTS
    code = "pay_yourself" if intake.max_fee_cents is None else "raise_fee"
    return Change(code, {"max_fee_cents": cents}, replace(intake, max_fee_cents=cents))


def _soften(trait: str) -> Callable[[Intake, Directory, Intake], Change]:
    def ease(intake: Intake, opened: Directory, dropped: Intake) -> Change:
        return Change("soften_wish", {"trait": trait}, _softened(intake, trait))

    return ease


def _softened(intake: Intake, trait: str) -> Intake:
    wish: Wish = getattr(intake.wishes, trait)
    if wish.strength != "must":
        return intake
    return replace(intake, wishes=replace(intake.wishes, **{trait: replace(wish, strength="matters")}))


def _most_common(sets: Bits, words: v.Vocabulary) -> str:
    """The code that most rows hold, the first in the vocabulary at equal numbers."""
    counts = [int((sets >> np.uint64(k) & np.uint64(1)).sum()) for k in range(len(words))]
    return words.codes[int(np.argmax(counts))]


def _any_format(intake: Intake) -> Intake:
    return replace(intake, formats=()) if len(intake.formats) == 1 else intake


# What is dropped to see whom one requirement keeps away, and how little of it is enough; those that ask least first.
_FIXED = np.uint32(sum(map(flag, ("capacity", "blocked", "licence", "age_group"))))
_DROPPED: Mapping[str, Callable[[Intake], Intake]] = MappingProxyType(
    {
        "add_time": lambda intake: replace(intake, times=()),
        "raise_distance": lambda intake: replace(intake, max_distance_km=None),
        "add_format": _any_format,
        "raise_fee": lambda intake: replace(intake, max_fee_cents=None, insurance=None),
        "add_language": lambda intake: replace(intake, languages=()),
        **{f"soften_{trait}": partial(_softened, trait=trait) for trait in TRAITS},
    }
)
EASED: Mapping[str, Callable[[Intake, Directory, Intake], Change | None]] = MappingProxyType(
    {
        "add_time": _add_time,
        "raise_distance": _raise_distance,
        "add_format": _add_format,
        "raise_fee": _raise_fee,
        "add_language": _add_language,
        **{f"soften_{trait}": _soften(trait) for trait in TRAITS},
    }
)
