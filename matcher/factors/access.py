"""Access: how soon, how near, how well the times and the fee fit. What is impossible was refused before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from math import ceil
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from matcher import vocabulary as v
from matcher.eligibility import usable_openings
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import IN_PERSON, ONLINE, Bits, Floats, codes_of, overlap, popcount
from matcher.encoding.earth import distance_km
from matcher.encoding.lines import Column, Field, Line, only
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
from matcher.sources import WAITING_2023, Source

ODDS_KEPT_A_WEEK = 0.95
HURRY = np.array([3.0, 1.5, 1.0, 1.0])  # within two weeks, within six, no hurry; the last row is "not said"
HALF_WAY_KM = 15.0  # the distance at which a journey has cost half of what it can
ENOUGH_TIMES = 2
WAIT: Field = ("available_from", None)
WAIT_WEIGHT, TIMES_WEIGHT, WAY_WEIGHT, FEE_WEIGHT = 2.0, 1.0, 1.0, 1.0
LONG_WAIT_DAYS, SOON_DAYS, FAR_KM, NEAR_KM = 21, 7, 20.0, 5.0
ACCESS_GUESS = Source(
    "Rapport's authors: how distance, fee and urgency translate into access, no study",
    2026,
    "A judgement: a wait counts twice each of times, way and fee; urgency multiplies what a week costs.",
    guess=True,
)


def values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """The weighted mean of wait (2), times, way and fee (1 each), over those that apply to the client."""
    return mean_of_known([*_parts(clients, directory, circumstances).values()])


def _parts(clients: ClientArrays, directory: Directory, here: Circumstances) -> dict[str, tuple[Floats, Floats]]:
    """(weights, values) of each part; weight 0 where a part does not apply."""
    parts = {"times": _times(clients, directory), "way": _way(clients, directory), "fee": _fee(clients, directory)}
    return parts if here.today is None else {"wait": _wait(clients, directory, here), **parts}


def line(client: ClientArrays, circumstances: Circumstances) -> Line:
    """``values`` of one client: the wait is a column of many clients, times, way and fee are this client's own."""
    parts: list[tuple[float, Line]] = []
    if circumstances.today is not None:
        hurry = float(HURRY[client.urgency[0]])
        parts.append((WAIT_WEIGHT, only(Column(_kept_over_wait, (circumstances.today, hurry), field=WAIT))))
    asked = (
        (TIMES_WEIGHT * bool(client.times[0]), _times),
        (WAY_WEIGHT * bool(~np.isnan(client.place[0, 0]) and client.formats[0] & IN_PERSON), _way),
        (FEE_WEIGHT * bool(client.insurance[0] or not np.isnan(client.max_fee_cents[0])), _fee),
    )
    own = [(weight, only(Column(_alone, (part, client), kept=False))) for weight, part in asked if weight]
    return mean_of_lines([*parts, *own])


def _alone(
    directory: Directory, part: Callable[[ClientArrays, Directory], tuple[Floats, Floats]], client: ClientArrays
) -> Floats:
    """One client's value of a part, (n,)."""
    return np.asarray(np.broadcast_to(part(client, directory)[1], (1, len(directory)))[0])


def _kept_over_wait(directory: Directory, today: date, hurry: float) -> Floats:
    return np.asarray(ODDS_KEPT_A_WEEK ** (wait_days(directory, Circumstances(today)) / 7 * hurry))


def wait_days(directory: Directory, circumstances: Circumstances) -> NDArray[np.int64]:
    """Days until a new client can start, shape (n,); 0 for now, and without a day of ranking."""
    if circumstances.today is None:
        return np.zeros(len(directory), dtype=np.int64)
    return np.maximum(directory.available_from - circumstances.today.toordinal(), 0)


def _wait(clients: ClientArrays, directory: Directory, here: Circumstances) -> tuple[Floats, Floats]:
    weeks = wait_days(directory, here)[None, :] / 7
    return np.full((1, 1), WAIT_WEIGHT), ODDS_KEPT_A_WEEK ** (weeks * HURRY[clients.urgency][:, None])


def _fitting(clients: ClientArrays, directory: Directory) -> Bits:
    """Openings at the client's times, shape (clients, therapists)."""
    return np.asarray(usable_openings(clients, directory) & clients.times[:, None])


def _times(clients: ClientArrays, directory: Directory) -> tuple[Floats, Floats]:
    asked = np.where(clients.times != 0, TIMES_WEIGHT, 0.0)[:, None]
    fitting = np.minimum(popcount(_fitting(clients, directory)), ENOUGH_TIMES) / ENOUGH_TIMES
    return asked, np.where(_no_diary(directory)[None, :], NEUTRAL, fitting)


