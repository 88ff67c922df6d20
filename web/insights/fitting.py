"""A new fit in words: may it be asked for, how far is it, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from web.cards import moment_words
from web.services.model_card import Fitting
from web.services.refit import STAGES
from web.wording.events import say_actor
from web.wording.language import _, ngettext
from web.wording.model_card import say_failure, say_gate, say_stage

POLLED = ("waiting", "running", "neglected")


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a fit; ``state`` is done, now or next."""

    words: str
    state: str


@dataclass(frozen=True, slots=True)
class Shown:
    """``state`` is one of too_few, idle, waiting, running, neglected, serves, same, kept, failed.

    ``tone`` is that of its words; ``seen`` names all that may change while one waits.
    """

    state: str
    title: str
    words: tuple[str, ...]
    tone: str
    can_ask: bool
    progress: int
    steps: tuple[Step, ...]
    asked: str
    seen: str

    @property
    def is_polled(self) -> bool:
        """Whether the page asks again by itself."""
        return self.state in POLLED


def shown(found: Fitting) -> Shown:
    """How a new fit stands."""
    job, state = found.job, _state(found)
    title, words, tone = _said(found, state)
    if found.n_untold and state not in POLLED:
        words = (*words, _waits(found.n_untold))
    stage, progress = (job.stage, job.progress) if job and job.is_open else ("", 0)
    asked = _asked(found) if job and state not in {"idle", "too_few"} else ""
    steps = _steps(stage) if state in {"waiting", "running"} else ()
    return Shown(
        state, title, words, tone, found.can_ask, progress, steps, asked, f"{state}-{progress}-{stage or 'none'}"
    )


def _state(found: Fitting) -> str:
    job = found.job
    if job is None or (not job.is_open and not found.is_enough):
        return "idle" if found.is_enough else "too_few"
    if job.is_open:
        return "neglected" if job.is_neglected else job.state
    if job.state == "failed":
        return "failed"
    if job.result.get("serves"):
        return "serves" if job.result.get("is_new") else "same"
    return "kept"


def _said(found: Fitting, state: str) -> tuple[str, tuple[str, ...], str]:
    """(title, words, tone) of a state."""
    result = found.job.result if found.job else {}
    if state == "too_few":
        return _("Nothing to learn from yet"), (_("A model needs what clients said after their sessions."),), ""
    if state in {"waiting", "running"}:
        calm = _("Lists are made as before meanwhile. You can leave this page.")
        return _("A new model is being made"), (calm,), ""
    if state == "neglected":
        idle = _("It has waited for more than a minute, so no worker seems to run.")
        return _("Nobody is working on it"), (idle,), "caution"
    if state == "serves":
        return _("The new model serves"), (_judged(result), _took(result)), ""
    if state == "same":
        return _("Nothing new to learn"), (_("Nothing has changed since the last fit: the same model serves."),), ""
    if state == "kept":
        return _("The new model does not serve"), (_judged(result), _kept(result)), "caution"
    if state == "failed":
        words = (say_failure(str(result.get("reason"))), _("Nothing was changed: what served before serves now."))
        return _("No new model"), words, "risk"
    return _("A new model"), (_("Learn from all that clients have said until now. It takes a few minutes."),), ""


def _waits(n: int) -> str:
    return ngettext(
        "%(num)d newer rating does not count yet: a therapist's count from five clients on, some days later, so that "
        "nobody can tell from a card what one person said.",
        "%(num)d newer ratings do not count yet: a therapist's count from five clients on, some days later, so that "
        "nobody can tell from a card what one person said.",
        n,
    )


def _judged(result: Mapping[str, Any]) -> str:
    return say_gate(result["verdict"]) if result.get("verdict") else ""


def _took(result: Mapping[str, Any]) -> str:
    seconds = int(result.get("seconds") or 0)
    if seconds < 90:
        return ngettext("It took %(num)d second.", "It took %(num)d seconds.", seconds)
    return ngettext("It took %(num)d minute.", "It took %(num)d minutes.", round(seconds / 60))


def _kept(result: Mapping[str, Any]) -> str:
    if result.get("serving"):
        return _("It is kept below with its figures. The one before goes on serving.")
    return _("It is kept below with its figures. Lists are made by the rules alone.")


def _steps(stage: str) -> tuple[Step, ...]:
    order = tuple(STAGES)
    here = order.index(stage) if stage in order else -1
    return tuple(
        Step(say_stage(one), "done" if k < here else "now" if k == here else "next") for k, one in enumerate(order)
    )


def _asked(found: Fitting) -> str:
    job = found.job
    ended = job.result.get("ended_at")
    moment = moment_words(datetime.fromisoformat(ended) if ended else job.asked_at)
    who = say_actor(found.asked_by) if found.asked_by else _("somebody")
    if ended:
        return _("Asked for by %(who)s, ended %(moment)s (UTC).", who=who, moment=moment)
    return _("Asked for by %(who)s, %(moment)s (UTC).", who=who, moment=moment)
