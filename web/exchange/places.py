"""A clinic's places: a short file of districts or towns, so that a client can say where they set out from."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pydantic import Field, ValidationError

from web.exchange.problems import BadInput, Fault, Problem, shown
from web.exchange.schema.explain import problems_of
from web.exchange.schema.fields import MAX_NAME, Document, Identifier, text

COLUMNS = ("place_id", "name", "latitude", "longitude")
MOST = 2_000


class PlaceIn(Document):
    """A district or town."""

    place_id: Identifier = Field(description="The place's id with you", examples=["saltmarket"])
    name: text(MAX_NAME, required=True, one_line=True) = Field(description="As clients know it")
    latitude: float = Field(ge=-90, le=90, description="Degrees north, −90 … 90")
    longitude: float = Field(ge=-180, le=180, description="Degrees east, −180 … 180")


def read_places(path: Path) -> list[PlaceIn]:
    """The places of a CSV file with the columns of ``COLUMNS``. Raises BadInput with every problem by row."""
    try:
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), restkey="")
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise BadInput([Problem(1, missing[0], "", f"missing; the columns are {', '.join(COLUMNS)}", "missing")])
        found = list(rows)
    except UnicodeDecodeError as error:
        fault = Fault("not_utf8", f"byte {error.start}", "not UTF-8 from here; save the file as UTF-8")
        raise BadInput([Problem.of(fault)]) from None
    except csv.Error as error:
        raise BadInput([Problem.of(Fault("not_csv", str(error), "not CSV; save it as comma-separated"))]) from None
    if len(found) > MOST:
        raise BadInput([Problem.of(Fault("too_many", f"{len(found):,} rows", f"give at most {MOST:,} places"))])
    places, problems = [], []
    seen: dict[str, int] = {}
    for number, row in enumerate(found, start=2):
        try:
            place = PlaceIn.model_validate({name: _value(name, row[name] or "") for name in COLUMNS})
        except ValidationError as error:
            problems += [Problem(number, p.column, p.value, p.mend, p.code) for p in problems_of(error, PlaceIn)]
            continue
        first = seen.setdefault(place.place_id, number)
        if first != number:
            mend = f"stands in row {first} already; keep one of the two"
            problems.append(Problem(number, "place_id", shown(place.place_id), mend, "repeated_id"))
        places.append(place)
    if problems:
        raise BadInput(problems)
    return places


def _value(column: str, cell: str) -> str | float:
    """A number where one is wanted and one stands there; anything else is refused by the schema."""
    if column not in ("latitude", "longitude"):
        return cell
    try:
        return float(cell)
    except ValueError:
        return cell
