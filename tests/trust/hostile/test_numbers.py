"""What is no number, in every field that takes one: refused, or taken for nothing where the field says so; never kept.

A field takes a number where its page or the document says so, and where what stands in it, or may be chosen, is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.trust.hostile.clinic import DryClinic, Kept
from tests.trust.hostile.parameters import Spot
from tests.trust.hostile.payloads import JSON_NUMBERS, WRITTEN_NUMBERS
from tests.trust.hostile.test_parameters import families, fits, shared_out
from web.db import crypto
from web.weights import forms as weight_forms

NUMERIC = frozenset({"number", "numeric", "decimal", "range"})
CHOSEN = frozenset({"radio", "select", "hidden"})
REFUSED = frozenset({400, 422})
ABSENT = None
# name → what is answered as if it stood there instead, and why that is right
READ_AS: dict[str, tuple[str | None, str]] = {
    "revision": ("999999", "a revision that was not seen: a conflict, or nothing is left to change"),
    "code": ("000000", "a code that opens nothing, as the tablet says"),
    "phq-9:#": (ABSENT, "an answer that cannot be given is none, and the rest of them counts"),
    "gad-7:#": (ABSENT, "an answer that cannot be given is none, and the rest of them counts"),
    "priority": (ABSENT, "a filter that is none of ours filters nothing"),
}
TINY = (-0.0, 5e-324)  # numbers after all: fine where a fraction may be 0
FRACTIONS = frozenset({"latitude", "longitude", "max_distance_km", "floor"})
Trials = Callable[[int, int], int]


def numeric(spots: Sequence[Spot]) -> list[Spot]:
    """Where a number is expected. A row of the diary is sent as one that stays."""
    found = []
    for spot in spots:
        here = next((value for name, value in spot.pairs if name == spot.name), "")
        if spot.kind in NUMERIC or (spot.kind in CHOSEN and re.fullmatch(r"-?\d{1,6}([.,]\d+)?", here)):
            pairs = tuple(pair for pair in spot.pairs if not pair[0].endswith("-remove"))
            found.append(replace(spot, pairs=pairs))
    return found


@pytest.mark.S15
def test_what_is_no_number_is_refused_and_never_kept(
    dry: DryClinic, spots: list[Spot], trials: Trials, tried: Callable[[int], None]
) -> None:
    where = numeric(spots)
    said = [spot for spot in where if spot.kind in NUMERIC]
    chosen = [spot for spot in where if spot.kind not in NUMERIC]
    assert len(said) > 30 and len(chosen) > 60
    wrong, cases = swept(dry, said, trials(6, 99))
    more, others = swept(dry, chosen if trials(0, 1) else families(chosen, False), trials(3, 99))
    assert not wrong + more, "\n".join((wrong + more)[:8])
    tried(cases + others)


def swept(clinic: DryClinic, spots: Sequence[Spot], n: int) -> tuple[list[str], int]:
    """(what went wrong, cases) of so many odd numbers in each place."""
    wrong, cases = [], 0
    for is_json in (True, False):
        here = [spot for spot in spots if (spot.where == "json") is is_json]
        for spot, value in shared_out(here, JSON_NUMBERS if is_json else WRITTEN_NUMBERS, n):
            if not fits(spot, str(value)):
                continue
            cases += 1
            amiss = _amiss(clinic, spot, value)
            wrong += [f"{spot.label}: {value!r:.30} {amiss}"] if amiss else []
    return wrong, cases


def _amiss(clinic: DryClinic, spot: Spot, value: Any) -> str | None:
    """What is wrong with the answer to a number that is none; None where nothing is."""
    status, kept = _sent(clinic, spot, value)
    if re.search(r"\bnan\b|\binf\b|\bNaN\b|Infinity|1e400|9{60}|0x10|[١½²Ⅷ]", _written(kept)):
        return "is kept"
    if status in REFUSED or (value in TINY and spot.name.rpartition(".")[2] in FRACTIONS and status == 200):
        return None
    name = re.sub(r"(?<=:)\d+$", "#", spot.name)
    if name not in READ_AS:
        return f"answers {status}"
    stand_in: Any = READ_AS[name][0]
    stand_in = int(stand_in) if stand_in is not ABSENT and spot.where == "json" else stand_in
    usual, before = _sent(clinic, _without(spot), "") if stand_in is ABSENT else _sent(clinic, spot, stand_in)
    same = [statement for statement, _ in kept.statements if _writes(statement)]
    is_same = status == usual and same == [statement for statement, _ in before.statements if _writes(statement)]
    return None if is_same else f"answers {status}, and not as {stand_in!r} ({usual})"


def _without(spot: Spot) -> Spot:
    """The same request, with another field that nothing asks for in place of this one."""
    return replace(spot, name="nothing", pairs=tuple(pair for pair in spot.pairs if pair[0] != spot.name))


def _sent(clinic: DryClinic, spot: Spot, value: Any) -> tuple[int, Kept]:
    """(status, what was sent to the database, with what was sealed for it)."""
    with clinic.watched() as kept, _unsealed(kept):
        return spot.send(clinic, value).status_code, kept


@contextmanager
def _unsealed(kept: Kept) -> Any:
    """What is sealed meanwhile, as if it were written as it is."""
    real = crypto.seal

    def seal(name: str, key: Any, content: bytes) -> bytes:
        kept.sealed.append(content)
        return real(name, key, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crypto, "seal", seal)
        yield


def _writes(statement: str) -> bool:
    return statement.startswith(("INSERT", "UPDATE"))


def _written(kept: Kept) -> str:
    values = [said for statement, said in kept.statements if _writes(statement)]
    return repr(values) + "".join(content.decode("utf-8", "replace") for content in kept.sealed)


@pytest.mark.S15
def test_every_reason_to_read_a_number_as_something_else_is_needed(spots: list[Spot]) -> None:
    names = {re.sub(r"(?<=:)\d+$", "#", spot.name) for spot in numeric(spots)}
    assert not READ_AS.keys() - names and {name.rpartition(".")[2] for name in names} >= FRACTIONS


@pytest.mark.S15
def test_a_number_that_is_taken_as_python_reads_it_would_be_found(
    dry: DryClinic, spots: list[Spot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: a weight is whatever ``float`` makes of it."""

    def careless(text: str) -> float | None:
        try:
            return float(text)
        except ValueError:
            return None

    monkeypatch.setattr(weight_forms, "number", careless)
    weights = [spot for spot in numeric(spots) if (spot.endpoint, spot.name) == ("weights.save", "alliance")]
    assert any("NaN" in said for said in swept(dry, weights, 99)[0])
