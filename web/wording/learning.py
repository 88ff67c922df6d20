"""Weights that a clinic's own data propose, in words: one text per code of the matcher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import lazy

# What the weights were learned from, and what that is worth
TAUGHT_BY: Mapping[str, Any] = {
    "ratings": lazy("Learned from your clients' ratings: how well it went with whom they met."),
    "choices": lazy("Learned from your clients' choices: what appeals to them, which need not be what helps."),
}
# Why nothing is proposed
TOO_LITTLE: Mapping[str, Any] = {
    "too_few_clients": lazy("There are too few clients to learn from yet."),
    "too_few_therapists": lazy("There are too few therapists to learn from yet."),
    "no_differences": lazy("Your data show no differences in alliance between therapists to measure by."),
    "no_alliance_weight": lazy("Your weights give the alliance nothing, and it is the measure of all others."),
}
# A factor's interval beside the weight that serves
VERDICTS: Mapping[str, Any] = {
    "more": lazy("It is worth more here than your weights say."),
    "less": lazy("It is worth less here than your weights say."),
    "no_detectable_difference": lazy("There is no detectable difference from your weights."),
    "stays": lazy("It stays as it is."),
}
# A factor's interval beside nothing at all
DIRECTIONS: Mapping[str, Any] = {
    "adds": lazy("It adds something to the alliance."),
    "may_add_nothing": lazy("It may add nothing: the range reaches below zero, where no weight can follow."),
    "takes_away": lazy("Here it goes with a lower score. A weight cannot be below zero, so none is proposed."),
    "not_said": lazy("Your data do not say what it adds."),
}
# Why a factor is not learned
STAYS: Mapping[str, Any] = {
    "same_for_all": lazy("It is the same for everybody here."),
    "tells_few_apart": lazy("It makes a difference for too few of your clients."),
    "not_in_ratings": lazy("Ratings cannot teach it: who could not come has rated nothing."),
}
# Whether a factor's curve is detectably not flat
CURVES: Mapping[bool, Any] = {
    True: lazy("Scores differ along this line by more than chance. What else differs with it may be why."),
    False: lazy("There is no detectable difference along this line."),
}


def say_taught_by(code: str) -> str:
    """What the weights were learned from."""
    return str(TAUGHT_BY[code])


def say_too_little(code: str) -> str:
    """Why nothing is proposed."""
    return str(TOO_LITTLE[code])


def say_learned(verdict: str, stays: str | None = None) -> str:
    """What was found of one factor's weight, with the reason where it stays."""
    return str(VERDICTS[verdict]) if stays is None else f"{VERDICTS[verdict]} {STAYS[stays]}"


def say_direction(code: str) -> str:
    """Whether a factor adds anything."""
    return str(DIRECTIONS[code])


def say_curve(differs: bool) -> str:
    """What a curve comes to."""
    return str(CURVES[differs])


# What is done while it is learned; each part is what a model of the other clients expects of these
STAGES: Mapping[str, Any] = {
    "": lazy("Waiting for its turn"),
    "reading": lazy("Reading what clients said"),
    "part": lazy("Expecting each fifth of your clients from all the others"),
    "weighing": lazy("Weighing what is left over"),
}
FAILURES: Mapping[str, Any] = {
    "refused": lazy("What clients said cannot be learned from as it is. Ask your administrator to run: rapport fit"),
    "gave_up": lazy("The work stopped three times before it was done. The machine may have too little memory for it."),
    "error": lazy("Something went wrong that we did not expect. The server's log names the place."),
}
# Why there is no curve
NO_CURVE: Mapping[str, Any] = {
    "too_few_clients": lazy("There are too few clients for a curve yet."),
    "too_few_therapists": lazy("There are too few therapists whose years are known for a curve: it would show them."),
    "no_differences": lazy("Your data show no differences between therapists, so there is no curve."),
}


def say_stage(code: str) -> str:
    """What is being done."""
    return str(STAGES[code])


def say_failure(reason: str) -> str:
    """Why nothing came of it."""
    return str(FAILURES.get(reason, FAILURES["error"]))


def say_no_curve(code: str) -> str:
    """Why there is no curve."""
    return str(NO_CURVE[code])
