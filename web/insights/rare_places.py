"""What places are worth to those who will come, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.cards import moment_words
from web.services.scarcity import Standing
from web.wording.language import _
from web.wording.scarcity import FIGURES, REASONS, STAGES, say_figure

MIDDLE, REACH = 120.0, 100.0  # of the chart of a difference
SHOWN = 12
COSTS = ("aside", "given_up")  # none without prices


@dataclass(frozen=True, slots=True)
class Dot:
    """A difference and its interval on the chart."""

    low: float
    at: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the years without and with prices; ``tone`` where the difference is clear."""

    name: str
    words: str
    without: str
    with_: str
    dot: Dot
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class Job:
    """How far a forecast is that was asked for."""

    state: str
    words: str
    progress: int
    seen: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The page."""

    is_on: bool
    serves: bool
    state: str
    made: str
    reason: str
    load: str
    lines: tuple[Line, ...]
    places: tuple[tuple[str, str], ...]
    n_more: int
    job: Job | None
    failed: bool


def shown(found: Standing) -> Shown:
    """How it stands, in words."""
    verdict = found.verdict
    return Shown(
        is_on=found.is_on,
        serves=found.serves,
        state=_state(found),
        made=moment_words(found.made_at) if found.made_at else "",
        reason=str(REASONS[verdict["reason"]]) if verdict else "",
        load=f"{100 * verdict['load']:.0f} %" if verdict.get("load") else "",
        lines=tuple(_line(one) for one in verdict.get("differences", ())),
        places=tuple((one.therapist, f"{100 * one.price:.1f}") for one in found.prices[:SHOWN]),
        n_more=max(len(found.prices) - SHOWN, 0),
        job=_job(found),
        failed=found.job is not None and found.job.state == "failed",
    )


def _state(found: Standing) -> str:
    if found.serves:
        return _("Rare places are kept for those whom hardly anybody else fits.")
    if not found.is_on:
        return _("Every list begins with whoever fits best. Who comes later is not thought of.")
    if found.made_at is None:
        return _("It is worked out first whether it would help. Until then lists stay as they are.")
    return _("It is switched on and does not serve: it has to help first. Lists stay as they are.")


def _job(found: Standing) -> Job | None:
    job = found.job
    if job is None or not job.is_open:
        return None
    words = str(STAGES.get(job.stage, STAGES[""]))
    if job.is_neglected:
        words = _("It has waited for more than a minute, so no worker seems to run.")
    return Job(job.state, words, job.progress, f"{job.state}-{job.progress}-{job.stage or 'none'}")


def _line(one: Mapping[str, Any]) -> Line:
    name, words, more_is_better = FIGURES[one["figure"]]
    found = one["difference"]
    clear = found["lower"] > 0 or found["upper"] < 0
    better = (found["value"] > 0) == more_is_better
    changed = _("the cost") if one["figure"] in COSTS else _("better") if better else _("worse")
    verdict = changed if clear else _("no detectable difference")
    return Line(
        str(name), str(words), say_figure(one["figure"], one["theirs"]), say_figure(one["figure"], one["ours"]),
        _dot(found), verdict, ("" if better else "caution") if clear else "plain",
    )  # fmt: skip


def _dot(found: Mapping[str, float]) -> Dot:
    """Each figure on a scale of its own, so wide that the interval and no difference are both on it."""
    widest = max(abs(found["lower"]), abs(found["upper"])) or 1.0
    return Dot(*(round(MIDDLE + REACH * found[name] / widest, 1) for name in ("lower", "value", "upper")))
