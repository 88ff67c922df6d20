"""Every code that a trial can hold has words, and no words are without a code."""

from __future__ import annotations

from matcher.evaluation import BASELINES
from matcher.evaluation.findings import FINDINGS, MODEL
from matcher.evaluation.gate import CHAMPION, REASONS
from matcher.evaluation.trial import HOW_JUDGED
from web.wording import trials


def test_every_code_of_a_trial_has_words() -> None:
    names = {fit([0, 1], [0, 1], [1.0, 2.0]).name for fit in BASELINES}
    assert set(trials.VERDICTS) == set(REASONS)
    assert set(trials.CHAMPIONS) == set(HOW_JUDGED)
    assert set(trials.ROWS) == names | {MODEL, CHAMPION}
    assert set(trials.FINDINGS) == {(aspect, code) for aspect, codes in FINDINGS.items() for code in codes}


def test_the_words_are_sentences() -> None:
    said = [str(text) for table in (trials.VERDICTS, trials.CHAMPIONS, trials.FINDINGS) for text in table.values()]
    assert len(set(said)) == len(said)
    assert all(text[0].isupper() and text.endswith(".") and len(text) < 120 for text in said)
