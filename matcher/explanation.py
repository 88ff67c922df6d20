"""Which remarks of the factors become the three reasons and the one caution of a match."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.entities import Contribution, Reason
from matcher.factors.base import Pair, Remark
from matcher.factors.registry import FACTOR

N_REASONS = 3
PER_FACTOR = 2  # no more of one kind, so that three reasons are not three sides of one


def explained(pair: Pair, contributions: Iterable[Contribution]) -> tuple[tuple[Reason, ...], Reason | None]:
    """The remarks that carry most points: up to three reasons, and the caution that costs most, if there is one.

    A remark's points are the factor's weight times its part of the factor's value: what it adds above neutral for a
    reason, what it costs below the best for a caution. A factor without weight says nothing. Equal points keep the
    order of the registry.
    """
    weighed = [
        [Remark(c.weight * remark.part, remark.reason) for remark in FACTOR[c.factor].remarks(pair)]
        for c in contributions
        if c.weight > 0
    ]
    reasons = [remark for remarks in weighed for remark in _largest(remarks)[:PER_FACTOR]]
    cautions = [remark for remarks in weighed for remark in remarks if remark.part < 0]
    caution = min(cautions, key=lambda remark: remark.part).reason if cautions else None
    return tuple(remark.reason for remark in _largest(reasons)[:N_REASONS]), caution


def _largest(remarks: Iterable[Remark]) -> list[Remark]:
    return sorted((remark for remark in remarks if remark.part > 0), key=lambda remark: -remark.part)
