"""Questionnaires for which a clinic has a licence: a FHIR R4 Questionnaire with a block that says how it is scored.

Everything that is wrong is named with its place, and nothing is taken by halves. The block ``scoring`` stands beside
FHIR's own fields, because FHIR has no agreed place for it; docs/measures.md describes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from matcher.errors import InvalidInput
from matcher.measures import Instrument, Item
from matcher.measures.instrument import SLACK, reach
from web.exchange.problems import BadInput, Fault, Problem, Unreadable, shown
from web.exchange.questionnaire_items import Found, Path, items_of
from web.exchange.questionnaire_scoring import Scoring, scoring_of
from web.exchange.schema.explain import place
from web.exchange.schema.fields import check_id, check_text
from web.exchange.strict_json import read_json

MAX_CODE, MAX_VERSION, MAX_TITLE, MAX_WORDS = 60, 40, 200, 2_000


def read_questionnaire(text: str | bytes) -> tuple[Instrument, dict[str, Any]]:
    """The instrument of a Questionnaire, and its document as it is kept. Raises BadInput with every problem."""
    document = read_json(text)
    found = _problems_above(document)
    if not isinstance(document, dict):
        raise BadInput(found)
    items, wrong = items_of(document)
    scoring, unclear = scoring_of(document)
    found += [*wrong, *unclear, *([] if wrong else _between(items, scoring))]
    if found:
        raise BadInput(found)
    return instrument_of(document), document


def instrument_of(document: Mapping[str, Any]) -> Instrument:
    """The instrument of a document that was read before. Raises BadInput where it does not hold together."""
    items, scoring = items_of(document)[0], scoring_of(document)[0]
    scored = set(scoring.items or [each.item.id for each in items])
    try:
        return Instrument(
            code=document["name"],
            version=document["version"],
            title=document["title"],
            lead=document.get("description", ""),
            items=tuple(_item(each.item, scored, scoring) for each in items),
            scoring=scoring.method,
            lowest=scoring.lowest,
            top=scoring.top,
            better=scoring.better,
            bands=scoring.bands,
            n_required=scoring.required or len(scored),
            safety_items=scoring.safety,
            ceiling=scoring.ceiling,
            unit=scoring.unit,
            spread=scoring.spread,
            attribution=document.get("copyright", ""),
            is_validated=True,
        )
    except InvalidInput as wrong:
        fault = Fault("contradictory", shown(wrong.value), wrong.mend)
        raise BadInput([Problem.of(fault, column=f"scoring: {wrong.field}")]) from wrong


def _item(item: Item, scored: set[str], scoring: Scoring) -> Item:
    return Item(item.id, item.words, item.answers, item.id in scoring.reverse, item.id in scored)


def _problems_above(document: object) -> list[Problem]:
    """What is wrong with the fields of the whole."""
    if not isinstance(document, dict):
        return [_problem((), "model_type", document, "expected a FHIR Questionnaire, an object in curly brackets")]
    found = []
    if document.get("resourceType") != "Questionnaire":
        found.append(_problem(("resourceType",), "resource", document.get("resourceType"), 'expected "Questionnaire"'))
    for name, most in (("name", MAX_CODE), ("version", MAX_VERSION), ("title", MAX_TITLE)):
        found += _text(document, name, most, required=True)
    for name in ("description", "copyright"):
        found += _text(document, name, MAX_WORDS)
    return found


def _text(document: Mapping[str, Any], name: str, most: int, *, required: bool = False) -> list[Problem]:
    value = document.get(name)
    if value is None and not required:
        return []
    if not isinstance(value, str) or not value.strip():
        return [_problem((name,), "missing", value, "required; write it as text in quotation marks")]
    try:
        check_text(value, most, one_line=required)
        if name in ("name", "version"):
            check_id(value)
    except Unreadable as error:
        return [Problem.of(fault, column=name) for fault in error.faults]
    return []


def _between(items: Sequence[Found], scoring: Scoring) -> list[Problem]:
    """What items and scoring say against each other."""
    twice = [key for key, n in Counter(each.item.id for each in items).items() if n > 1]
    if twice:
        return [_repeated(key, items) for key in twice]
    known = {each.item.id: each.item for each in items}
    found = [
        _problem(("scoring", name, k), "unknown_item", key, "no item that is asked has this linkId")
        for name in ("items", "reverse", "safety")
        for k, key in enumerate(getattr(scoring, name))
        if key not in known
    ]
    scored = [known[key] for key in (scoring.items or known) if key in known]
    for k, key in enumerate(scoring.reverse):
        if key in known and known[key] not in scored:
            found.append(_problem(("scoring", "reverse", k), "not_scored", key, "is turned around, but not scored"))
    if scoring.required > len(scored):
        mend = f"only {len(scored)} items are scored"
        found.append(_problem(("scoring", "required"), "out_of_range", scoring.required, mend))
    return found if found or not scoring.is_whole else _range(scored, scoring)


def _repeated(key: str, items: Sequence[Found]) -> Problem:
    first, second, *_ = (each.path for each in items if each.item.id == key)
    return _problem((*second, "linkId"), "repeated_id", key, f"stands at {place(first)} already; give it another one")


def _range(scored: Sequence[Item], scoring: Scoring) -> list[Problem]:
    """Whether the range that is stated is the one that the items reach."""
    found = []
    for name, reached in zip(("lowest", "top"), reach(scored, scoring.method, scoring.unit), strict=True):
        stated = getattr(scoring, name)
        if abs(stated - reached) > SLACK * max(1.0, abs(reached)):
            mend = f"the items reach {reached:g}; correct the range, the answers or the items that are scored"
            found.append(_problem(("scoring", name), "unreachable", stated, mend))
    return found


def _problem(path: Path, code: str, value: object, mend: str) -> Problem:
    return Problem.of(Fault(code, "" if value is None else shown(value), mend), column=place(path))
