"""Every cell and every JSON value, with each kind of bad input: a problem that names place, value and mend."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from tests.web.exchange import people
from web.exchange.problems import BadInput, Problem
from web.exchange.reading import read_clients, read_ratings, read_scores, read_therapists
from web.exchange.schema.explain import place, problems_of
from web.exchange.schema.paths import _models
from web.exchange.sheet import forms
from web.exchange.sheet.columns import KINDS, Column, Kind
from web.exchange.strict_json import read_json
from web.exchange.writing import template

READ: dict[str, Callable[[bytes], Any]] = {
    "therapists": read_therapists,
    "clients": read_clients,
    "ratings": lambda source: read_ratings(source, now=people.NOW),
    "scores": lambda source: read_scores(source, now=people.NOW),
}
CELLS = {
    "wrong type": "[true]",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "10,000 characters": "a" * 10_000,
    "NUL": "a\0b",
    "right-to-left override": "a\u202eb",
    "lone surrogate": "a\ud800b",
    "unknown option": "xqzv",
    "missing": "",
}
WORDS = {"wrong type", "NaN", "Infinity", "unknown option"}  # in a text these are words like any others
HALVES = {"latitude", "longitude"} | {
    f"wish_{trait}{half}" for trait in ("gender", "modality") for half in ("", "_strength")
}


def harmless(kind: Kind, column: Column, case: str) -> bool:
    """Whether the cell is all right: a text may say anything legible, and what is optional may be missing."""
    if case == "missing":
        return column.name not in {*kind.required, *HALVES} or column.form.empty is not None
    texts = (forms.TEXT, forms.TEXTS, forms.LINE)
    ids = (forms.ID, forms.IDS)
    return case in WORDS and (column.form in texts or (column.form in ids and case != "NaN"))


def with_cell(kind: Kind, column: Column, cell: str) -> bytes:
    header, example = csv.reader(io.StringIO(template(kind.name)))
    example[header.index(column.name)] = cell
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([header, example])
    return stream.getvalue().encode("utf-8", "surrogatepass")


@pytest.mark.S14
@pytest.mark.S15
@pytest.mark.parametrize("name", KINDS)
def test_every_cell(name: str, tried: Callable[[int], None]) -> None:
    kind = KINDS[name]
    cases = [(column, case) for column in kind.columns for case in CELLS]
    for column, case in cases:
        reading = READ[name](with_cell(kind, column, CELLS[case]))
        if harmless(kind, column, case):
            assert reading.ok and reading.rows, (column.name, case, reading.problems)
            continue
        assert reading.problems and not reading.rows, (column.name, case)
        for problem in reading.problems:
            check(problem, (column.name, case))
            assert (problem.row, problem.column) == (2, column.name), (column.name, case, problem)
    tried(len(cases))


def check(problem: Problem, case: object) -> None:
    assert problem.mend and problem.code, case
    assert problem.value or problem.code == "missing", case
    assert len(problem.value) <= 70 and problem.say().isprintable(), case


def leaves(
    model: type[BaseModel], path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any, bool]]:
    """(path, annotation, required) of every value of a document."""
    for name, field in model.model_fields.items():
        inner = next(_models(field.annotation), None)
        if inner is None:
            yield (*path, name), field.annotation, field.is_required()
        else:
            many = "list" in str(field.annotation)
            yield from leaves(inner, (*path, name, 0) if many else (*path, name))


def numeric(annotation: Any) -> bool:
    return annotation in (int, float) or set(get_args(annotation)) & {int, float} != set()


def replaced(document: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    copy = deepcopy(document)
    inner: Any = copy
    for part in path[:-1]:
        inner = inner[part] if isinstance(part, int) else inner.setdefault(part, {})
    inner[path[-1]] = value
    return copy


def values(annotation: Any) -> Iterator[tuple[str, object]]:
    """(case, JSON value) for a field: bad in the field's own shape, so that it is the content that is wrong."""
    words = str(annotation)
    wrap: Callable[[object], object] = (lambda x: [x]) if words.startswith("list") else (lambda x: x)
    if words.startswith("dict"):
        wrap = lambda x: {"k": x}  # noqa: E731
    number = numeric(annotation)
    yield "wrong type", "12" if number else 12
    yield "wrong type", {"a": [1]} if not words.startswith("dict") else [1]
    yield "NaN", wrap(float("nan"))
    yield "Infinity", wrap(float("inf"))
    for case in ("10,000 characters", "NUL", "right-to-left override", "lone surrogate"):
        yield case, wrap(CELLS[case])


@pytest.mark.S14
@pytest.mark.S15
@pytest.mark.parametrize("name", KINDS)
def test_every_json_value(name: str, tried: Callable[[int], None]) -> None:
    kind = KINDS[name]
    whole = kind.document(READ[name](template(name).encode()).entities[0])
    cases = 0
    for path, annotation, required in leaves(kind.model):
        for case, value in values(annotation):
            named(kind, replaced(whole, path, value), path, case)
            cases += 1
        if required:
            document = replaced(whole, path, None)
            named(kind, document, path, "null")
            del_at(document, path)
            named(kind, document, path, "missing")
            cases += 2
        if "known" in str(annotation):
            option = (
                ["xqzv"] if str(annotation).startswith("list") else {"xqzv": 1} if "dict" in str(annotation) else "xqzv"
            )
            named(kind, replaced(whole, path, option), path, "unknown option")
            cases += 1
    tried(cases)


def del_at(document: Any, path: tuple[str | int, ...]) -> None:
    for part in path[:-1]:
        document = document[part]
    del document[path[-1]]


def named(kind: Kind, document: dict[str, Any], path: tuple[str | int, ...], case: str) -> None:
    """The document is refused, with a problem at the path; so is its text, where it can be written as JSON at all."""
    with pytest.raises(ValidationError) as caught:
        kind.model.model_validate(document)
    problems = problems_of(caught.value, kind.model)
    assert any(problem.column.startswith(place(path)) for problem in problems), (path, case, problems)
    for problem in problems:
        check(problem, (path, case))
    assert not any(line in str(caught.value) for line in ("a\0b", "a\u202eb", "aaaa")), (
        "an error's text shows the input"
    )
    if case in {"NaN", "Infinity"}:
        with pytest.raises(BadInput) as refused:
            read_json(json.dumps(document))
        assert [p.column.startswith(place(path)) for p in refused.value.problems] == [True]


HOSTILE = (
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9223372036854775808", "1" * 31, "9" * 5_000, '"12"', '"١٢"',
    '""', '"NaN"', '"0x10"', "true", "false", "[]", "{}", "[1]", "1e308", "-1e308", "1e-400x", "01", "+1", ".5",
)  # fmt: skip


@pytest.mark.S15
def test_hostile_numbers_in_every_numeric_field(tried: Callable[[int], None]) -> None:
    cases = 0
    for kind in KINDS.values():
        whole = kind.document(READ[kind.name](template(kind.name).encode()).entities[0])
        for path, annotation, _ in leaves(kind.model):
            if not numeric(annotation):
                continue
            for text in HOSTILE:
                if path == ("score",) and text in {"9223372036854775808", "1e308", "-1e308"}:
                    continue  # any finite number: the clinic's scale decides, where it is known
                marked = json.dumps(replaced(whole, path, "MARK")).replace('"MARK"', text)
                with pytest.raises((BadInput, ValidationError)):
                    kind.model.model_validate(read_json(marked))
                cases += 1
    assert cases >= 20 * 10
    tried(cases)
