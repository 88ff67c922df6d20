"""Work beside the pages, in words: what a job is, what it does now, and why it came to nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from web.wording import backtests, learning, model_card, proposals
from web.wording.language import lazy

KINDS: Mapping[str, Any] = {
    "fit": lazy("A new model is learned"),
    "backtest": lazy("A draft of the weights is tried on past data"),
    "learn_weights": lazy("What ratings say of the weights is worked out"),
    "propose": lazy("A proposal for the waiting list is worked out"),
    "scarcity": lazy("What places are worth to others is worked out"),
}
OTHER = lazy("Work of another release")
STAGES: Mapping[str, Callable[[str], str]] = {
    "fit": model_card.say_stage,
    "backtest": backtests.say_tried_stage,
    "learn_weights": learning.say_stage,
}
FAILURES: Mapping[str, Callable[[str], str]] = {
    "fit": model_card.say_failure,
    "backtest": backtests.say_tried_failure,
    "learn_weights": learning.say_failure,
    "propose": proposals.say_failure,
}
FAILED = lazy("Something went wrong that we did not expect. The server's log names the place.")


def say_kind(kind: str) -> str:
    """What is done."""
    return str(KINDS.get(kind, OTHER))


def say_doing(kind: str, stage: str) -> str:
    """What is being done of it just now; nothing for a kind that does not tell."""
    return STAGES[kind](stage) if kind in STAGES and stage else ""


def say_why(kind: str, reason: str) -> str:
    """Why it came to nothing."""
    return FAILURES[kind](reason) if kind in FAILURES else str(FAILED)
