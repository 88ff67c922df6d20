"""Checks of single values at the border of the matcher: each returns nothing or raises InvalidInput with the mend."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from matcher.errors import InvalidInput
from matcher.vocabulary import Vocabulary

MAX_TEXT = 4_000
# Controls with NUL, lone surrogates, and overrides of the direction of writing, which make one text look like another
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?\Z")


def all_known(entity: object, words: Mapping[str, Vocabulary]) -> None:
    for name, vocabulary in words.items():
        value = getattr(entity, name)
        codes = value if isinstance(value, tuple) else () if value is None else (value,)
        for code in codes:
            vocabulary.check(code, name)
        if len(set(codes)) != len(codes):
            raise InvalidInput(name, codes, "name each only once")


def text(value: object, name: str, *, required: bool = False) -> None:
    if not isinstance(value, str):
        raise InvalidInput(name, value, "expected text")
    if required and not value.strip():
        raise InvalidInput(name, value, "must not be empty")
    if len(value) > MAX_TEXT:
        raise InvalidInput(name, value, f"at most {MAX_TEXT} characters, this has {len(value)}")
    if found := UNPRINTABLE.search(value):
        raise InvalidInput(name, value, f"remove the control character U+{ord(found[0]):04X}")


def region(value: str | None, name: str) -> None:
    if value is not None and (not isinstance(value, str) or not REGION.match(value)):
        raise InvalidInput(name, value, "expected an ISO 3166 code such as DE or US-CA")


def finite(value: object, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInput(name, value, "expected a finite number")


def between(value: object, name: str, low: float, high: float) -> None:
    finite(value, name)
    if not low <= value <= high:  # type: ignore[operator]  # _finite has made it a number
        raise InvalidInput(name, value, f"expected a number from {low:g} to {high:g}")


def whole(value: object, name: str, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidInput(name, value, f"expected a whole number from {low} to {high}")


def optional_between(value: object, name: str, low: float, high: float) -> None:
    if value is not None:
        between(value, name, low, high)


def optional_whole(value: object, name: str, low: int, high: int) -> None:
    if value is not None:
        whole(value, name, low, high)