def _no_diary(directory: Directory) -> NDArray[np.bool_]:
    return np.asarray(directory.times_online | directory.times_in_person == 0)


def _way(clients: ClientArrays, directory: Directory) -> tuple[Floats, Floats]:
    """1 online or next door, ½ at 15 km, towards 0 far away."""
    known = ~np.isnan(clients.place[:, 0]) & (clients.formats & IN_PERSON != 0)
    if not known.any():
        return np.zeros((1, 1)), np.full((1, 1), NEUTRAL)
    near = known_or_neutral(1 / (1 + distance_km(clients.place, directory.place) / HALF_WAY_KM))
    online = overlap(clients.formats & ONLINE, directory.formats)
    return WAY_WEIGHT * known[:, None], np.where(online, 1.0, near)


def _fee(clients: ClientArrays, directory: Directory) -> tuple[Floats, Floats]:
    """1 for nothing to pay, ½ at the client's limit, 0 at twice the limit; insurance pays all."""
    limit = clients.max_fee_cents[:, None]
    applies = (clients.insurance != 0)[:, None] | ~np.isnan(limit)
    share = directory.lowest_fee_cents[None, :] / np.where(limit > 0, limit, np.nan)
    insured = overlap(clients.insurance, directory.insurances)
    return FEE_WEIGHT * applies, np.where(insured, 1.0, known_or_neutral(np.clip(1 - share / 2, 0, 1)))


def remarks(pair: Pair) -> tuple[Remark, ...]:
    parts = _parts(pair.client, pair.therapist, pair.circumstances)
    total = sum(float(weight[0, 0]) for weight, _ in parts.values())
    found: list[Remark] = []
    for name, (weight, value) in parts.items():
        if weight[0, 0] > 0:
            found += _SAYS[name](pair, float(weight[0, 0]) / total, float(value[0, 0]))
    return tuple(found)


def _say_wait(pair: Pair, share: float, value: float) -> Iterator[Remark]:
    days = int(wait_days(pair.therapist, pair.circumstances)[0])
    hurry = float(HURRY[pair.client.urgency[0]])
    if days <= SOON_DAYS and hurry > 1:
        yield Remark(share * (value - NEUTRAL), Reason("starts_soon", {"days": days}))
    elif days >= LONG_WAIT_DAYS / hurry:
        yield Remark(share * (value - 1), Reason("long_wait", {"days": days}))


def _say_times(pair: Pair, share: float, value: float) -> Iterator[Remark]:
    fitting = codes_of(int(_fitting(pair.client, pair.therapist)[0, 0]), v.TIMES)
    if fitting:
        yield Remark(share * max(value - NEUTRAL, 0.1), Reason("opening_fits", {"time": fitting[0]}))
    elif _no_diary(pair.therapist)[0]:
        yield Remark(share * (value - 1), Reason("times_to_agree"))


def _say_way(pair: Pair, share: float, value: float) -> Iterator[Remark]:
    km = float(distance_km(pair.client.place, pair.therapist.place)[0, 0])
    online = bool(pair.client.formats[0] & pair.therapist.formats[0] & ONLINE)
    if km <= NEAR_KM and pair.therapist.formats[0] & IN_PERSON:
        yield Remark(share * (value - NEUTRAL), Reason("near", {"km": ceil(km)}))
    elif km >= FAR_KM and not online:
        yield Remark(share * (value - 1), Reason("far", {"km": ceil(km)}))


def _say_fee(pair: Pair, share: float, value: float) -> Iterator[Remark]:
    shared = int(pair.client.insurance[0] & pair.therapist.insurances[0])
    if shared:
        yield Remark(
            share * (value - NEUTRAL), Reason("takes_insurance", {"insurance": codes_of(shared, v.INSURANCES)[0]})
        )


_SAYS = MappingProxyType({"wait": _say_wait, "times": _say_times, "way": _say_way, "fee": _say_fee})

ACCESS = Factor(
    code="access",
    values=values,
    remarks=remarks,
    sources=(WAITING_2023, ACCESS_GUESS),
    unit="mean of shares: odds of attending kept over the wait, times that fit, way, and fee beside the client's limit",
    direction="rises with an earlier start, more fitting openings, a shorter way and a lower fee",
    missing="no day given: no wait; no diary, place or fee from the therapist: 0.5; left open by the client: left out",
    default_weight=0.12,
    why="each week of waiting costs about 5 % of the odds of attending; it decides between people who fit alike",
    line=line,
)
