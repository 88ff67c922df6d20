"""The OpenAPI document as the reference page shows it: operations, schemas and their fields in plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from web.problems import KINDS

Schema = Mapping[str, Any]
Words = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a schema: what it may hold, as words, and the schema to read on in."""

    name: str
    kind: str
    schema: str | None
    required: bool
    words: Words
    limits: str


@dataclass(frozen=True, slots=True)
class Model:
    """One schema."""

    name: str
    words: Words
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked."""

    id: str
    method: str
    path: str
    title: str
    words: Words
    sent: str | None
    answered: str | None
    problems: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole page."""

    title: str
    version: str
    words: str
    operations: tuple[Operation, ...]
    models: tuple[Model, ...]
    problems: tuple[tuple[int, str, str], ...]


def of(document: Schema) -> Reference:
    """The reference of an OpenAPI document."""
    schemas = document["components"]["schemas"]
    ordered = reading_order(document["paths"], schemas)
    return Reference(
        title=document["info"]["title"],
        version=document["info"]["version"],
        words=document["info"]["description"],
        operations=tuple(_operations(document["paths"])),
        models=tuple(model(name, schemas[name]) for name in ordered),
        problems=tuple((status, *words) for status, words in KINDS.items()),
    )


def reading_order(paths: Schema, schemas: Schema) -> list[str]:
    """The names of the schemas as a reader meets them: each before those that it leads to, unused ones left out."""
    met: list[str] = []
    todo = list(references(paths))
    while todo:
        name = todo.pop(0)
        if name not in met:
            met.append(name)
            todo = [*references(schemas[name]), *todo]
    return met


def references(node: Any) -> Iterable[str]:
    """The names of the schemas that a part of a document refers to, in order."""
    if isinstance(node, Mapping):
        if "$ref" in node:
            yield _named(node["$ref"])
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def spans(text: str) -> Words:
    """A description in pieces: (piece, whether it stood between backticks)."""
    return tuple((piece, bool(k % 2)) for k, piece in enumerate(text.split("`")) if piece)


def _operations(paths: Schema) -> Iterable[Operation]:
    for path, methods in paths.items():
        for method, said in methods.items():
            answers = said["responses"]
            yield Operation(
                id=said["operationId"],
                method=method.upper(),
                path=path,
                title=said["summary"],
                words=spans(said.get("description", "")),
                sent=_content(said.get("requestBody", {})),
                answered=_content(answers.get("200", {})),
                problems=tuple((int(code), a["description"]) for code, a in answers.items() if code >= "400"),
            )


def _content(holder: Schema) -> str | None:
    for media in holder.get("content", {}).values():
        return _named(media["schema"]["$ref"])
    return None


def model(name: str, schema: Schema) -> Model:
    """One schema with a row for each of its fields."""
    required = schema.get("required", ())
    fields = tuple(field(key, value, key in required) for key, value in schema.get("properties", {}).items())
    return Model(name, spans(schema.get("description", "")), fields)


def field(name: str, schema: Schema, required: bool) -> Field:
    """One field as a row."""
    kind, inner = _kind(schema)
    return Field(name, kind, inner, required, spans(schema.get("description", "")), _limits(schema))


def _kind(schema: Schema) -> tuple[str, str | None]:
    """What a value is, in words, and the name of the schema that it follows, if it has one."""
    if "$ref" in schema:
        return "object", _named(schema["$ref"])
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    if "anyOf" in schema:
        kinds = [_kind(option) for option in schema["anyOf"]]
        inner = next((name for _, name in kinds if name), None)
        return " or ".join(dict.fromkeys(kind for kind, _ in kinds)), inner
    if schema.get("type") == "array":
        kind, inner = _kind(schema.get("items", {}))
        return f"list of {kind}", inner
    if isinstance(schema.get("additionalProperties"), dict):
        kind, inner = _kind(schema["additionalProperties"])
        return f"object of {kind}", inner
    return str(schema.get("type", "any")), None


_LIMITS = {
    "minimum": "from {}",
    "maximum": "to {}",
    "minLength": "not empty",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}


def _limits(schema: Schema) -> str:
    """The bounds and choices of a value, looked for also inside its alternatives and its items."""
    said = ["from 0"] if schema.get("minimum") == 0 else []
    said += [words.format(f"{schema[key]:g}") for key, words in _LIMITS.items() if schema.get(key)]
    if "enum" in schema:
        said.append("one of " + ", ".join(str(choice) for choice in schema["enum"]))
    if "const" in schema:
        said.append(f"always {schema['const']}")
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]
    said += [words for option in inner if (words := _limits(option))]
    return ", ".join(dict.fromkeys(said))


def _named(reference: str) -> str:
    return reference.rsplit("/", 1)[1]
