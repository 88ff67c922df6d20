"""JSON as RFC 8259 has it, and no more: Python's reader takes NaN, Infinity, 1e400, repeated names and endless depth.

What is refused is named with its place, so that the sender can mend it. Knows no web framework.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from web.exchange.problems import BadInput, Fault, Problem, shown
from web.exchange.schema.explain import Path, place

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 32
MAX_DIGITS = 30
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Refused:
    """Stands in the tree for what cannot be taken, until its place is known."""

    fault: Fault


def read_json(text: str | bytes, *, limit: int = MAX_CHARACTERS) -> Any:
    """The value of a JSON text. Raises BadInput with the place of everything in it that is no JSON.

    >>> read_json('{"hope": 7}')
    {'hope': 7}
    """
    if len(text) > limit:
        raise _bad("too_large", f"{len(text):,} characters", f"at most {limit:,}; send less")
    words = _decoded(text)
    _check_depth(words)
    try:
        tree = json.loads(
            words, parse_constant=_constant, parse_float=_float, parse_int=_int, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        mend = f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        raise _bad("not_json", shown(words[error.pos : error.pos + 20]), mend) from None
    problems = [Problem.of(fault, column=place(path)) for path, fault in _refused(tree, ())]
    if problems:
        raise BadInput(problems)
    return tree


def _decoded(text: str | bytes) -> str:
    try:
        return text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _bad("not_utf8", f"byte {error.start}", "not UTF-8 from here; send UTF-8") from None


def _check_depth(words: str) -> None:
    """Refuse depth before parsing: the parser goes as deep as its input, and no deeper than the machine's stack."""
    depth = 0
    for token in _TOKEN.finditer(words):
        mark = token[0]
        depth += (mark in "[{") - (mark in "]}") if len(mark) == 1 else 0
        if depth > MAX_DEPTH:
            raise _bad("too_deep", f"position {token.start()}", f"nested more than {MAX_DEPTH} levels deep")


def _constant(word: str) -> _Refused:
    return _Refused(Fault("not_finite", word, "JSON has no such number; leave it out when it is not known"))


def _float(digits: str) -> float | _Refused:
    number = float(digits)
    return number if math.isfinite(number) else _Refused(Fault("not_finite", shown(digits), "too large for a number"))


def _int(digits: str) -> int | _Refused:
    if len(digits) <= MAX_DIGITS:
        return int(digits)
    return _Refused(Fault("out_of_range", shown(digits), f"a number of more than {MAX_DIGITS} digits; write fewer"))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        twice = _Refused(Fault("repeated_name", shown(name), "this name stands here twice; keep one"))
        found[name] = twice if name in found else value
    return found


def _refused(value: Any, path: Path) -> Iterator[tuple[Path, Fault]]:
    if isinstance(value, _Refused):
        yield path, value.fault
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _refused(inner, (*path, name))
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            yield from _refused(inner, (*path, k))


def _bad(code: str, value: str, mend: str) -> BadInput:
    return BadInput([Problem.of(Fault(code, value, mend))])
