"""Where a field stands in a document: from a path such as ``("wishes", "gender", "strength")`` to its description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def field_at(model: type[BaseModel], path: tuple[str | int, ...]) -> FieldInfo:
    """The field of a document at a path. Raises KeyError where there is none."""
    inner = model_at(model, path[:-1])
    if inner is None:
        raise KeyError(path)
    return inner.model_fields[str(path[-1])]


def model_at(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The object that stands at a path, or None where there is none; positions in a list are passed over."""
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = next(_models(field.annotation), None) if field else None
        if inner is None:
            return None
        model = inner
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every object in a type such as ``list[OpeningIn] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
