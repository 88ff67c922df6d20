"""The card of the clinic's models: words, counts that tell nobody apart, and charts as positions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matcher.entities import Scale
from web.cards import day_words, moment_words
from web.insights import drawn, scores
from web.insights.drawn import Calibration, Dot, Piece, Tenths
from web.insights.presenters import Bar, Stat, notes, told
from web.services import model_card
from web.services.model_card import Card, Learned
from web.wording.language import _, ngettext
from web.wording.model_card import COLUMNS, SIDES, Column, say_column, say_gate, say_part, side_of
from web.wording.trials import say_champion, say_finding, say_held_out, say_row

FILLS: Mapping[str, str] = {
    "client": "soft", "therapist": "band", "pair": "accent", "time": "caution", "session": "track",
}  # fmt: skip
MOST_EFFECTS = 6  # of a side, in the chart; the table has all
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what makes scores differ; ``share`` is of 100."""

    name: str
    words: str
    share: str
    fill: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a difference between people goes with, drawn and in figures; ``clear``: it is no chance."""

    words: str
    dot: Dot
    value: str
    interval: str
    clear: bool


@dataclass(frozen=True, slots=True)
class Side:
    """The effects of one side: those that clearly count, drawn, and all."""

    title: str
    drawn: tuple[Effect, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """How the model did on later sessions, beside other ways of knowing."""

    words: str
    errors: tuple[Bar, ...]
    findings: tuple[str, ...]
    champion: str
    calibration: Calibration | None
    points: tuple[tuple[str, str, str], ...]
    ends: tuple[str, str]
    tenths: Tenths
    in_range: str
    in_range_dot: Dot
    in_range_words: str


@dataclass(frozen=True, slots=True)
class Past:
    """A model of the table: when, which, from how much, what the gate said, whether it serves or may serve again."""

    version: str
    fitted: str
    ratings: str
    verdict: str
    serves: bool
    state: str
    may_return: bool
    errors: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The page."""

    is_readable: bool
    version: str
    fitted: str
    verdict: str
    stats: tuple[Stat, ...]
    span: str
    parts: tuple[Part, ...]
    pieces: tuple[Piece, ...]
    parts_words: str
    judged: Judged | None
    sides: tuple[Side, ...]
    drift: tuple[str, ...]
    notes: tuple[str, ...]
    statistics: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    moved: tuple[str, ...]
    past: tuple[Past, ...]
    unit: str


def card(found: Card) -> Shown:
    """The card in words."""
    model, scale = found.serving, found.scale
    summary: Figures = model.summary if model else {}
    shares = model_card.shares(summary)
    return Shown(
        is_readable=found.is_readable,
        version=model.version if model else "",
        fitted=moment_words(model.fitted_at) if model else "",
        verdict=verdict_words(model) if model else "",
        stats=_stats(model.report) if model else (),
        span=_span(summary),
        parts=tuple(_part(part, share) for part, share in shares.items()),
        pieces=drawn.pieces(shares, FILLS),
        parts_words=", ".join(f"{say_part(part)[0]}: {_of_100(share)}" for part, share in shares.items()),
        judged=judged(model.judged, model.verdict, scale) if model and model.judged else None,
        sides=sides(summary.get("coefficients", ()), scale),
        drift=notes(model.report, of_time=True) if model else (),
        notes=notes(model.report, of_time=False) if model else (),
        statistics=tuple(model.report.get("notes", ())) if model else (),
        changes=_changes(found.before, model) if model and found.before else (),
        moved=_moved(summary.get("shift"), scale),
        past=tuple(_past(one, scale) for one in found.models),
        unit=scores.unit(scale),
    )


def verdict_words(model: Learned) -> str:
    """What the gate said of a model, in a sentence."""
    return _("It was put into service without a trial.") if model.verdict is None else say_gate(model.verdict["reason"])


def judged(found: Figures, verdict: Figures | None, scale: Scale) -> Judged:
    """A trial's figures, drawn."""
    curve = found["curve"]
    square = drawn.calibration(curve, scale.lowest, scale.top) if curve else None
    share, n = model_card.in_range(found["pit"]), found["n_clients"]
    se = math.sqrt(0.16 / n)  # a client's scores rise and fall together, so that each client counts once
    low, high = max(share - drawn.Z95 * se, 0.0), min(share + drawn.Z95 * se, 1.0)
    place = drawn.EDGE, drawn.ROW - 2 * drawn.EDGE
    return Judged(
        words=say_held_out(found["n_train"], found["n_ratings"], n),
        errors=errors(found["rows"], scale),
        findings=tuple(say_finding(one["aspect"], one["code"]) for one in found["findings"]),
        champion=say_champion(verdict["champion"]) if verdict else "",
        calibration=square,
        points=tuple(_point(point, scale) for point in curve),
        ends=(scores.shown(square.lowest, scale), scores.shown(square.highest, scale)) if square else ("", ""),
        tenths=drawn.tenths(found["pit"]["shares"]),
        in_range=_of_100(share),
        in_range_dot=Dot(*(round(place[0] + place[1] * value, 1) for value in (share, 0.8, low, high))),
        in_range_words=_in_range(share, low, high),
    )


def errors(rows: tuple[Figures, ...], scale: Scale) -> tuple[Bar, ...]:
    """Typical errors (root mean squared), the longest bar for the largest."""
    most = max(row["rmse"] for row in rows) or 1.0
    return tuple(
        Bar(say_row(row["name"]), round(100 * row["rmse"] / most, 1), scores.shown(row["rmse"], scale)) for row in rows
    )


