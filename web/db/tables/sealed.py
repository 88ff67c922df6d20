"""Columns that are sealed in the database and plain in Python: texts, and documents as JSON.

    _words: Mapped[bytes | None] = sealed_column("words")
    words = Sealed(str)

    _comment: Mapped[bytes | None] = sealed_column("comment")
    comment = Sealed(str, absent="")

A row's attribute gives what was sealed, and seals what it is given, for this row alone. Asked of the class it is what
a SELECT asks for, ``select(GoalRow.words)``: the key and the sealed bytes, opened row by row as they arrive. Nothing
can be compared, sorted or changed by it in the database, and trying says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, Generic, NoReturn, TypeVar, overload
from uuid import UUID

from sqlalchemy import LargeBinary, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Bundle, MappedColumn, mapped_column

from web.db import crypto, texts

T = TypeVar("T")


def sealed_column(name: str) -> MappedColumn[Any]:
    """The column in the database, under the name of the attribute that opens it."""
    return mapped_column(name, SealedBytes)


def packed(value: Any) -> bytes:
    """A value as the bytes that are sealed: a text as it is, anything else as JSON. Raises UnkeptText."""
    if isinstance(value, str):
        return b"t" + texts.require(value).encode()
    document = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return b"j" + texts.require(document).encode()


def unpacked(plain: bytes) -> Any:
    """What was packed."""
    return plain[1:].decode() if plain[:1] == b"t" else json.loads(plain[1:])


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that were sealed; anything else is not let into the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is not None:
            crypto.key_of(value)
        return value


class Sealed(Generic[T]):
    """A value of a row that is sealed in the column whose attribute has the same name with a line before it.

    ``absent`` is what a row has where nothing was sealed; such a value is not stored at all. The database lets every
    sealed column be empty, because SQLite adds none that must not be; where nothing may be absent, opening says so.
    """

    def __init__(self, kind: type[T], absent: T | None = None) -> None:
        self.absent = absent

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name, self.attribute = name, f"_{name}"

    @overload
    def __get__(self, row: None, owner: type[Any]) -> Any: ...

    @overload
    def __get__(self, row: object, owner: type[Any]) -> T: ...

    def __get__(self, row: Any, owner: Any) -> Any:
        if row is None:
            return _Opened(self, owner)
        return self.opened(place_of(owner, self.name), row.id, getattr(row, self.attribute))

    def __set__(self, row: Any, value: T | None) -> None:
        is_absent = value == self.absent
        place = place_of(type(row), self.name)
        setattr(row, self.attribute, None if is_absent else crypto.seal(place, row.id, packed(value)))

    def opened(self, place: str, key: UUID, sealed: bytes | None) -> Any:
        """What was sealed in a place of a row, or what there is where nothing was."""
        if sealed is None and self.absent is None:
            raise crypto.Tampered(f"nothing stands in {place}, where something must")
        if sealed is None:
            return deepcopy(self.absent)
        return unpacked(crypto.open_sealed(place, key, sealed))


def place_of(owner: Any, name: str) -> str:
    """``table.column``, to which what is sealed is bound."""
    return f"{owner.__tablename__}.{name}"


def sealed_of(kind: type[Any]) -> dict[str, Sealed[Any]]:
    """The sealed values of a class of rows, by their names."""
    return {name: one for name, one in vars(kind).items() if isinstance(one, Sealed)}


class _Opened(Bundle[Any]):
    """The key of a row and a sealed column of it, which arrive as what was sealed."""

    inherit_cache = True
    single_entity = True

    def __init__(self, one: Sealed[Any], entity: Any) -> None:
        super().__init__(one.name, entity.id, getattr(entity, one.attribute))
        self.one, self.place = one, place_of(entity, one.name)

    def adapt_to_entity(self, found: Any) -> _Opened:
        """The same of an alias."""
        return _Opened(self.one, found.entity)

    def create_row_processor(
        self, query: Any, procs: Sequence[Callable[[Any], Any]], labels: Sequence[str]
    ) -> Callable[[Any], Any]:
        key, column = procs
        one, place = self.one, self.place
        return lambda row: one.opened(place, key(row), column(row))

    def _refuse(self, *other: object) -> NoReturn:
        raise TypeError(f"{self.one.name} is sealed: the database cannot compare or search it")

    __eq__ = __ne__ = __lt__ = __gt__ = __getitem__ = like = ilike = contains = in_ = is_ = is_not = _refuse  # type: ignore[assignment]
    __hash__ = Bundle.__hash__
