"""A licensed questionnaire: read as it is meant, or refused with every problem at its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matcher import band, reliable_change, score
from matcher.measures import needs_a_person
from tests.web.exchange.a_questionnaire import ORDINAL, as_bytes, whole
from web.exchange.problems import BadInput
from web.exchange.questionnaires import read_questionnaire

Change = Callable[[dict[str, Any]], Any]


def problems(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as refused:
        read_questionnaire(document if isinstance(document, bytes) else as_bytes(document))
    assert all(problem.mend and problem.say() for problem in refused.value.problems)
    return [(problem.column, problem.code) for problem in refused.value.problems]


def test_items_scoring_bands_and_ceiling_are_those_of_the_file() -> None:
    rest, document = read_questionnaire(as_bytes(whole(ceiling=1)))
    assert document["name"] == rest.code == "rest-4" and rest.version == "2.1"
    assert [item.id for item in rest.items] == ["1", "2", "3", "4"]
    assert [item.id for item in rest.scored] == ["1", "2", "3"]
    assert [answer.words for answer in rest.items[0].answers] == ["never", "sometimes", "always"]
    assert [answer.value for answer in rest.items[3].answers] == list(range(8))
    # 1 + (2 − 0) + 3 by hand, since item 2 is turned around
    assert score(rest, {"1": 1, "2": 0, "3": 3, "4": 7}) == 6
    found = band(rest, 4)
    assert found is not None and found.words == "tired"
    assert score(rest, {"1": 1, "2": 0}) is None
    assert (rest.ceiling, rest.best, rest.attribution) == (1, 0, "Nobody in particular")
    assert needs_a_person(rest, {"3": 1}) and not needs_a_person(rest, {"1": 2, "3": 0})
    # 1.96 · 2 · √(2 · 0.125) = 1.96
    assert reliable_change(rest, 7, 5).threshold == pytest.approx(1.96)


def test_a_mean_has_its_own_range() -> None:
    rest, _ = read_questionnaire(as_bytes(whole(method="mean", items=["1", "2"], top=2, bands=None, required=2)))
    assert score(rest, {"1": 2, "2": 1}) == 1.5


SLEEP = ("item", 1, "item")


def at(path: tuple[str | int, ...], change: Change) -> Change:
    """A change of what stands at a path."""

    def apply(document: dict[str, Any]) -> None:
        inner: Any = document
        for part in path:
            inner = inner[part]
        change(inner)

    return apply


WRONG: list[tuple[Change, list[tuple[str, str]]]] = [
    (lambda d: d.pop("scoring"), [("scoring", "missing")]),
    (at(("scoring",), lambda s: s.pop("method")), [("scoring.method", "missing")]),
    (at(("scoring",), lambda s: s.update(method="median")), [("scoring.method", "unknown_word")]),
    (at(("scoring",), lambda s: s.update(better="left")), [("scoring.better", "unknown_word")]),
    (at(("scoring",), lambda s: s.pop("top")), [("scoring.top", "missing")]),
    (at(("scoring",), lambda s: s.update(top="7")), [("scoring.top", "float_type")]),
    (at(("scoring",), lambda s: s.update(top=9)), [("scoring.top", "unreachable")]),
    (at(("scoring",), lambda s: s.update(lowest=1, bands=[])), [("scoring.lowest", "unreachable")]),
    (at(("scoring",), lambda s: s.update(lowest=8, bands=[])), [("scoring.top", "contradictory")]),
    (at(("scoring",), lambda s: s.update(ceiling=9)), [("scoring.ceiling", "out_of_range")]),
    (at(("scoring",), lambda s: s.update(required=4)), [("scoring.required", "out_of_range")]),
    (at(("scoring",), lambda s: s.update(required=-1)), [("scoring.required", "int_type")]),
    (at(("scoring",), lambda s: s.update(unit=0)), [("scoring.unit", "out_of_range")]),
    (at(("scoring",), lambda s: s.update(scores=1)), [("scoring.scores", "unknown_name")]),
    (at(("scoring",), lambda s: s.update(items=["1", "9"])), [("scoring.items[1]", "unknown_item"),
                                                             ("scoring.reverse[0]", "not_scored"),
                                                             ("scoring.required", "out_of_range")]),
    (at(("scoring",), lambda s: s.update(reverse=["4"])), [("scoring.reverse[0]", "not_scored")]),
    (at(("scoring",), lambda s: s.update(reverse=["2", "2"])), [("scoring.reverse", "repeated")]),
    (at(("scoring",), lambda s: s.update(safety=["item 9"])), [("scoring.safety[0]", "unknown_item")]),
    (at(("scoring",), lambda s: s.update(safety="3")), [("scoring.safety", "list_type")]),
    (at(("scoring",), lambda s: s.update(bands=[{"lowest": 1, "words": "a"}])), [("scoring.bands", "contradictory")]),
    (at(("scoring",), lambda s: s.update(bands=["a"])), [("scoring.bands[0]", "model_type")]),
    (at(("scoring",), lambda s: s.pop("sd")), [("scoring", "contradictory")]),
    (at(("scoring",), lambda s: s.update(reliability=1)), [("scoring.reliability", "out_of_range")]),
    (at(("scoring",), lambda s: s.pop("source")), [("scoring.source", "missing")]),
    (at((), lambda d: d.update(resourceType="Patient")), [("resourceType", "resource")]),
    (at((), lambda d: d.pop("name")), [("name", "missing")]),
    (at((), lambda d: d.update(version=2)), [("version", "missing")]),
    (at((), lambda d: d.update(title="a\nb")), [("title", "control_character")]),
    (at((), lambda d: d.pop("item")), [("item", "list_type")]),
    (at((), lambda d: d.update(item=[])), [("item", "missing")]),
    (at(SLEEP, lambda i: i[1].update(linkId="1")), [("item[1].item[1].linkId", "repeated_id")]),
    (at(SLEEP, lambda i: i[1].update(type="open-choice")), [("item[1].item[1].type", "unknown_type")]),
    (at(SLEEP, lambda i: i[0].pop("text")), [("item[1].item[0].text", "missing")]),
    (at(SLEEP, lambda i: i[0].pop("answerOption")), [("item[1].item[0].answerOption", "too_few")]),
    (at(SLEEP, lambda i: i.append("what?")), [("item[1].item[2]", "model_type")]),
    (at((*SLEEP, 0, "answerOption", 1), lambda o: o["valueCoding"].pop("extension")),
     [("item[1].item[0].answerOption[1]", "no_worth")]),
    (at((*SLEEP, 0, "answerOption", 1), lambda o: o.update(extension=[{"url": ORDINAL, "valueDecimal": 5}])),
     [("item[1].item[0].answerOption[1]", "contradictory")]),
    (at((*SLEEP, 0, "answerOption", 1), lambda o: (o.clear(), o.update(valueString="x"))),
     [("item[1].item[0].answerOption[1]", "unknown_answer")]),
    (at((*SLEEP, 0, "answerOption", 1, "valueCoding", "extension", 0), lambda e: e.update(valueDecimal=2)),
     [("item[1].item[0].answerOption", "repeated")]),
    (at(("item", 3), lambda i: i.pop("extension")), [("item[3]", "no_range")]),
    (at(("item", 3, "extension", 1), lambda e: e.update(valueInteger=0)), [("item[3]", "no_range")]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), WRONG, ids=[str(k) for k in range(len(WRONG))])
def test_each_problem_is_named_at_its_place(change: Change, expected: list[tuple[str, str]]) -> None:
    document = whole()
    change(document)
    assert problems(document) == expected


def test_all_problems_are_named_at_once() -> None:
    document = whole(method="median", top="x")
    document.pop("title")
    document["item"][2]["type"] = "date"
    found = problems(document)
    assert {("title", "missing"), ("item[2].type", "unknown_type"), ("scoring.method", "unknown_word"),
            ("scoring.top", "float_type")} <= set(found)  # fmt: skip


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b'"x"', b"{", b'{"a": NaN}', b"\xff\xfe", b"{}"])
def test_what_is_no_questionnaire_is_refused(text: bytes) -> None:
    assert problems(text)
