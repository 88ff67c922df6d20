"""Every code that a replay or an off-policy answer can hold has words, with its figures in them."""

from __future__ import annotations

import pytest

from matcher import policy_value
from matcher.evaluation import backtest, off_policy
from web.wording import backtests


def test_every_code_has_words() -> None:
    assert set(backtests.FIGURES) == set(backtest.FIGURES)
    assert set(backtests.VERDICTS) == set(backtest.VERDICTS)
    assert set(backtests.NOTES) == set(backtest.NOTES)
    assert set(backtests.VALUES) == set(off_policy.VERDICTS)
    assert set(backtests.REASONS) == set(off_policy.REASONS)
    assert set(backtests.TAKEN_FOR_GRANTED) == set(off_policy.TAKEN_FOR_GRANTED)


PARAMS = {
    "clients": 1234, "needed_clients": 20, "decisions": 2345, "without": 12, "effective": 2.08,
    "needed_effective": 100, "mean_weight": 3.134,
}  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "figures"),
    [
        ("answered", ["1,234", " 2 "]),
        ("too_few_clients", ["1,234", "20"]),
        ("no_propensity", ["12 of 2,345"]),
        ("no_chance", []),
        ("little_overlap", ["1,234", "no more than 2,", "100"]),
        ("weights_off", ["3.13"]),
    ],
)
def test_a_reason_says_its_figures(reason: str, figures: list[str]) -> None:
    said = backtests.say_value_reason(reason, PARAMS)
    assert all(figure in said for figure in figures), said


def test_the_matchers_own_figures_fill_the_words() -> None:
    found = policy_value([1, 2], [1.0, 2.0], [0.5, 0.5], [0.5, 0.5])
    assert "fewer than 5, and 20 are needed" in backtests.say_value_reason(found.reason, found.params)
    assert set(found.params) == set(PARAMS)


def test_the_words_are_sentences() -> None:
    said = [
        *(words(PARAMS) for table in (backtests.REASONS, backtests.NOTES) for words in table.values()),
        *(backtests.say_value(code) for code in backtests.VALUES),
        *(backtests.say_figure_why(code) for code in backtests.FIGURES),
        *backtests.say_taken_for_granted(),
    ]
    assert len(set(said)) == len(said)
    assert all(text[0].isalnum() and text.endswith(".") and len(text) < 170 for text in said)


def test_the_plain_verdict_names_what_differs_and_by_how_much() -> None:
    found = {
        "expected_shown": ("worse", "−0.14"), "waiting": ("better", "−1.1"), "gini": ("too_little", "0.00"),
    }  # fmt: skip
    assert backtests.say_findings(found) == (
        "Worse: expected of the first places (−0.14). Better: days to wait (−1.1). "
        "No detectable difference in the rest."
    )
    assert backtests.say_findings({"gini": ("no_detectable_difference", "0.00")}).startswith("No detectable difference")
    assert backtests.say_findings({"waiting": ("better", "−1.1")}) == "Better: days to wait (−1.1)."


@pytest.mark.parametrize(
    ("code", "value", "of_hundred", "sign", "said"),
    [
        ("expected_shown", 0.9271, True, False, "92.7"),
        ("expected_shown", -0.00141, True, True, "−0.14"),
        ("expected_shown", 3.456, False, False, "3.46"),
        ("waiting", 1.26, True, False, "1.3"),
        ("waiting", -0.04, True, True, "0.0"),
        ("chosen_shown", 0.0238, False, True, "+2.4"),
        ("gini", 0.4366, True, False, "0.44"),
    ],
)
def test_a_figure_is_told_in_its_own_unit(code: str, value: float, of_hundred: bool, sign: bool, said: str) -> None:
    assert backtests.say_figure_value(code, value, of_hundred=of_hundred, sign=sign) == said


def test_the_work_has_words_for_its_stages_and_its_failures() -> None:
    from web.jobs.kinds import REASONS
    from web.services.backtests import STAGES, NoDraft

    assert set(STAGES) | {""} == set(backtests.STAGES)
    assert REASONS[NoDraft] in backtests.FAILURES and {"gave_up", "error", "refused"} <= set(backtests.FAILURES)
    assert backtests.say_tried_failure("unheard of") == backtests.say_tried_failure("error")
