"""Every code that a model's card can hold has words, and no words are without a code."""

from __future__ import annotations

import re

from matcher.alliance.notes import CODES
from matcher.encoding import ClientArrays, Directory, client_features, therapist_features
from matcher.encoding.features import CONCERN_FAMILIES, match_features
from tests.builders import a_therapist, an_intake
from web.jobs.kinds import REASONS
from web.jobs.rows import GAVE_UP
from web.services import model_card, refit
from web.wording import model_card as words

FIGURES = {"score": 1.0, "term": "dyad", "upper95": 0.1, "share": 0.54, "n": 7, "n_dyads": 900, "days": 200.0}


def test_every_note_has_words() -> None:
    assert set(words.NOTES) == set(CODES)
    said = [words.say_note({"code": code, **FIGURES}) for code in CODES]
    assert len(set(said)) == len(said)
    assert all(text[0].isupper() or text[0].isdigit() for text in said)
    assert all(text.endswith(".") and not re.search(r"[{}_%!]|None", text) for text in said), said
    assert words.say_note({"code": "of_another_release"}) == ""


def test_terms_without_words_are_told_without_their_name() -> None:
    for code in ("zero_variance", "not_estimable"):
        assert "x therapist" not in words.say_note({"code": code, **FIGURES, "term": "client x therapist"})


def test_small_counts_are_not_told() -> None:
    for code in ("told_at_the_top", "repeated", "bounded"):
        assert not re.search(r"\d", words.say_note({"code": code, "n": 4, "n_dyads": 900}))
        assert "5" in words.say_note({"code": code, "n": 5, "n_dyads": 900})


def test_every_part_stage_and_failure_has_words() -> None:
    assert set(words.PARTS) == set(model_card.PARTS)
    assert set(words.STAGES) == {"", *refit.STAGES}
    assert set(words.FAILURES) == {*REASONS.values(), "refused", "error", GAVE_UP} - {"no_draft"}  # of other work


def test_every_column_of_the_model_has_words() -> None:
    clients, directory = ClientArrays.of([an_intake()]), Directory.of([a_therapist()])
    seen = set(match_features(clients, directory)) | {"log(session)"}
    seen |= {f"client.{name}" for name in client_features(clients)} - {"client.client_id", "client.concern_family"}
    seen |= {f"therapist.{name}" for name in therapist_features(directory)} - {"therapist.therapist_id"}
    seen |= {f"client.concern_family={family}" for family in CONCERN_FAMILIES}
    assert set(words.COLUMNS) == seen
    assert len({words.say_column(name) for name in seen}) == len(seen)
    assert all(name.removesuffix(" missing") in seen for name in words.MISSING)
    assert words.say_column("of_another_release") == "of another release"
