"""The kinds of jobs that there are: each a function that does the work and says what came of it.

A kind is given what makes sessions, the clinic, what was asked for and by whom, and ``report``, by which it tells how
far it is (percent, and a code for the stage). It opens its own transactions, keeps none open while it computes, may be
begun again at any moment, and answers with a document of codes and counts. What it refuses it raises: an InvalidInput
or a ClinicTrouble ends the job; trouble with the database has it tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from web.jobs.rows import Sessions
from web.services import backtests, erasing, learned_weights, models, proposal_runs, proposals, refit, scarcity
from web.services.clinics import Clinic

Report = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and by whom (a person's key, or the word for who it was)."""

    arguments: Mapping[str, Any]
    by: str


Kind = Callable[[Sessions, Clinic, Asked, Report], Mapping[str, Any]]


def fit(sessions: Sessions, clinic: Clinic, asked: Asked, report: Report) -> Mapping[str, Any]:
    """A new model, tried and published: what ``rapport fit`` does, or from where the last one ended."""
    began, goes_on = datetime.now(UTC), bool(asked.arguments.get(refit.GOES_ON))
    found = refit.run(
        sessions, clinic, now=lambda: datetime.now(UTC), report=report, actor=asked.by, goes_on=goes_on,
        without=bool(asked.arguments.get(erasing.WITHOUT)),
    )  # fmt: skip
    verdict = found.summary.get("trial", {}).get("verdict", {}).get("reason")
    seconds = round((datetime.now(UTC) - began).total_seconds())
    return {
        "version": found.version, "serves": found.serves, "is_new": found.is_new, "serving": found.serving,
        "verdict": verdict, "seconds": seconds,
    }  # fmt: skip


def backtest(sessions: Sessions, clinic: Clinic, asked: Asked, report: Report) -> Mapping[str, Any]:
    """The draft on past data: what ``rapport backtest`` does."""
    now = datetime.now(UTC)
    choose = partial(backtests.of_draft, clinic=clinic, now=now)
    return backtests.run(sessions, clinic, choose, now=now, report=report)


def learn_weights(sessions: Sessions, clinic: Clinic, asked: Asked, report: Report) -> Mapping[str, Any]:
    """What the clinic's ratings say of its weights; nothing is changed by it."""
    return learned_weights.run(sessions, clinic, now=datetime.now(UTC), report=report)


def propose(sessions: Sessions, clinic: Clinic, asked: Asked, report: Report) -> Mapping[str, Any]:
    """A proposal for the waiting list; nobody is given a place by it."""
    return proposal_runs.run(sessions, clinic, asked.arguments, now=lambda: datetime.now(UTC), report=report)


def forecast(sessions: Sessions, clinic: Clinic, asked: Asked, report: Report) -> Mapping[str, Any]:
    """What places are worth to those who will come, and whether lists may leave them to those."""
    return scarcity.run(sessions, clinic, now=datetime.now(UTC), report=report, actor=asked.by)


KINDS: Mapping[str, Kind] = {refit.KIND: fit, backtests.KIND: backtest, learned_weights.KIND: learn_weights,
                             scarcity.KIND: forecast, proposals.KIND: propose}  # fmt: skip
# Why a kind refused, as a code; anything else is "refused"
REASONS: Mapping[type[Exception], str] = {
    models.TooFewRatings: "too_few_ratings",
    models.Overtaken: "overtaken",
    backtests.NoDraft: "no_draft",
    proposal_runs.NoDraft: "no_draft",
}
