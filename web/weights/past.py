"""The draft on past data: may it be tried, how far is that, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.entities import Scale
from web import edge, visits
from web.cards import moment_words
from web.services import backtests, weights
from web.services.backtests import OnPast
from web.services.weights import Standing
from web.weights.moves import GroupRow
from web.wording import backtests as words
from web.wording.events import say_actor
from web.wording.language import _
from web.wording.tuning import say_group, say_kind

MAIN = ("expected_shown", "waiting", "share_shown", "chosen_shown")  # what the plain verdict is about
POLLED = ("waiting", "running", "neglected")
WITH_RESULT = ("done", "older")


@dataclass(frozen=True, slots=True)
class Line:
    """A figure beside that of what serves, in words; ``tone`` is that of its verdict."""

    name: str
    why: str
    serving: str
    value: str
    difference: str
    between: str
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. ``groups`` are (caption, rows); ``lists`` what lists drawn by chance say, or why they cannot."""

    verdict: str
    basis: tuple[str, ...]
    main: tuple[Line, ...]
    more: tuple[Line, ...]
    groups: tuple[tuple[str, tuple[GroupRow, ...]], ...]
    notes: tuple[str, ...]
    lists: tuple[str, ...]
    granted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """``state`` is one of no_draft, too_little, never, waiting, running, neglected, done, older, failed.

    ``seen`` names all that may change while one waits.
    """

    state: str
    title: str
    words: tuple[str, ...]
    progress: int
    stage: str
    can_ask: bool
    asked: str
    result: Result | None
    seen: str

    @property
    def is_polled(self) -> bool:
        """Whether the page asks again by itself."""
        return self.state in POLLED


def section(standing: Standing) -> Section:
    """How the present draft stands on past data."""
    return shown(backtests.on_past(edge.session(), standing, now=visits.now()), visits.clinic().scale)


