"""The kinds of fields that documents are made of: what each takes, and how it is described to other programs.

Strict: ``"12"`` is not 12, true is not 1, no number is NaN or infinite. Every refusal is an Unreadable with its mend.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from matcher import checks
from matcher.vocabulary import Vocabulary
from web.exchange import moments
from web.exchange.problems import Fault, Unreadable, shown, unreadable

MAX_ID = 100
MAX_NAME = 200
_FEATURE = re.compile(r"[A-Za-z0-9_.#-]{1,40}")


class Document(BaseModel):
    """A JSON object whose names and types are exactly as described."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True, populate_by_name=True
    )


def code(words: Vocabulary) -> Any:
    """A code of a vocabulary."""

    def known(value: str) -> str:
        if value not in words:
            raise unreadable("unknown_word", value, words.mend(value))
        return value

    return Annotated[str, AfterValidator(known), WithJsonSchema({"type": "string", "enum": list(words.codes)})]


def codes(words: Vocabulary, *, at_least: int = 0, at_most: int | None = None) -> Any:
    """Codes of a vocabulary, each once."""
    return several(code(words), at_least=at_least, at_most=at_most or len(words))


def several(kind: Any, *, at_least: int = 0, at_most: int) -> Any:
    """A list in which nothing stands twice."""

    def each_once(values: list[Hashable]) -> list[Hashable]:
        if len(values) < at_least:
            raise unreadable("too_few", values, f"give at least {at_least}")
        again = {value: None for k, value in enumerate(values) if value in values[:k]}
        if again:
            raise Unreadable(
                *(Fault("repeated", shown(value), "stands here twice; name each only once") for value in again)
            )
        return values

    limits = {"minItems": at_least, "maxItems": at_most, "uniqueItems": True}
    return Annotated[list[kind], BeforeValidator(_at_most(at_most)), AfterValidator(each_once), _also(limits)]


def _at_most(limit: int) -> Callable[[object], object]:
    """A check before anything inside is looked at: the nearest word to each of a million would take minutes."""

    def check(values: object) -> object:
        if isinstance(values, list | dict) and len(values) > limit:
            raise Unreadable(Fault("too_many", f"{len(values):,} of them", f"give at most {limit}"))
        return values

    return check


def text(limit: int, *, required: bool = False, one_line: bool = False) -> Any:
    """What a person wrote: printable, at most ``limit`` characters."""

    def legible(value: str) -> str:
        check_text(value, limit, one_line=one_line)
        if required and not value.strip():
            raise unreadable("empty", value, "must not be empty")
        return value

    return Annotated[str, AfterValidator(legible), _also({"minLength": int(required), "maxLength": limit})]


def by_code(words: Vocabulary, kind: Any) -> Any:
    """An object whose keys are codes of a vocabulary."""
    names = _also({"propertyNames": {"enum": list(words.codes)}})
    return Annotated[dict[code(words), kind], BeforeValidator(_at_most(len(words))), names]


def check_text(value: str, limit: int, *, one_line: bool = False) -> None:
    """Raise Unreadable for text that is too long, or that holds what nobody can see."""
    if len(value) > limit:
        raise unreadable("too_long", value, f"at most {limit:,} characters, this has {len(value):,}")
    found = checks.UNPRINTABLE.search(value) or (one_line and re.search(r"[\t\r\n\u2028\u2029]", value))
    if found:
        raise unreadable("control_character", value, f"remove the control character U+{ord(found[0]):04X}")
    if "\ufffd" in value:
        raise unreadable("lost_letter", value, "a letter was lost when the file was converted (U+FFFD); write it anew")


def check_id(value: str) -> str:
    """The id itself. Raises Unreadable for one that is empty, too long, or looks like another."""
    check_text(value, MAX_ID, one_line=True)
    if not value.strip():
        raise unreadable("empty_id", value, "must not be empty; every row needs an id of its own")
    if value != value.strip():
        raise unreadable("spaces", value, "remove the white space around it")
    hidden = next((letter for letter in value if unicodedata.category(letter) == "Cf"), None)
    if hidden:
        raise unreadable("hidden_character", value, f"remove the invisible character U+{ord(hidden):04X}")
    return value


def _region(value: str) -> str:
    if not checks.REGION.match(value):
        raise unreadable("region", value, "expected an ISO 3166 code such as DE or US-CA")
    return value


def _feature(value: str) -> str:
    if not _FEATURE.fullmatch(value):
        raise unreadable("feature", value, "expected letters, digits and any of _ . # - without spaces, at most 40")
    return value


def _as_text(read: Callable[[str], Any]) -> BeforeValidator:
    def parse(value: object) -> Any:
        if not isinstance(value, str):
            raise unreadable("string_type", value, "expected text in quotation marks")
        return read(value)

    return BeforeValidator(parse)


def _also(schema: dict[str, Any]) -> Any:
    return Field(json_schema_extra=schema)


def _clock(value: str) -> str:
    return moments.write_minute(moments.read_minute(value))


Identifier = Annotated[str, AfterValidator(check_id), _also({"minLength": 1, "maxLength": MAX_ID})]
Region = Annotated[str, AfterValidator(_region), _also({"pattern": r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"})]
TimeOfDay = Annotated[str, AfterValidator(_clock), _also({"pattern": r"^([01]\d|2[0-3]):[0-5]\d$"})]
Day = Annotated[date, _as_text(moments.read_date)]
Moment = Annotated[datetime, _as_text(moments.read_moment)]
_Feature = Annotated[str, AfterValidator(_feature), _also({"pattern": _FEATURE.pattern})]
Features = Annotated[dict[_Feature, _Feature], BeforeValidator(_at_most(20)), _also({"maxProperties": 20})]
