"""What pydantic found wrong with a document, in our own words: the place, the value and the mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any

from annotated_types import Ge, Le
from pydantic import BaseModel, ValidationError

from matcher.errors import InvalidInput
from web.exchange.problems import Fault, Problem, Unreadable, shown
from web.exchange.schema.paths import field_at, model_at

MAX_PROBLEMS = 100
Path = tuple[str | int, ...]

_MENDS = {
    "missing": "required; add it",
    "string_type": "expected text in quotation marks",
    "string_unicode": "remove the character that is half of one (a lone surrogate)",
    "int_type": "expected a whole number, without quotation marks",
    "int_from_float": "expected a whole number",
    "int_parsing_size": "expected a whole number of fewer digits",
    "float_type": "expected a number, without quotation marks",
    "bool_type": "expected true or false, without quotation marks",
    "finite_number": "expected a finite number; leave it out when it is not known",
    "list_type": "expected a list, in square brackets",
    "dict_type": "expected an object, in curly brackets",
    "model_type": "expected an object, in curly brackets",
    "model_attributes_type": "expected an object, in curly brackets",
    "invalid_key": "the names in an object are texts",
}
_CODES = {
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "extra_forbidden": "unknown_name",
    "finite_number": "not_finite",
    "string_unicode": "control_character",
}
# A rule that holds between two fields speaks of the whole object; this is the field to mend
_WHICH = {"strength_missing": ("strength",), "options_missing": ("options",)}


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """The problems of a JSON document that does not fit the model, a hundred at most."""
    faults = islice(faults_of(error, model), MAX_PROBLEMS)
    return [Problem.of(fault, column=place(path)) for path, fault in faults]


def faults_of(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Path, Fault]]:
    """Every fault and the path at which it stands."""
    for found in error.errors(include_url=False):
        path = tuple(part for part in found["loc"] if part != "[key]")
        inner = found.get("ctx", {}).get("error")
        if isinstance(inner, Unreadable):
            yield from (((*path, *_WHICH.get(fault.code, ())), fault) for fault in inner.faults)
        elif isinstance(inner, InvalidInput):
            yield path, Fault("invalid", shown(inner.value), inner.mend)
        else:
            yield path, _of_pydantic(path, found, model)


def place(path: Path) -> str:
    """``("wishes", "gender", "options", 0)`` → ``wishes.gender.options[0]``; the whole document is ``document``."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{_legible(part)}" for part in path)
    return words.removeprefix(".") or "document"


def _legible(name: str) -> str:
    return name if name.isidentifier() and name.isascii() and len(name) <= 60 else shown(name)


def _of_pydantic(path: Path, found: Mapping[str, Any], model: type[BaseModel]) -> Fault:
    kind = found["type"]
    value = "" if kind == "missing" else shown(found["input"])
    if kind == "extra_forbidden":
        return Fault("unknown_name", value, _no_such_name(path, model))
    mend = _range(path, model) if kind in {"greater_than_equal", "less_than_equal"} else _MENDS.get(kind, found["msg"])
    return Fault(_CODES.get(kind, kind), value, mend)


def _range(path: Path, model: type[BaseModel]) -> str:
    """The range of a number, from the bounds of its field."""
    metadata = field_at(model, path).metadata
    low = next(bound.ge for bound in metadata if isinstance(bound, Ge))
    high = next(bound.le for bound in metadata if isinstance(bound, Le))
    return f"expected a number from {low:,.10g} to {high:,.10g}"


def _no_such_name(path: Path, model: type[BaseModel]) -> str:
    owner = model_at(model, path[:-1])
    names = list(owner.model_fields) if owner else []
    near = get_close_matches(str(path[-1])[:80], names, n=1, cutoff=0.6)
    return f"no such name; did you mean {near[0]!r}?" if near else "no such name; remove it"
