"""What past data say of other weights, and what they cannot say, in words: one text per code of the matcher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.evidence import FEWEST
from web.wording.language import _, lazy
from web.wording.reasons import Params, Words


def _people(n: float | str) -> str:
    """So many clients; few are never counted."""
    return _("fewer than %(num)s", num=FEWEST) if float(n) < FEWEST else f"{n:,}"


# A replay's figures: a short name, and what it is
FIGURES: Mapping[str, tuple[Any, Any]] = {
    "expected_first": (
        lazy("Expected of the first"),
        lazy("What the model expects of whoever stands first, on the clinic's scale."),
    ),
    "expected_shown": (
        lazy("Expected of the first places"),
        lazy("What the model expects of those in the first places, on average."),
    ),
    "waiting": (
        lazy("Days to wait"),
        lazy("Days until those in the first places have an opening, on average."),
    ),
    "chosen_first": (
        lazy("Their own choice came first"),
        lazy("How often the therapist whom the client attended would stand first."),
    ),
    "chosen_shown": (
        lazy("Their own choice was shown"),
        lazy("How often the therapist whom the client attended would stand in the first places."),
    ),
    "reciprocal_place": (
        lazy("How far up their own choice stood"),
        lazy("One divided by the place of the therapist whom the client attended, on average: 1 is always first."),
    ),
    "order": (
        lazy("Higher score, better outcome"),
        lazy("Whether clients whose therapist scored higher did better: 1 always, 0 no more often than not."),
    ),
    "share_shown": (
        lazy("Openings that are ever shown"),
        lazy("The share of all openings whose therapist stands in somebody's first places."),
    ),
    "gini": (
        lazy("How unevenly people are shown"),
        lazy("0 where every opening is shown as often as every other, 1 where one gets all."),
    ),
}
# What a difference comes to: of a replay's figure, and of clients' outcomes
VERDICTS: Mapping[str, Any] = {
    "better": lazy("Better"),
    "worse": lazy("Worse"),
    "more": lazy("More"),
    "less": lazy("Less"),
    "no_detectable_difference": lazy("No detectable difference"),
    "too_little": lazy("Too little to tell"),
}
VALUES: Mapping[str, Any] = {
    "better": lazy("By the lists that were drawn by chance, clients would do better under these weights."),
    "worse": lazy("By the lists that were drawn by chance, clients would do worse under these weights."),
    "no_detectable_difference": lazy("The lists that were drawn by chance show no detectable difference for clients."),
    "refused": lazy("Whether clients would do better cannot be said from these lists."),
}
# What must stand beside every replay
NOTES: Mapping[str, Words] = {
    "confounded": lambda p: _(
        "Past clients saw another list, and it was no matter of chance whom they attended. This shows who would have "
        "been listed, and not how people would have fared."
    ),
    "by_model": lambda p: _(
        "What is expected is the model's own opinion, learned from these clients too. Weights that trust the model "
        "look better to it."
    ),
    "too_little": lambda p: _(
        "Nothing is compared yet: there are intakes of %(clients)s clients, and %(needed)s are needed.",
        clients=_people(p["clients"]), needed=p["needed_clients"],
    ),
}  # fmt: skip
# Why lists that were drawn by chance can, or cannot, judge other weights
REASONS: Mapping[str, Words] = {
    "answered": lambda p: _(
        "The lists of %(clients)s clients were drawn in a way that can judge these weights. They are worth as much as "
        "%(effective)s clients who were listed by them.",
        clients=f"{p['clients']:,}", effective=f"{p['effective']:,.0f}",
    ),
    "too_few_clients": lambda p: _(
        "Too few clients: there are lists of %(clients)s, and %(needed)s are needed.",
        clients=_people(p["clients"]), needed=p["needed_clients"],
    ),
    "no_propensity": lambda p: _(
        "For %(without)s of %(lists)s lists it was not kept how likely it was that this person stood there.",
        without=f"{p['without']:,}", lists=f"{p['decisions']:,}",
    ),
    "no_chance": lambda p: _(
        "Nobody was drawn by chance: every list could only be as it was, so it says nothing of other lists."
    ),
    "little_overlap": lambda p: _(
        "These weights would seldom have shown what was shown: %(clients)s clients are worth no more than "
        "%(effective)s, and %(needed)s are needed.",
        clients=f"{p['clients']:,}", effective=f"{p['effective']:,.0f}", needed=p["needed_effective"],
    ),
    "weights_off": lambda p: _(
        "These weights want people whom the lists could not show, or the chances were not kept right: what should "
        "average 1 averages %(mean)s.",
        mean=f"{p['mean_weight']:.2f}",
    ),
}  # fmt: skip
STAGES: Mapping[str, Any] = {
    "": lazy("Waiting for its turn"),
    "reading": lazy("Reading what clients asked for, and whom they attended"),
    "replaying": lazy("Making their lists once more"),
    "lists": lazy("Looking at lists that were drawn by chance"),
}
FAILURES: Mapping[str, Any] = {
    "no_draft": lazy("The draft was set aside or published before it could be tried."),
    "refused": lazy("The clinic's data cannot be read as they are. Ask your administrator to run: rapport backtest"),
    "gave_up": lazy("The work stopped three times before it was done. The machine may have too little memory for it."),
    "error": lazy("Something went wrong that we did not expect. The server's log names the place."),
}
SHARES = ("chosen_first", "chosen_shown", "share_shown")  # told as so many of 100
EXPECTED = ("expected_first", "expected_shown")  # on the scale of the ratings
NO_FINDING = frozenset({"no_detectable_difference", "too_little"})
BY_MODEL_ALONE = lazy("The lists alone do not say so: it takes the model's expectations as well.")
TAKEN_FOR_GRANTED: Mapping[str, Any] = {
    "place": lazy("It takes for granted that the place that a client takes up does not depend on who stands there."),
    "capacity": lazy("It does not see that a place given to one client is taken from another."),
    "draw": lazy("It takes for granted that all lists of that time were drawn as it was kept."),
}


def say_figure(code: str) -> str:
    """The short name of a replay's figure."""
    return str(FIGURES[code][0])


