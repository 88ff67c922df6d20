"""The kinds of table, and the columns in each that have a meaning of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NUMBER, TEXT = "number", "text"


@dataclass(frozen=True)
class Kind:
    """A kind of table. ``own`` says what stands in the columns with a meaning; every other column is a covariate.

    ``named`` are ids that no row may lack, ``once`` an id that stands in one row only.
    """

    name: str
    required: tuple[str, ...]
    own: Mapping[str, str]
    named: tuple[str, ...] = ()
    once: str = ""


_PAIR = ("client_id", "therapist_id")
_IDS = dict.fromkeys(_PAIR, TEXT)

RATINGS = Kind(
    "ratings",
    (*_PAIR, "score"),
    {**_IDS, "score": NUMBER, "session": NUMBER, "weight": NUMBER, "rated_at": TEXT},
)
CLIENTS = Kind("clients", ("client_id",), {"client_id": TEXT}, named=("client_id",), once="client_id")
THERAPISTS = Kind("therapists", ("therapist_id",), {"therapist_id": TEXT}, named=("therapist_id",), once="therapist_id")
PAIRS = Kind("pairs", _PAIR, _IDS, named=_PAIR)
