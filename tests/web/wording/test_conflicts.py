"""Every conflict has one sentence, and every sentence has a way out."""

from __future__ import annotations

import re

import pytest

from web.services.conflicts import CODES
from web.wording.conflicts import CONFLICTS, TO_CLIENTS, say_conflict


def test_conflicts_and_words_are_one_to_one() -> None:
    assert set(CONFLICTS) == set(CODES)
    assert set(TO_CLIENTS) < set(CODES)


@pytest.mark.parametrize("to_client", [False, True])
def test_each_says_in_one_calm_sentence_what_stands_against_and_what_to_do(to_client: bool) -> None:
    said = [say_conflict(code, to_client=to_client) for code in CODES]
    assert len(set(said)) == len(said)
    for sentence in said:
        assert re.fullmatch(r"[A-Z][^.!{}_%]+; [^.!;{}_%]+\.", sentence) and len(sentence) <= 110, sentence


def test_an_unknown_code_is_an_error_and_not_a_blank() -> None:
    with pytest.raises(KeyError):
        say_conflict("bad_luck")
