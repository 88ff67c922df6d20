"""The items of a FHIR Questionnaire: each question, and what its answers are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matcher.measures import Answer, Item
from web.exchange.problems import Fault, Problem, Unreadable, shown
from web.exchange.schema.explain import Path, place
from web.exchange.schema.fields import check_id, check_text

ASKED, AROUND = ("choice", "integer"), ("group", "display")
WORTH = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
)
LEAST, MOST = (f"http://hl7.org/fhir/StructureDefinition/{name}" for name in ("minValue", "maxValue"))
MAX_ITEMS, MAX_STEPS, MAX_WORDS = 200, 101, 1_000

__all__ = ["Found", "Path", "items_of"]


@dataclass(frozen=True, slots=True)
class Found:
    """An item that is asked, and where it stands in the document."""

    item: Item
    path: Path


def items_of(document: Mapping[str, Any]) -> tuple[list[Found], list[Problem]]:
    """The items that are asked, whichever groups they stand in, and everything that is wrong with them."""
    found: list[Found] = []
    wrong: list[Problem] = []
    for path, entry in _entries(document.get("item"), ("item",), wrong):
        if len(found) == MAX_ITEMS:
            wrong.append(_problem(path, "too_many", None, f"at most {MAX_ITEMS} items"))
            break
        _read(entry, path, found, wrong)
    if not found and not wrong:
        wrong.append(_problem(("item",), "missing", None, "nothing is asked; add items of type choice or integer"))
    return found, wrong


def _entries(entries: object, path: Path, wrong: list[Problem]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every item, those of a group after it."""
    if not isinstance(entries, list):
        wrong.append(_problem(path, "list_type", entries, "expected a list of items, in square brackets"))
        return
    for k, entry in enumerate(entries):
        at = (*path, k)
        if not isinstance(entry, dict):
            wrong.append(_problem(at, "model_type", entry, "expected an item, an object in curly brackets"))
            continue
        yield at, entry
        if "item" in entry:
            yield from _entries(entry["item"], (*at, "item"), wrong)


def _read(entry: dict[str, Any], path: Path, found: list[Found], wrong: list[Problem]) -> None:
    kind = entry.get("type")
    if kind in AROUND:
        return
    if kind not in ASKED:
        mend = f"this type cannot be scored; expected one of {', '.join((*ASKED, *AROUND))}"
        wrong.append(_problem((*path, "type"), "unknown_type", kind, mend))
        return
    key = _checked(entry.get("linkId"), (*path, "linkId"), wrong, as_id=True)
    words = _checked(entry.get("text"), (*path, "text"), wrong)
    answers = _answers(entry, path, wrong)
    if key:
        found.append(Found(Item(key, words, answers), path))


def _checked(value: object, path: Path, wrong: list[Problem], *, as_id: bool = False) -> str:
    """A text that can be taken, or an empty one."""
    if not isinstance(value, str) or not value.strip():
        wrong.append(_problem(path, "missing", value, "required; write it as text in quotation marks"))
        return ""
    try:
        check_id(value) if as_id else check_text(value, MAX_WORDS)
    except Unreadable as error:
        wrong += [Problem.of(fault, column=place(path)) for fault in error.faults]
        return ""
    return value


def _answers(entry: dict[str, Any], path: Path, wrong: list[Problem]) -> tuple[Answer, ...]:
    options = entry.get("answerOption")
    if options is None and entry["type"] == "integer":
        return _steps(entry, path, wrong)
    if not isinstance(options, list) or len(options) < 2:
        wrong.append(_problem((*path, "answerOption"), "too_few", options, "give at least two answers"))
        return ()
    before = len(wrong)
    answers = [_answer(option, (*path, "answerOption", k), wrong) for k, option in enumerate(options)]
    values = [answer.value for answer in answers if answer is not None]
    if len(wrong) == before and len(set(values)) < len(values):
        wrong.append(_problem((*path, "answerOption"), "repeated", values, "two answers are worth the same"))
    return tuple(answer for answer in answers if answer is not None)


def _steps(entry: dict[str, Any], path: Path, wrong: list[Problem]) -> tuple[Answer, ...]:
    """A whole number between two bounds."""
    low, high = (_extension(entry, (url,)) for url in (LEAST, MOST))
    if not isinstance(low, int) or not isinstance(high, int) or isinstance(low, bool) or isinstance(high, bool):
        mend = "an integer needs answerOption, or the extensions minValue and maxValue"
        wrong.append(_problem(path, "no_range", None, mend))
        return ()
    if not 1 <= high - low < MAX_STEPS:
        mend = f"expected minValue below maxValue, and at most {MAX_STEPS} steps"
        wrong.append(_problem(path, "no_range", f"{low} … {high}", mend))
        return ()
    return tuple(Answer(value) for value in range(low, high + 1))


def _answer(option: object, path: Path, wrong: list[Problem]) -> Answer | None:
    """An answer and its worth: a number itself, or a coding with the extension ordinalValue."""
    if not isinstance(option, dict) or not ({"valueInteger", "valueCoding"} & set(option)):
        wrong.append(_problem(path, "unknown_answer", None, "expected valueInteger or valueCoding"))
        return None
    coding = option.get("valueCoding")
    coding = coding if isinstance(coding, dict) else {}
    worths = [option.get("valueInteger"), _extension(option, WORTH), _extension(coding, WORTH)]
    numbers = [worth for worth in worths if isinstance(worth, int | float) and not isinstance(worth, bool)]
    if not numbers:
        wrong.append(_problem(path, "no_worth", None, "nothing says what it is worth; add the extension ordinalValue"))
        return None
    if len(set(numbers)) > 1:
        wrong.append(_problem(path, "contradictory", numbers, "says two different worths; keep one"))
        return None
    words = coding.get("display", "") if coding else ""
    return Answer(float(numbers[0]), words if isinstance(words, str) else "")


def _extension(entry: Mapping[str, Any], urls: tuple[str, ...]) -> Any:
    """The value of the first extension with one of these addresses."""
    extensions = entry.get("extension")
    for extension in extensions if isinstance(extensions, list) else ():
        if isinstance(extension, dict) and extension.get("url") in urls:
            return next((value for name, value in extension.items() if name.startswith("value")), None)
    return None


def _problem(path: Path, code: str, value: object, mend: str) -> Problem:
    return Problem.of(Fault(code, "" if value is None else shown(value), mend), column=place(path))
