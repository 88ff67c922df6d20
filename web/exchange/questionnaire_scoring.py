"""The block ``scoring`` of a Questionnaire: how answers become a score, and what scores mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from matcher.measures import Band, Spread
from matcher.measures.instrument import DIRECTIONS, SCORINGS
from matcher.sources import Source
from web.exchange.problems import Fault, Problem, shown
from web.exchange.schema.explain import Path, place

NAMES = ("method", "items", "reverse", "lowest", "top", "better", "ceiling", "required", "unit", "bands", "safety",
         "sd", "reliability", "source")  # fmt: skip
MAX_WORDS = 400


@dataclass(frozen=True, slots=True)
class Scoring:
    """What the block says; ``is_whole`` where nothing in it is wrong. ``required`` is 0 where all items must stand."""

    method: str = "sum"
    items: tuple[str, ...] = ()
    reverse: tuple[str, ...] = ()
    lowest: float = 0.0
    top: float = 0.0
    better: str = "lower"
    ceiling: float | None = None
    required: int = 0
    unit: float = 1.0
    bands: tuple[Band, ...] = ()
    safety: tuple[str, ...] = ()
    spread: Spread | None = None
    is_whole: bool = False


def scoring_of(document: Mapping[str, Any]) -> tuple[Scoring, list[Problem]]:
    """What the block says, and everything that is wrong with it; without a block nothing can be scored."""
    block = document.get("scoring")
    if not isinstance(block, dict):
        mend = 'nothing says how it is scored; add {"method": "sum", "lowest": …, "top": …, "better": "lower"}'
        return Scoring(), [_problem((), "missing", block, mend)]
    wrong: list[Problem] = []
    for name in block:
        if name not in NAMES:
            wrong.append(_problem((name,), "unknown_name", block[name], f"expected one of {', '.join(NAMES)}"))
    found = Scoring(
        method=_word(block, "method", SCORINGS, wrong),
        items=_ids(block, "items", wrong),
        reverse=_ids(block, "reverse", wrong),
        lowest=_number(block, "lowest", wrong, required=True) or 0.0,
        top=_number(block, "top", wrong, required=True) or 0.0,
        better=_word(block, "better", DIRECTIONS, wrong),
        ceiling=_number(block, "ceiling", wrong),
        required=_required(block, wrong),
        unit=_above_zero(block, "unit", wrong) or 1.0,
        bands=_bands(block, wrong),
        safety=_ids(block, "safety", wrong),
        spread=_spread(block, wrong),
    )
    if not wrong:
        wrong += _disorder(found)
    return replace(found, is_whole=not wrong), wrong


def _disorder(found: Scoring) -> list[Problem]:
    """What its figures say against each other."""
    wrong = []
    if found.lowest >= found.top:
        wrong.append(_problem(("top",), "contradictory", found.top, f"expected more than lowest, {found.lowest:g}"))
    if found.ceiling is not None and not found.lowest <= found.ceiling <= found.top:
        mend = f"expected a score from {found.lowest:g} to {found.top:g}"
        wrong.append(_problem(("ceiling",), "out_of_range", found.ceiling, mend))
    starts = [band.lowest for band in found.bands]
    if starts and (starts[0] != found.lowest or starts != sorted(set(starts)) or starts[-1] > found.top):
        mend = f"expected bands that begin at {found.lowest:g} and rise to at most {found.top:g}"
        wrong.append(_problem(("bands",), "contradictory", starts, mend))
    return wrong


def _word(block: Mapping[str, Any], name: str, known: tuple[str, ...], wrong: list[Problem]) -> str:
    value = block.get(name)
    if value not in known:
        code = "missing" if value is None else "unknown_word"
        wrong.append(_problem((name,), code, value, f"required; expected one of {', '.join(known)}"))
        return known[0]
    return str(value)


def _ids(block: Mapping[str, Any], name: str, wrong: list[Problem]) -> tuple[str, ...]:
    value = block.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        wrong.append(_problem((name,), "list_type", value, "expected a list of linkIds"))
        return ()
    if len(set(value)) < len(value):
        wrong.append(_problem((name,), "repeated", value, "name each item once"))
    return tuple(value)


def _number(block: Mapping[str, Any], name: str, wrong: list[Problem], *, required: bool = False) -> float | None:
    value = block.get(name)
    if value is None and not required:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        code = "missing" if value is None else "float_type"
        wrong.append(_problem((name,), code, value, "required; expected a number" if required else "expected a number"))
        return None
    return float(value)


def _above_zero(block: Mapping[str, Any], name: str, wrong: list[Problem]) -> float | None:
    value = _number(block, name, wrong)
    if value is not None and value <= 0:
        wrong.append(_problem((name,), "out_of_range", value, "expected a number above 0"))
        return None
    return value


def _required(block: Mapping[str, Any], wrong: list[Problem]) -> int:
    value = block.get("required", 0)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        wrong.append(_problem(("required",), "int_type", value, "expected how many items must be answered"))
        return 0
    return value


def _bands(block: Mapping[str, Any], wrong: list[Problem]) -> tuple[Band, ...]:
    value, found = block.get("bands", []), []
    if not isinstance(value, list):
        wrong.append(_problem(("bands",), "list_type", value, "expected a list of bands"))
        return ()
    for k, entry in enumerate(value):
        words = entry.get("words") if isinstance(entry, dict) else None
        start = entry.get("lowest") if isinstance(entry, dict) else None
        is_number = isinstance(start, int | float) and not isinstance(start, bool)
        if not is_number or not isinstance(words, str) or not 0 < len(words) <= MAX_WORDS:
            mend = 'expected {"lowest": a number, "words": a text}'
            wrong.append(_problem(("bands", k), "model_type", None, mend))
        else:
            found.append(Band(f"band-{k + 1}", float(start), words))
    return tuple(found)


def _spread(block: Mapping[str, Any], wrong: list[Problem]) -> Spread | None:
    """SD and reliability, which stand together or not at all."""
    before = len(wrong)
    sd, reliability = _above_zero(block, "sd", wrong), _number(block, "reliability", wrong)
    if len(wrong) > before or (sd is None and reliability is None):
        return None
    if sd is None or reliability is None:
        wrong.append(_problem((), "contradictory", None, "sd and reliability belong together; give both or neither"))
        return None
    if not 0 <= reliability < 1:
        wrong.append(_problem(("reliability",), "out_of_range", reliability, "expected a number from 0 to below 1"))
        return None
    source = block.get("source", "")
    if not isinstance(source, str) or not source.strip() or len(source) > MAX_WORDS:
        wrong.append(_problem(("source",), "missing", source, "say in a few words where sd and reliability are from"))
        return None
    return Spread(sd, reliability, Source(source, 0, "As the clinic states it."))


def _problem(path: Path, code: str, value: object, mend: str) -> Problem:
    return Problem.of(Fault(code, "" if value is None else shown(value), mend), column=place(("scoring", *path)))
