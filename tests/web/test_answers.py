"""The document of a ranked list says what the list says, and no count under five."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.entities import CHECK_IN, MatchList, Outlook, RankedMatch, Reason, Refusal, Remedy
from tests.builders import a_therapist
from web import answers
from web.wording import say_note

OUTLOOK = Outlook(0.7, 0.04, 0.65, 0.75, 0.6, 0.02, 0.9, n_clients=12, n_similar=4)
MATCH = RankedMatch("t1", 1, 0.5, (), (Reason("known_before"),), None, OUTLOOK)


def the_list(**changes: object) -> answers.MatchListOut:
    found = replace(MatchList("c1", (MATCH,), (), (), "w1", "m1"), **changes)  # type: ignore[arg-type]
    return answers.match_list(found, {"t1": a_therapist(name="Ana")}, CHECK_IN)


@pytest.mark.parametrize(("count", "told"), [(0, None), (4, None), (5, 5), (12, 12)])
def test_a_count_under_five_is_not_told(count: int, told: int | None) -> None:
    outlook = replace(OUTLOOK, n_clients=count, n_similar=count)
    shown = the_list(matches=(replace(MATCH, outlook=outlook),)).matches[0].evidence
    assert (shown.n_clients, shown.n_similar) == (told, told)


def test_a_match_without_a_model_says_so() -> None:
    shown = the_list(matches=(replace(MATCH, outlook=None),), model_version=None, notes=("no_model",))
    assert (shown.matches[0].outlook, shown.model_version) == (None, None)
    assert shown.matches[0].evidence.n_clients is None
    assert shown.notes[0].text == say_note("no_model")


def test_refusals_are_counted_by_requirement_and_listed_by_therapist() -> None:
    refusals = (Refusal("t2", ("fee",)), Refusal("t3", ("capacity", "fee")), Refusal("t4", ("capacity", "age_group")))
    shown = the_list(refusals=refusals).refusals
    assert shown.total == 3
    assert [(r.code, r.n_therapists) for r in shown.by_code] == [("capacity", 2), ("fee", 2), ("age_group", 1)]
    assert [(r.therapist_id, r.codes) for r in shown.therapists][1] == ("t3", ["capacity", "fee"])


def test_a_remedy_names_what_must_change_with_it() -> None:
    remedy = Remedy("add_format", {"format": "online"}, 2, also=Reason("add_language", {"language": "de"}))
    shown = the_list(remedies=(remedy,)).remedies[0]
    assert shown.also is not None and shown.also.params == {"language": "de"}
    assert "German" in shown.text


def test_the_scale_stands_beside_the_outlook() -> None:
    outlook = the_list().matches[0].outlook
    assert outlook is not None
    assert outlook.scale.model_dump() == {"lowest": 0.0, "top": 1.0, "step": 0.025}
    assert (outlook.mean, outlook.lower80, outlook.upper80, outlook.typical) == (0.7, 0.65, 0.75, 0.6)