def sides(coefficients: tuple[Figures, ...], scale: Scale) -> tuple[Side, ...]:
    """Effects by whom they are about, the largest first; all are drawn in the same measure."""
    told = [(one, COLUMNS.get(one["name"]) or Column(side_of(one["name"]), "")) for one in coefficients]
    told = [(one, column) for one, column in told if one["name"] != "intercept"]
    reach = [
        (column.units * (one["estimate"] - drawn.Z95 * one["se"]), column.units * one["estimate"],
         column.units * (one["estimate"] + drawn.Z95 * one["se"]))
        for one, column in told
    ]  # fmt: skip
    clear = [low > 0 or high < 0 for low, _at, high in reach]
    dots = iter(drawn.effects([ends for ends, is_clear in zip(reach, clear, strict=True) if is_clear]))
    rows = [
        (column.side, abs(at), Effect(
            say_column(one["name"]), next(dots) if is_clear else Dot(0, 0, 0, 0), scores.signed(at, scale),
            _("%(low)s to %(high)s", low=scores.signed(low, scale), high=scores.signed(high, scale)), is_clear,
        ))
        for (one, column), (low, at, high), is_clear in zip(told, reach, clear, strict=True)
    ]  # fmt: skip
    found = []
    for side, title in SIDES.items():
        own = [effect for whose, _size, effect in sorted(rows, key=lambda row: -row[1]) if whose == side]
        found.append(Side(str(title), tuple([one for one in own if one.clear][:MOST_EFFECTS]), tuple(own)))
    return tuple(side for side in found if side.effects)


def _stats(report: Figures) -> tuple[Stat, ...]:
    def one(name: str, words: str, note: str = "") -> Stat:
        return Stat(told(report.get(name, 0)), words, note)

    return (
        one("rows_used", ngettext("session rated", "sessions rated", report.get("rows_used", 0))),
        one("n_clients", ngettext("client", "clients", report.get("n_clients", 0))),
        one("n_therapists", ngettext("therapist", "therapists", report.get("n_therapists", 0))),
        one("n_dyads", ngettext("pair", "pairs", report.get("n_dyads", 0)), _("of a client and a therapist")),
        one("n_clients_with_two_therapists", _("clients who saw two or more"),
            _("they alone show who fits better with whom")),
    )  # fmt: skip


def _span(summary: Figures) -> str:
    span = summary.get("span")
    if not span:
        return _("The ratings do not say when they were given.")
    first, last = (_year_words(datetime.fromisoformat(span[end])) for end in ("first", "last"))
    return _("Sessions from %(first)s to %(last)s.", first=first, last=last)


def _year_words(moment: datetime) -> str:
    return _("%(day)s, %(year)s", day=day_words(moment.date()), year=moment.year)


def _part(part: str, share: float) -> Part:
    name, words = say_part(part)
    return Part(name, words, _of_100(share), FILLS[part])


def _of_100(share: float) -> str:
    return _("under 1") if 0 < share < 0.01 else f"{100 * share:.0f}"


def _point(point: Figures, scale: Scale) -> tuple[str, str, str]:
    off = drawn.Z95 * (point["se"] or 0.0)
    low, high = point["observed"] - off, min(point["observed"] + off, scale.top)
    ends = _("%(low)s to %(high)s", low=scores.shown(low, scale), high=scores.shown(high, scale))
    return scores.shown(point["predicted"], scale), scores.shown(point["observed"], scale), ends


def _in_range(share: float, low: float, high: float) -> str:
    said = _("Of 100 later scores, %(n)s fell into the range in which 80 were expected.", n=_of_100(share))
    if low <= 0.8 <= high:
        return said
    wide = _("The ranges are too wide.") if share > 0.8 else _("The ranges are too narrow.")
    return f"{said} {wide}"


def _changes(before: Learned, model: Learned) -> tuple[tuple[str, str, str], ...]:
    """(what, before, now)"""
    names = (
        ("rows_used", _("Sessions rated")), ("n_clients", _("Clients")), ("n_therapists", _("Therapists")),
        ("n_dyads", _("Pairs")),
    )  # fmt: skip
    counts = tuple((words, told(before.report.get(name, 0)), told(model.report.get(name, 0))) for name, words in names)
    old, new = model_card.shares(before.summary), model_card.shares(model.summary)
    parts = tuple(
        (_("Of what makes scores differ: %(part)s", part=say_part(part)[0].lower()), _of_100(old.get(part, 0.0)),
         _of_100(new.get(part, 0.0)))
        for part in model_card.PARTS
        if part in old or part in new
    )  # fmt: skip
    return counts + parts


def _moved(shift: Figures | None, scale: Scale) -> tuple[str, ...]:
    if not shift:
        return ()
    typical = _(
        "What is expected of a client with a therapist moved by %(mean)s %(unit)s on average, and for one pair in "
        "twenty by more than %(most)s.", mean=scores.shown(shift["mean"], scale), unit=scores.unit(scale),
        most=scores.shown(shift["most"], scale),
    )  # fmt: skip
    n = _of_100(shift["same_first"])
    return typical, _("Of 100 clients, %(n)s would be expected to get on best with the same therapist as before.", n=n)


def _past(model: Learned, scale: Scale) -> Past:
    state = _("serves") if model.serves else _("could serve again") if model.may_serve else _("does not serve")
    found = model.judged
    return Past(
        version=model.version,
        fitted=moment_words(model.fitted_at),
        ratings=told(model.report.get("rows_used", 0)),
        verdict=verdict_words(model),
        serves=model.serves,
        state=state,
        may_return=model.may_serve and not model.serves,
        errors=errors(found["rows"], scale) if found else (),
    )
