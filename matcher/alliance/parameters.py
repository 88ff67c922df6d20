"""What an ``AllianceModel`` was asked, checked before anything is read: each refusal names the parameter."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from matcher.alliance.blocks import kinds
from matcher.alliance.tables import LARGEST
from matcher.errors import InvalidInput

CHOICES = {"method": ("reml", "ml"), "ceiling": ("auto", "censored", "gaussian")}
NAMES = ("vary_by", "fixed", "random", "blocks")
LONGEST = 1e6  # days


def checked(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as plain values, which JSON can hold. Raises InvalidInput for the first that no model can have."""
    _check(params)
    return plain(params)


def plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as Python has them, names as tuples of text; ``blocks`` may be None, which is not the same as none."""
    found = {name: value.item() if isinstance(value, np.generic) else value for name, value in params.items()}
    return found | {name: names(found[name]) for name in NAMES if name != "blocks" or found[name] is not None}


def _check(params: Mapping[str, Any]) -> None:
    for name, allowed in CHOICES.items():
        if not isinstance(params[name], str) or params[name] not in allowed:
            *others, last = (f'"{each}"' for each in allowed)
            raise InvalidInput(name, params[name], f"expected {', '.join(others)} or {last}")
    for name in NAMES:
        _check_names(params[name], name)
    for block in names(params["blocks"]):
        if block not in kinds():
            raise InvalidInput("blocks", block, f"expected some of {', '.join(kinds())}")
    if not isinstance(params["only_declared"], (bool, np.bool_)):
        raise InvalidInput("only_declared", params["only_declared"], "expected True or False")
    _check_scale(params)
    _check_change(params["drift"], params["half_life"])
    _check_search(params)


def names(given: Collection[str] | None) -> tuple[str, ...]:
    """The names in a parameter; None is none."""
    return () if given is None else tuple(map(str, given))


def _check_names(given: Any, parameter: str) -> None:
    if isinstance(given, str):
        raise InvalidInput(parameter, given, f"expected a sequence of names: ({given!r},)")
    if given is None:
        return
    if not isinstance(given, Collection) or not all(isinstance(name, str) for name in given):
        raise InvalidInput(parameter, given, "expected a sequence of names, each as text")


def _check_scale(params: Mapping[str, Any]) -> None:
    _check_number(params, "typical_session", "expected a finite number: sessions count from 1", least=1)
    _check_number(params, "lowest", "expected a finite number, or None", optional=True)
    _check_number(params, "top", "expected a finite number, or None", optional=True)
    _check_number(params, "step", "expected a number above 0, or None", above=0, optional=True)
    lowest, top = params["lowest"], params["top"]
    if lowest is not None and top is not None and not lowest < top:
        raise InvalidInput("lowest", lowest, f"expected less than top, {top}")


def _check_change(drift: Any, half_life: Any) -> None:
    is_auto = isinstance(drift, str) and drift == "auto"
    if not (drift is None or is_auto or _is_number(drift, above=0, most=LONGEST)):
        raise InvalidInput("drift", drift, 'expected a number of days above 0, "auto" or None')
    if not (half_life is None or _is_number(half_life, above=0, most=LONGEST)):
        raise InvalidInput("half_life", half_life, "expected a number of days above 0, or None")
    if is_auto and half_life is not None:
        raise InvalidInput("half_life", half_life, 'drift="auto" chooses it; leave it out')


def _check_search(params: Mapping[str, Any]) -> None:
    bound = "expected at least 1 standard deviation, or None for no bound"
    _check_number(params, "influence", bound, least=1, optional=True)
    _check_number(params, "tol", "expected a number above 0, such as 1e-7", above=0)
    if not isinstance(params["max_iter"], (int, np.integer)) or not _is_number(params["max_iter"], least=1):
        raise InvalidInput("max_iter", params["max_iter"], "expected a whole number, at least 1")


def _check_number(params: Mapping[str, Any], name: str, mend: str, *, optional: bool = False, **limits: float) -> None:
    value = params[name]
    if not (optional and value is None) and not _is_number(value, **limits):
        raise InvalidInput(name, value, mend)


def _is_number(value: Any, *, least: float = -LARGEST, above: float = -math.inf, most: float = LARGEST) -> bool:
    """Whether it is a finite number within limits; nothing that compares oddly, such as NaN or an array, is."""
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    return is_number and bool(least <= value <= most and value > above)
