"""Every code that learned weights can hold has words, and no words are without a code."""

from __future__ import annotations

from matcher.learning.answer import DIRECTIONS, REASONS_TO_STAY, REFUSALS, TEACHERS, VERDICTS
from web.jobs.rows import GAVE_UP
from web.services.learned_weights import READING, WEIGHING
from web.wording import learning


def test_every_code_of_learned_weights_has_words() -> None:
    assert set(learning.TAUGHT_BY) == set(TEACHERS)
    assert set(learning.TOO_LITTLE) == set(REFUSALS)
    assert set(learning.VERDICTS) == set(VERDICTS)
    assert set(learning.DIRECTIONS) == set(DIRECTIONS)
    assert set(learning.STAYS) == set(REASONS_TO_STAY)


def test_every_stage_failure_and_missing_curve_has_words() -> None:
    assert set(learning.STAGES) == {"", READING, WEIGHING, "part"}
    assert set(learning.FAILURES) >= {GAVE_UP, "refused", "error"}
    assert set(learning.NO_CURVE) == set(REFUSALS) - {"no_alliance_weight"}  # a curve needs no weights
    assert learning.say_failure("of another release") == learning.say_failure("error")


def test_the_words_are_sentences() -> None:
    tables = (learning.TAUGHT_BY, learning.TOO_LITTLE, learning.VERDICTS, learning.DIRECTIONS, learning.STAYS)
    said = [str(text) for table in (*tables, learning.CURVES) for text in table.values()]
    assert len(set(said)) == len(said)
    assert all(text[0].isupper() and text.endswith(".") and len(text) < 120 for text in said)


def test_a_factor_that_stays_says_why() -> None:
    assert learning.say_learned("stays", "same_for_all") == "It stays as it is. It is the same for everybody here."
    assert learning.say_learned("more") == "It is worth more here than your weights say."
    assert learning.say_taught_by("choices").startswith("Learned from your clients' choices")
    assert learning.say_too_little("too_few_clients").endswith("yet.")
    assert learning.say_direction("adds") != learning.say_direction("takes_away")
    assert learning.say_curve(True) != learning.say_curve(False)