def say_figure_why(code: str) -> str:
    """What a replay's figure is, in a sentence."""
    return str(FIGURES[code][1])


def say_difference(verdict: str) -> str:
    """What a difference between two figures comes to."""
    return str(VERDICTS[verdict])


def say_value(verdict: str) -> str:
    """What lists drawn by chance say of other weights."""
    return str(VALUES[verdict])


def say_by_model_alone() -> str:
    """Where weighting alone comes to another verdict than the one that the model takes part in."""
    return str(BY_MODEL_ALONE)


def say_value_reason(reason: str, params: Params) -> str:
    """Why they can say so, or cannot, with its figures."""
    return REASONS[reason](params)


def say_backtest_note(code: str, params: Params) -> str:
    """What the reader must know about a whole replay."""
    return NOTES[code](params)


def say_taken_for_granted() -> tuple[str, ...]:
    """What no figure can check, to stand beside every answer."""
    return tuple(str(words) for words in TAKEN_FOR_GRANTED.values())


def say_tried_stage(stage: str) -> str:
    """What the work on past data is doing."""
    return str(STAGES.get(stage, STAGES[""]))


def say_tried_failure(reason: str) -> str:
    """Why it came to nothing."""
    return str(FAILURES.get(reason, FAILURES["error"]))


def say_findings(found: Mapping[str, tuple[str, str]]) -> str:
    """The plain verdict over several figures: code → (what its difference comes to, the difference in words)."""
    verdicts = [verdict for verdict, _difference in found.values()]
    differing = [verdict for verdict in dict.fromkeys(verdicts) if verdict not in NO_FINDING]
    if not differing:
        return _("No detectable difference in any of these figures.")
    parts = [
        _("%(verdict)s: %(figures)s.", verdict=say_difference(verdict), figures=", ".join(_with(found, verdict)))
        for verdict in differing
    ]
    if NO_FINDING & set(verdicts):
        parts.append(_("No detectable difference in the rest."))
    return " ".join(parts)


def say_figure_value(code: str, value: float, *, of_hundred: bool = False, sign: bool = False) -> str:
    """A figure or a difference (``sign``): days, so many of 100, or a number on the scale.

    ``of_hundred``: scores go from 0 to 1, and are told as so many of 100 too.
    """
    is_expected = of_hundred and code in EXPECTED
    shown = 100 * value if code in SHARES or is_expected else value
    digits = 1 if code in SHARES or code == "waiting" or (is_expected and not sign) else 2
    words = f"{shown:+.{digits}f}" if sign else f"{shown:.{digits}f}"
    return f"{0:.{digits}f}" if sign and float(words) == 0 else words.replace("-", "−")


def _with(found: Mapping[str, tuple[str, str]], wanted: str) -> list[str]:
    """The figures of which a verdict is told, each with its difference."""
    return [
        f"{_lower(say_figure(code))} ({difference})"
        for code, (verdict, difference) in found.items()
        if verdict == wanted
    ]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
