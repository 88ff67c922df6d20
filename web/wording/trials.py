"""How a model was tried before it may serve, and what came of it, in words: one text per code of the matcher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy

# What the gate decided, and why
VERDICTS: Mapping[str, Any] = {
    "not_worse": lazy("It is not clearly worse than any of these, so it may serve."),
    "worse_than_champion": lazy("It is clearly worse than the model that serves, so it does not serve."),
    "worse_than_baseline": lazy("It is clearly worse than a plain mean, so it does not serve."),
    "too_few_later": lazy("It serves without a trial: too few clients have rated lately to judge it on."),
    "too_few_earlier": lazy("It serves without a trial: too few clients had rated before to learn from."),
    "no_dates": lazy("It serves without a trial: the ratings do not say when they were given."),
}
# How the model that serves took part
CHAMPIONS: Mapping[str, Any] = {
    "none": lazy("No model served before, so it was compared with plain means."),
    "as_served": lazy("The model that serves is older than the later ratings, so it was judged as it stands."),
    "refitted": lazy("The model that serves may know the later ratings, so its kind was fitted to the earlier ones."),
    "same_method": lazy("The model that serves is of the same kind, so the two differ only in the ratings they know."),
    "unreadable": lazy("The model that serves cannot be compared with, so plain means were the only measure."),
}
# What stands in the table
ROWS: Mapping[str, Any] = {
    "model": lazy("this model"),
    "champion": lazy("the model that serves"),
    "overall_mean": lazy("one mean for all"),
    "client_only": lazy("each client's own mean"),
    "therapist_mean": lazy("each therapist's mean"),
    "shrunken_therapist_mean": lazy("each therapist's mean, held back"),
}
# What the figures come to
FINDINGS: Mapping[tuple[str, str], Any] = {
    ("accuracy", "better"): lazy("It predicts clearly better than every plain mean."),
    ("accuracy", "level"): lazy("It does not predict clearly better than the best plain mean."),
    ("accuracy", "worse"): lazy("It predicts clearly worse than the best plain mean."),
    ("accuracy", "unknown"): lazy("Too few clients to say whether it predicts better than plain means."),
    ("slope", "right"): lazy("High and low predictions come true as far apart as they say."),
    ("slope", "too_spread"): lazy("Its predictions lie further apart than what comes of them."),
    ("slope", "too_careful"): lazy("Its predictions lie closer together than what comes of them."),
    ("slope", "unknown"): lazy("It predicts the same for everybody."),
    ("distribution", "fits"): lazy("Single scores vary as much as it expects."),
    ("distribution", "too_narrow"): lazy("Single scores vary more than it expects."),
    ("distribution", "too_wide"): lazy("Single scores vary less than it expects."),
    ("distribution", "off_side"): lazy("Single scores do not spread around its predictions as it expects."),
    ("order", "helps"): lazy("For clients who had several therapists, it orders them better than chance."),
    ("order", "unclear"): lazy("For clients who had several therapists, its order is not clearly better than chance."),
    ("order", "misleads"): lazy("For clients who had several therapists, it orders them worse than chance."),
    ("order", "unknown"): lazy("Too few clients had several therapists to say whether its order helps."),
}


def say_verdict(reason: str) -> str:
    """What the gate decided, and why."""
    return str(VERDICTS[reason])


def say_champion(how: str) -> str:
    """How the model that serves took part."""
    return str(CHAMPIONS[how])


def say_row(name: str) -> str:
    """What a line of the table is about."""
    return str(ROWS[name])


def say_finding(aspect: str, code: str) -> str:
    """What the figures of one aspect come to."""
    return str(FINDINGS[aspect, code])


def say_held_out(n_train: int, n_ratings: int, n_clients: int) -> str:
    """What it learned from and what it was judged on."""
    return _(
        "Tried on later sessions: what was learned from %(earlier)s earlier ratings, held against %(later)s later ones "
        "of %(clients)s clients.",
        earlier=f"{n_train:,}", later=f"{n_ratings:,}", clients=f"{n_clients:,}",
    )  # fmt: skip
