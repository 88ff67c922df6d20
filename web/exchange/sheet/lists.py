"""Cells that hold several values: ``a|b``, ``anxiety:3|grief:2``, ``thu 18:30 online``, ``skin=brown|hair=short``.

Lists are written with ``|``. Lists of codes and ids are read with ``;`` and ``,`` as well, since the cell itself is
already apart from its neighbours. In ids and texts a backslash makes the sign after it an ordinary one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from matcher import vocabulary as v
from web.exchange import moments
from web.exchange.problems import Fault, Unreadable, unreadable

MAX_ITEMS = 200
BAR = "|"
ANY = "|;,"


def split(cell: str, separators: str = ANY) -> list[str]:
    """The items of a cell, trimmed; empty ones between two separators are left out."""
    marks = re.escape(separators)
    parts = re.findall(rf"(?:\\[\\{marks}]|[^{marks}])+", cell)
    if len(parts) > MAX_ITEMS:
        raise Unreadable(Fault("too_many", f"{len(parts):,} of them", f"give at most {MAX_ITEMS}"))
    return [item for part in parts if (item := re.sub(rf"\\([\\{marks}])", r"\1", part).strip())]


def join(items: Iterable[str], separators: str = ANY) -> str:
    """Items as one cell, such that ``split`` finds them again."""
    return BAR.join(re.sub(rf"([\\{re.escape(separators)}])", r"\\\1", item) for item in items)


def each(items: Iterable[str], read: Callable[[str], Any]) -> list[Any]:
    """Every item read. Raises Unreadable with the faults of all items."""
    found: list[Any] = []
    faults: list[Fault] = []
    for item in items:
        try:
            found.append(read(item))
        except Unreadable as error:
            faults += error.faults
    if faults:
        raise Unreadable(*faults)
    return found


def read_word(words: v.Vocabulary) -> Callable[[str], str]:
    """A reader of codes, which takes labels too and does not mind the case."""

    def read(text: str) -> str:
        code = words.find(text)
        if code is None:
            raise unreadable("unknown_word", text, words.mend(text))
        return code

    return read


def read_depths(cell: str) -> dict[str, int]:
    """``anxiety:3|grief:2``: concerns and the depth of the work with them."""

    def depth(item: str) -> tuple[str, int]:
        word, colon, digits = item.rpartition(":")
        code = _concern(word.strip() if colon else item)
        if not colon:
            raise unreadable("depth", item, f"write the depth, 1 some, 2 much or 3 a main field: {code}:2")
        if digits.strip() not in {"1", "2", "3"}:
            raise unreadable("depth", item, f"expected a depth from 1 to 3, such as {code}:2")
        return code, int(digits)

    pairs = each(split(cell), depth)
    return _once(pairs)


def write_depths(depths: Mapping[str, int]) -> str:
    return BAR.join(f"{concern}:{depth}" for concern, depth in depths.items())


def read_openings(cell: str) -> list[dict[str, str]]:
    """``thu 18:30 online|fri 9:00 in_person``."""

    def opening(item: str) -> dict[str, str]:
        parts = item.split(maxsplit=2)
        if len(parts) < 3:
            raise unreadable("opening", item, "expected weekday, time and format, such as thu 18:30 online")
        weekday, time, form = (each([part], read)[0] for part, read in zip(parts, _OPENING, strict=True))
        return {"weekday": weekday, "time": time, "format": form}

    return each(split(cell), opening)


def write_openings(openings: Iterable[Mapping[str, str]]) -> str:
    return BAR.join(f"{opening['weekday']} {opening['time']} {opening['format']}" for opening in openings)


def read_features(cell: str) -> dict[str, str]:
    """``skin=brown|hair=short``."""

    def feature(item: str) -> tuple[str, str]:
        name, equals, value = item.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise unreadable("feature", item, "expected a name and a value, such as hair=short")
        return name.strip(), value.strip()

    return _once(each(split(cell), feature))


def write_features(features: Mapping[str, str]) -> str:
    return BAR.join(f"{name}={value}" for name, value in features.items())


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise unreadable("repeated", name, "stands here twice; name each only once")
        found[name] = value
    return found


_concern = read_word(v.CONCERNS)
_OPENING = (
    read_word(v.WEEKDAYS),
    lambda text: moments.write_minute(moments.read_minute(text)),
    read_word(v.FORMATS),
)
