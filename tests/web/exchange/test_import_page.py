"""docs/import.md says what the table of columns says: every column, what it holds and means, and every word."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import BaseModel

from matcher import vocabulary as v
from matcher.vocabulary import Vocabulary
from tests.architecture.test_imports import ROOT
from web.exchange.documents import intake_from_json
from web.exchange.reading import read_clients, read_ratings, read_scores, read_therapists
from web.exchange.schema import IntakeIn, RatingIn, ScoreIn, TherapistIn
from web.exchange.schema.paths import _models
from web.exchange.sheet.columns import KINDS, Kind
from web.exchange.sheet.forms import plural

PAGE = ROOT / "docs" / "import.md"


def escaped(text: str) -> str:
    return text.replace("|", "\\|")


def table(kind: Kind) -> str:
    """The columns of a kind of file as the page shows them."""
    rows = ["| column | in JSON | holds | means | example |", "|---|---|---|---|---|"]
    for column in kind.columns:
        name = f"**{column.name}**" if column.name in kind.required else column.name
        path = ".".join(column.path) if column.path != (column.name,) else ""
        example = f"`{escaped(column.example)}`" if column.example else ""
        rows.append(f"| {name} | {path} | {escaped(column.form.says)} | {kind.meaning(column)} | {example} |")
    return "\n".join(rows)


def words() -> str:
    """Every vocabulary as the page shows it."""
    lists = [value for value in vars(v).values() if isinstance(value, Vocabulary) and value.name != "part of the day"]
    return "\n".join(
        f"- **{plural(each)}**: " + ", ".join(f"`{term.code}` {term.label}" for term in each) for each in lists
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_page_holds_the_columns(kind: Kind) -> None:
    assert table(kind) in PAGE.read_text(encoding="utf-8"), f"docs/import.md should hold:\n{table(kind)}"


def test_the_page_holds_the_words() -> None:
    assert words() in PAGE.read_text(encoding="utf-8"), f"docs/import.md should hold:\n{words()}"


def test_the_files_that_the_page_shows_import_clean() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"```text\n(.*?)```", text, re.S)
    readers = (read_therapists, read_clients, read_ratings, read_scores)
    readings = [read(block.encode()) for read, block in zip(readers, shown, strict=True)]
    assert [(reading.ok, reading.notes) for reading in readings] == [(True, [])] * 4
    (document,) = re.findall(r"```json\n(.*?)```", text, re.S)
    assert intake_from_json(document) == readings[1].entities[0]


@pytest.mark.parametrize("model", [IntakeIn, TherapistIn, RatingIn, ScoreIn])
def test_every_field_is_described_with_an_example_that_is_right(model: type[BaseModel]) -> None:
    todo, seen = [model], set()
    while todo:
        each = todo.pop()
        if each in seen:
            continue
        seen.add(each)
        assert each.__doc__
        for name, field in each.model_fields.items():
            inner = list(_models(field.annotation))
            todo += inner
            assert field.description, f"{each.__name__}.{name} is not described"
            if not inner:
                assert field.examples, f"{each.__name__}.{name} has no example"
                for example in field.examples:
                    assert fits(each, name, example), f"{each.__name__}.{name}: {example!r}"
    assert len(seen) > 1 or model in (RatingIn, ScoreIn)


def fits(model: type[BaseModel], name: str, example: Any) -> bool:
    """Whether the model takes the example for the field, whatever else it lacks."""
    from pydantic import ValidationError

    try:
        model.model_validate({name: example})
    except ValidationError as error:
        return all(found["loc"][:1] != (name,) for found in error.errors())
    return True


def test_the_json_schema_says_words_ranges_and_limits() -> None:
    schema = IntakeIn.model_json_schema()
    fields = schema["properties"]
    assert fields["concerns"]["items"]["enum"] == list(v.CONCERNS.codes)
    assert (fields["concerns"]["minItems"], fields["concerns"]["maxItems"]) == (1, 3)
    assert {"minimum": 0, "maximum": 10, "type": "integer"} in fields["hope"]["anyOf"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["client_id", "concerns"]
    depth = TherapistIn.model_json_schema()["properties"]["concerns"]
    assert depth["propertyNames"]["enum"] == list(v.CONCERNS.codes)
    assert (depth["additionalProperties"]["minimum"], depth["additionalProperties"]["maximum"]) == (1, 3)
