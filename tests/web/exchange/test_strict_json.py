"""JSON and no more: each thing that Python's reader would let through is refused, with its place."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from web.exchange.documents import intake_from_json
from web.exchange.problems import BadInput
from web.exchange.schema import TherapistIn
from web.exchange.schema.explain import problems_of
from web.exchange.strict_json import MAX_DEPTH, read_json


def refused(source: str | bytes, **limits) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught:
        read_json(source, **limits)
    assert all(problem.row is None and problem.mend for problem in caught.value.problems)
    return [(problem.column, problem.code) for problem in caught.value.problems]


CASES = (
    ('{"hope": NaN}', [("hope", "not_finite")]),
    ('{"a": [1, -Infinity]}', [("a[1]", "not_finite")]),
    ('{"a": {"b": 1e400}}', [("a.b", "not_finite")]),
    ('{"a": ' + "9" * 5_000 + "}", [("a", "out_of_range")]),
    ('{"a": 1, "a": 2}', [("a", "repeated_name")]),
    ('[{"a": {"b": 1, "b": NaN}}]', [("[0].a.b", "repeated_name")]),
    ("NaN", [("document", "not_finite")]),
    ('{"a": 1,}', [("", "not_json")]),
    ("", [("", "not_json")]),
    ("{} {}", [("", "not_json")]),
    ('{"a": "\n"}', [("", "not_json")]),
    (b'{"a": "\xff"}', [("", "not_utf8")]),
    ("[" * 100_000, [("", "too_deep")]),
    ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), [("", "too_deep")]),
)


@pytest.mark.parametrize(("source", "expected"), CASES, ids=range(len(CASES)))
def test_what_is_no_json(source: str | bytes, expected: list[tuple[str, str]]) -> None:
    assert refused(source) == expected


def test_what_is_json() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": [1, 2.5, true, null, "[[[[\\"{"]}') == {"a": [1, 2.5, True, None, '[[[["{']}
    assert read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert read_json("1" * 30) == int("1" * 30)


def test_the_limit_of_size() -> None:
    assert refused("[1, 2, 3]", limit=8) == [("", "too_large")]
    assert read_json("[1, 2, 3]", limit=9) == [1, 2, 3]


def test_an_intake_names_every_problem_at_once() -> None:
    source = (
        '{"client_id": "c1", "concerns": ["anxeity"], "goal": ["x"], "hope": "7", "location": {"latitude": 91},'
        ' "wishes": {"gender": {"options": ["woman"]}, "faith": {"options": [], "strength": "must"}}}'
    )
    with pytest.raises(BadInput) as caught:
        intake_from_json(source)
    said = {problem.column: problem.mend for problem in caught.value.problems}
    assert said == {
        "concerns[0]": "not a known concern; did you mean 'anxiety'?",
        "goal": "no such name; did you mean 'goals'?",
        "hope": "expected a whole number, without quotation marks",
        "location.latitude": "expected a number from -90 to 90",
        "location.longitude": "required; add it",
        "wishes.gender.strength": "say how much it matters, the strength: must, matters, a_little, no_preference",
        "wishes.faith.options": "name at least one option, or write no_preference",
    }


def test_the_short_name_of_the_id() -> None:
    assert intake_from_json({"id": "c1", "concerns": ["grief"]}).id == "c1"
    with pytest.raises(BadInput) as caught:
        intake_from_json({"id": "c1", "client_id": "c2", "concerns": ["grief"]})
    assert [problem.column for problem in caught.value.problems] == ["id"]


def test_a_therapist_s_depths_and_openings() -> None:
    document = {
        "therapist_id": "t", "name": "N", "profession": "psychologist", "licence_regions": ["DE"], "languages": ["de"],
        "formats": ["online"], "capacity": 1, "concerns": {"grief": 3},
        "openings": [{"weekday": "thu", "time": "18:30", "format": "online"}],
    }  # fmt: skip
    (opening,) = TherapistIn.model_validate(document).entity().openings
    assert (opening.weekday, opening.minute) == (3, 18 * 60 + 30)
    bad = document | {"concerns": {"grief": 4, "greif": 1}, "openings": document["openings"] * 2}
    with pytest.raises(ValidationError) as caught:
        TherapistIn.model_validate(bad)
    assert {p.column: p.code for p in problems_of(caught.value, TherapistIn)} == {
        "concerns.grief": "depth",
        "concerns.greif": "unknown_word",
        "openings": "repeated",
    }


def test_an_error_s_own_text_holds_nothing_that_was_written() -> None:
    with pytest.raises(BadInput) as caught:
        intake_from_json('{"client_id": "Jane Doe", "concerns": ["secret"]}')
    assert str(caught.value) == "problems: 1"


def test_floods_of_wrong_words_are_answered_without_looking_at_each() -> None:
    for flood in ({"concerns": ["xq"] * 100_000}, {f"n{k}": 1 for k in range(2_000)}, {"goals": ["a"] * 100_000}):
        with pytest.raises(BadInput) as caught:
            intake_from_json({"client_id": "c", "concerns": ["grief"]} | flood)
        assert 1 <= len(caught.value.problems) <= 100
