"""Weights of the factors: relative, normalised when saved, on a grid on which scores add up exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from matcher.entities import Weights
from matcher.errors import InvalidInput
from matcher.factors.registry import FACTORS

# Weights and factor values are whole multiples of 2^-26. Their products are multiples of 2^-52, and no sum of them
# exceeds 1, so every contribution and every score is exact in a double, in whatever order it is added.
GRID = 2**26
CLIENT_STEPS = 2  # steps to either side of "as it is"
CLIENT_BOUNDS = (0.25, 4.0)  # a guess: wide enough to be felt, too narrow to drown the alliance


def normalised(values: Mapping[str, float], *, version: str) -> Weights:
    """Relative weights as weights that sum to exactly 1.

    Parameters
    ----------
    values : mapping of factor code to number
        Relative weights, finite and ≥ 0, at least one of them above 0. A factor that is left out weighs 0.
    version : str
        The name under which lists will refer to these weights.

    Returns
    -------
    Weights
        One value for every factor, in the registry's order, multiples of 2^-26 that sum to exactly 1.

    Raises
    ------
    InvalidInput
        For an unknown factor, a negative or non-finite number, or weights that are all zero.

    Notes
    -----
    weight_k = values_k / Σ values, rounded to the grid by largest remainders. Dividing by the largest value first
    keeps a sum of numbers near 1e308 finite.

    Examples
    --------
    >>> from matcher import normalised
    >>> weights = normalised({"alliance": 3, "access": 1}, version="demo")
    >>> weights.values["alliance"], weights.values["access"], weights.values["experience"]
    (0.75, 0.25, 0.0)
    """
    for code, value in values.items():
        _check(code, value)
    largest = max(values.values(), default=0.0)
    if not largest > 0:
        raise InvalidInput("weights", dict(values), "give at least one factor a weight above 0")
    relative = {factor.code: float(values.get(factor.code, 0.0)) / float(largest) for factor in FACTORS}
    total = math.fsum(relative.values())
    return Weights(version, MappingProxyType(_on_grid({code: value / total for code, value in relative.items()})))


def emphasised(
    weights: Weights, wanted: Mapping[str, int], bounds: Mapping[str, tuple[float, float]] | None = None
) -> Weights:
    """A clinic's weights, moved by what one client says matters most to them, within the clinic's bounds.

    Parameters
    ----------
    weights : Weights
        The clinic's weights.
    wanted : mapping of factor code to int
        From −2 (much less) to 2 (much more); a factor that is left out, or 0, stays as it is.
    bounds : mapping of factor code to (least, most), or None
        Multiples of a factor's weight between which a client may move it, 0 ≤ least ≤ 1 ≤ most, finite. Without bounds
        of its own a factor has ``CLIENT_BOUNDS``.

    Returns
    -------
    Weights
        Normalised, under the same version. A factor that the clinic gives no weight gets none.

    Raises
    ------
    InvalidInput
        For an unknown factor, a step that is not in −2 … 2, bounds that are not as said, or a wish that leaves no
        factor any weight.

    Notes
    -----
    weight_k ∝ weights_k · most_k^(wanted_k / 2) for wanted_k > 0, weights_k · least_k^(−wanted_k / 2) for wanted_k < 0:
    equal steps are equal ratios, and the last step is the bound.

    Examples
    --------
    >>> from matcher import emphasised, normalised
    >>> clinic = normalised({"alliance": 1, "access": 1}, version="demo")
    >>> round(emphasised(clinic, {"access": 2}).values["access"], 6)
    0.8
    """
    moved = dict(weights.values)
    for code, step in wanted.items():
        _check(code, 0)
        if step not in range(-CLIENT_STEPS, CLIENT_STEPS + 1) or isinstance(step, bool):
            mend = f"expected a whole number from −{CLIENT_STEPS} to {CLIENT_STEPS}"
            raise InvalidInput(f"wanted.{code}", step, mend)
        least, most = (bounds or {}).get(code, CLIENT_BOUNDS)
        if not (0 <= least <= 1 <= most and math.isfinite(most)):
            raise InvalidInput(f"bounds.{code}", (least, most), "expected least ≤ 1 ≤ most, both 0 or more and finite")
        by = (most if step > 0 else least) ** (abs(step) / CLIENT_STEPS) if step else 1.0
        moved[code] = by * moved.get(code, 0.0)  # a factor that is left out weighs nothing, here as in normalised
    return normalised(moved, version=weights.version)


def _check(code: str, value: object) -> None:
    known = [factor.code for factor in FACTORS]
    if code not in known:
        near = get_close_matches(str(code), known, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"use one of: {', '.join(known)}"
        raise InvalidInput("weights", code, f"not a known factor; {mend}")
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or value < 0:  # type: ignore[operator]  # a number by the line above
        raise InvalidInput(f"weights.{code}", value, "expected a finite number, 0 or more")


def _on_grid(shares: dict[str, float]) -> dict[str, float]:
    """Shares that sum to 1 as multiples of 1 / GRID that do so exactly, by largest remainders."""
    steps = {code: math.floor(share * GRID) for code, share in shares.items()}
    left = GRID - sum(steps.values())
    for code in sorted(shares, key=lambda code: steps[code] - shares[code] * GRID)[:left]:
        steps[code] += 1
    return {code: step / GRID for code, step in steps.items()}


DEFAULT = normalised({factor.code: factor.default_weight for factor in FACTORS}, version="default-1")

_DEFAULTS = {factor.code: factor.default_weight for factor in FACTORS}
PRESETS: Mapping[str, Weights] = MappingProxyType(
    {
        "balanced": DEFAULT,
        "wishes_first": normalised(_DEFAULTS | {"alliance": 0.28, "preference_fit": 0.32}, version="wishes-first-1"),
        "soonest": normalised(_DEFAULTS | {"alliance": 0.28, "access": 0.24}, version="soonest-1"),
    }
)