def again(seen: str | None) -> str | Response:
    """The section alone for a script, nothing where it has not changed; for everybody else the page."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("weights.home", _anchor="past"), 303)
    found = section(weights.standing(edge.session(), visits.clinic(), now=visits.now()))
    return Response(status=204) if found.seen == seen else render_template("weights/past.html", past=found)


def ask() -> None:
    """Ask for the draft to be tried."""
    backtests.ask(edge.session(), visits.clinic(), now=visits.now(), person_id=visits.person().person_id)


def shown(found: OnPast, scale: Scale) -> Section:
    """The section in words."""
    state, job = _state(found), found.job
    title, said = _said(found, state)
    progress, stage = (job.progress, job.stage) if job and job.is_open else (0, "")
    result = result_of(job.result, scale) if job and state in WITH_RESULT else None
    asked = _asked(found) if job and (state in WITH_RESULT or state in POLLED or state == "failed") else ""
    seen = f"{state}-{progress}-{stage or 'none'}"
    return Section(
        state, title, said, progress, words.say_tried_stage(stage), found.can_ask, asked, result, seen
    )  # fmt: skip


def result_of(document: Mapping[str, Any], scale: Scale) -> Result:
    """What a document of the backtest says."""
    replay, of_hundred = document["replay"], (scale.lowest, scale.top) == (0, 1)
    by_code = {figure["code"]: figure for figure in replay["figures"]}
    main = [by_code[code] for code in MAIN if code in by_code]
    return Result(
        verdict=words.say_findings({one["code"]: _finding(one, of_hundred) for one in main if one["difference"]}),
        basis=tuple(_basis(document, by_code)),
        main=tuple(_line(figure, of_hundred) for figure in main if figure["difference"]),
        more=tuple(_line(one, of_hundred) for code, one in by_code.items() if code not in MAIN and one["difference"]),
        groups=tuple(_groups(replay["by_group"], of_hundred)),
        notes=tuple(words.say_backtest_note(code, replay["params"]) for code in replay["notes"]),
        lists=tuple(_lists(document["lists"], of_hundred)),
        granted=words.say_taken_for_granted() if document["lists"]["lift"] else (),
    )


def _state(found: OnPast) -> str:
    job = found.job
    if job is not None and job.is_open:
        return "neglected" if job.is_neglected else job.state
    if not found.is_enough:
        return "too_little"
    if job is not None and job.state == "done":
        if backtests.is_too_little(job.result):
            return "never" if found.has_draft else "no_draft"
        return "done" if found.is_current else "older"
    if not found.has_draft:
        return "no_draft"
    return "never" if job is None else "failed"


def _said(found: OnPast, state: str) -> tuple[str, tuple[str, ...]]:
    """(title, words) of a state."""
    if state == "too_little":
        few = words.say_backtest_note(
            "too_little", {"clients": found.n_clients, "needed_clients": backtests.FEWEST_CLIENTS}
        )
        return _("On past data"), (few,)
    if state == "no_draft":
        return _("On past data"), (_("Save a draft, and it can be tried on those who came before."),)
    if state in {"waiting", "running"}:
        return _("Looking at past data"), (_("You can go on working meanwhile, or leave this page."),)
    if state == "neglected":
        return _("Nobody is working on it"), (_("It has waited for more than a minute, so no worker seems to run."),)
    if state == "older":
        return _("On past data, an older state"), (_older(found),)
    if state == "failed":
        reason = str(found.job.result.get("reason")) if found.job else ""
        return _("Past data were not looked at"), (words.say_tried_failure(reason), _("Nothing was changed."))
    if state == "done":
        return _("On past data"), ()
    return _("On past data"), (
        _("See whose lists the draft would have changed: those of clients who came before, with what is expected of "
          "them, how long they would wait, and whom they went to. It takes a minute or two."),
    )  # fmt: skip


def _older(found: OnPast) -> str:
    if not found.has_draft:
        return _("This is about a draft that is not there any more.")
    return _("Since then the draft, what serves or the model has changed. Look again to see how it is now.")


def _basis(document: Mapping[str, Any], by_code: Mapping[str, Any]) -> Iterable[str]:
    n, known = document["replay"]["n_clients"], document["n_known"]
    if known > n:
        yield _("The newest %(n)s of %(known)s past clients, each once.", n=f"{n:,}", known=f"{known:,}")
    else:
        yield _("All %(n)s past clients, each once.", n=f"{n:,}")
    yield _("Their lists are made once more with the therapists, the openings and the model of today.")
    yield _("Shares, and scores from 0 to 1, are told as so many of 100.")
    chosen = by_code.get("chosen_shown")
    if chosen and chosen["n_clients"]:
        yield _(
            "%(n)s of them could be offered the therapist whom they attended; those of the others are full or gone, "
            "or do not meet what they need.", n=f"{chosen['n_clients']:,}",
        )  # fmt: skip


def _finding(figure: Mapping[str, Any], of_hundred: bool) -> tuple[str, str]:
    difference = figure["difference"]["value"]
    said = words.say_figure_value(figure["code"], difference, of_hundred=of_hundred, sign=True)
    return figure["verdict"], said


def _line(figure: Mapping[str, Any], of_hundred: bool) -> Line:
    code, difference, verdict = figure["code"], figure["difference"], figure["verdict"]
    tone = {"worse": "caution", "no_detectable_difference": "plain"}.get(verdict, "")
    return Line(
        name=words.say_figure(code),
        why=words.say_figure_why(code),
        serving=words.say_figure_value(code, figure["serving"], of_hundred=of_hundred),
        value=words.say_figure_value(code, figure["value"], of_hundred=of_hundred),
        difference=words.say_figure_value(code, difference["value"], of_hundred=of_hundred, sign=True),
        between=_between(code, difference, of_hundred),
        verdict=words.say_difference(verdict),
        tone=tone,
    )


def _between(code: str, difference: Mapping[str, Any], of_hundred: bool) -> str:
    lower, upper = (
        "–" if difference[end] is None
        else words.say_figure_value(code, difference[end], of_hundred=of_hundred, sign=True)
        for end in ("lower", "upper")
    )  # fmt: skip
    return _("%(lower)s to %(upper)s", lower=lower, upper=upper)


def _groups(cells: list[Mapping[str, Any]], of_hundred: bool) -> Iterable[tuple[str, tuple[GroupRow, ...]]]:
    for code in dict.fromkeys(cell["code"] for cell in cells):
        rows = [_group(cell, of_hundred) for cell in cells if cell["code"] == code]
        yield words.say_figure(code), tuple(rows)


def _group(cell: Mapping[str, Any], of_hundred: bool) -> GroupRow:
    kind, name = say_kind(cell["trait"]), say_group(cell["trait"], cell["group"])
    if cell["n_clients"] is None or cell["difference"] is None:
        return GroupRow(kind, name, (), True)
    change = words.say_figure_value(cell["code"], cell["difference"]["value"], of_hundred=of_hundred, sign=True)
    between, verdict = _between(cell["code"], cell["difference"], of_hundred), words.say_difference(cell["verdict"])
    return GroupRow(kind, name, (f"{cell['n_clients']:,}", change, between, verdict), False)


def _lists(found: Mapping[str, Any], of_hundred: bool) -> Iterable[str]:
    yield words.say_value(found["verdict"])
    if found["lift"]:
        lift = words.say_figure_value("expected_shown", found["lift"]["value"], of_hundred=of_hundred, sign=True)
        between = _between("expected_shown", found["lift"], of_hundred)
        yield _("Difference in the early alliance: %(lift)s (%(between)s).", lift=lift, between=between)
    yield words.say_value_reason(found["reason"], found["params"])
    if found["n_left_out"]:
        yield _("%(n)s lists were left out, since what they were made of is not kept.", n=f"{found['n_left_out']:,}")


def _asked(found: OnPast) -> str:
    assert found.job is not None
    ended = found.job.result.get("ended_at")
    who = say_actor(found.asked_by) if found.asked_by else _("somebody")
    if ended:
        moment = moment_words(datetime.fromisoformat(ended))
        return _("Asked for by %(who)s, ended %(moment)s (UTC).", who=who, moment=moment)
    return _("Asked for by %(who)s, %(moment)s (UTC).", who=who, moment=moment_words(found.job.asked_at))
