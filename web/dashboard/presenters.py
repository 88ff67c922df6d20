"""The dashboard in words, tables and drawn positions; where few people stand behind a figure, it says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from web.dashboard import drawn, ways
from web.dashboard.drawn import Months, Row, Value
from web.dashboard.ways import Begin
from web.services.acknowledging import AcknowledgedEffect
from web.services.dashboard import Dashboard
from web.services.dashboard_courses import Alliance, Mean, Outcome, Period, Shares
from web.wording.dashboard import say_few, say_group, say_instrument, say_month, say_rule, say_span
from web.wording.language import _, ngettext

Words = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Course:
    """A figure over time: what it comes to in all, its chart (None with nothing to draw), the table, and its heads."""

    said: str
    chart: Months | None
    key: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """How a questionnaire's scores change; ``better`` says in which direction."""

    title: str
    better: str
    course: Course


@dataclass(frozen=True, slots=True)
class Group:
    """A group's figure in a row."""

    name: str
    row: Row
    value: str
    interval: str
    n: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups of an attribute that are told, and the names of those that are not."""

    told: tuple[Group, ...]
    hidden: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The page."""

    until: str
    rule: str
    alliance: Course
    groups: Mapping[str, Grouped]
    check_ins: Course
    outcomes: tuple[Changed, ...]
    begin: Begin
    pathway: tuple[ways.Pair, ...]
    fewest_pairs: int
    acknowledged: Course
    effect: str


def shown(found: Dashboard) -> Shown:
    """The page in words."""
    return Shown(
        until=say_month(found.until),
        rule=say_rule(),
        alliance=_alliance(found.alliance),
        groups=_groups(found.alliance),
        check_ins=_share(found.check_ins, _("of the sessions had a check-in")),
        outcomes=tuple(_outcome(one) for one in found.outcomes),
        begin=ways.begin(found.begin),
        pathway=ways.pathway(found.pathway),
        fewest_pairs=ways.FEWEST_PAIRS,
        acknowledged=_share(found.acknowledged, _("of the check-ins were read within seven days")),
        effect=effect_words(found.effect),
    )


def one(value: float) -> str:
    """A figure to one decimal, with a true minus."""
    told = f"{value:.1f}"
    return told.replace("-", "−") if float(told) else "0.0"


def effect_words(found: AcknowledgedEffect | None) -> str:
    """Whether the next session goes better after a check-in that was read; that nothing was detected is an answer."""
    if found is None:
        return _(
            "This needs five people of whom some check-ins were read before they said something again, and some were "
            "not."
        )
    ends = _("%(low)s and %(high)s", low=_more(found.lower), high=_more(found.upper))
    if not found.is_seen:
        words = _("No difference was detected: it likely lies between %(ends)s points of 100.", ends=ends)
    elif found.effect > 0:
        words = _(
            "After a check-in that was read in time, the next session was rated higher than after one that was not: "
            "by %(n)s points of 100, likely between %(ends)s.", n=_more(found.effect), ends=ends,
        )  # fmt: skip
    else:
        words = _(
            "After a check-in that was read in time, the next session was rated lower than after one that was not: "
            "by %(n)s points of 100, likely between %(ends)s.", n=_more(found.effect), ends=ends,
        )  # fmt: skip
    return words + " " + _(
        "19 times in 20 the truth lies there. Compared are sessions of the same two people with the same score "
        "before. It is what was seen, no experiment: whoever reads may do other things, too."
    )  # fmt: skip


def _more(value: float) -> str:
    return ("+" if value > 0 and one(value) != "0.0" else "") + one(value)


def between(low: float, high: float, words: Words = one) -> str:
    """The two ends of an interval."""
    return _("%(low)s to %(high)s", low=words(low), high=words(high))


def _alliance(found: Alliance) -> Course:
    heads = (_("Months"), _("Mean, of 100"), _("19 times in 20"), _("Check-ins"))
    said = _in_all(found.total, _("Over all months: %(value)s of 100, the truth likely between %(ends)s."))
    chart = _chart(found.total, found.periods, one, (0, 100))
    return Course(said, chart, _key(chart, found.total, one), heads, _rows(found.periods))


def _groups(found: Alliance) -> dict[str, Grouped]:
    """Attribute → its groups; no attribute of which no group is told."""
    if found.total is None:
        return {}
    mark = found.total.mean.value
    told = [_value(mean) for groups in found.groups.values() for mean in groups.values() if mean is not None]
    bounds = drawn.around(told, mark)
    return {
        name: Grouped(
            tuple(
                _group(say_group(name, label), mean, mark, bounds) for label, mean in groups.items() if mean is not None
            ),
            ways.hidden(name, groups),
        )
        for name, groups in found.groups.items()
        if any(mean is not None for mean in groups.values())
    }


def _group(words: str, mean: Mean, mark: float, bounds: tuple[float, float]) -> Group:
    value = _value(mean)
    return Group(words, drawn.row(value, mark, bounds), one(value.at), between(value.low, value.high), f"{mean.n:,}")


def _outcome(found: Outcome) -> Changed:
    better = _("A fall is better.") if found.better == "lower" else _("A rise is better.")
    heads = (_("Months"), _("Mean change"), _("19 times in 20"), _("Reliably better"), _("Scores"))
    said = _in_all(found.total, _("Over all months: %(value)s points since the first score, likely between %(ends)s."))
    if found.total is not None and found.total.share is not None:
        said += " " + _("Reliably better: %(share)s of 100 scores.", share=f"{100 * found.total.share:.0f}")
    chart = _chart(found.total, found.periods, one, (-100, 100), at_zero=True)
    rows = tuple(
        (*row[:3], "" if one.found is None else f"{100 * (one.found.share or 0):.0f} %", row[3])
        for row, one in zip(_rows(found.periods), found.periods, strict=True)
    )
    return Changed(say_instrument(found.instrument), better, Course(said, chart, _key(chart, None, one), heads, rows))


def _share(found: Shares, what: str) -> Course:
    heads = (_("Months"), _("Share"), _("19 times in 20"), _("Counted"))
    total, periods = _as_percent(found.total), tuple(Period(p.span, _as_percent(p.found)) for p in found.periods)
    said = "" if total is None else _(
        "Over all months, %(value)s %(what)s; the truth is likely between %(ends)s.",
        value=_percent(total.mean.value), what=what,
        ends=_percent_ends(total),
    )  # fmt: skip
    rows = _rows(periods, _percent)
    chart = _chart(total, periods, _percent, (0, 100))
    return Course(said, chart, _key(chart, total, _percent), heads, rows)


def _as_percent(mean: Mean | None) -> Mean | None:
    if mean is None:
        return None
    i = mean.mean
    ends = max(100 * i.lower, 0.0), min(100 * i.upper, 100.0)
    return Mean(mean.n, type(i)(100 * i.value, 100 * i.se, *ends), mean.share)


def _percent(value: float) -> str:
    return f"{value:.0f} %"


def _percent_ends(mean: Mean) -> str:
    return _("%(low)s and %(high)s", low=_percent(mean.mean.lower), high=_percent(mean.mean.upper))


def _in_all(total: Mean | None, words: str) -> str:
    if total is None:
        return ""
    ends = _("%(low)s and %(high)s", low=one(total.mean.lower), high=one(total.mean.upper))
    return words % {"value": one(total.mean.value), "ends": ends}


def _value(mean: Mean) -> Value:
    return Value(mean.mean.value, mean.mean.lower, mean.mean.upper)


def _rows(periods: Sequence[Period], words: Words = one) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (say_span(p.span), say_few(), "", "")
        if p.found is None
        else (
            say_span(p.span), words(p.found.mean.value), between(p.found.mean.lower, p.found.mean.upper, words),
            f"{p.found.n:,}",
        )
        for p in periods
    )  # fmt: skip


def _chart(
    total: Mean | None,
    periods: Sequence[Period],
    words: Words,
    bounds: tuple[float, float],
    *,
    at_zero: bool = False,
) -> Months | None:
    told = [p.found for p in periods if p.found is not None]
    if not told:
        return None
    line = 0.0 if at_zero else None if total is None else total.mean.value
    summary = ngettext(
        "%(num)d span of months; the newest: %(value)s. The same figures are in the table below.",
        "%(num)d spans of months; the newest: %(value)s. The same figures are in the table below.",
        len(periods), value=words(told[-1].mean.value),
    )  # fmt: skip
    return drawn.months(
        [(p.span.first, p.span.last) for p in periods],
        [None if p.found is None else _value(p.found) for p in periods],
        [(say_month(p.span.last), "" if p.found is None else words(p.found.mean.value)) for p in periods],
        level=line,
        bounds=bounds,
        summary=summary,
    )


def _key(chart: Months | None, total: Mean | None, words: Words) -> str:
    """How to read a chart; its dashed line is the mean of all months, or no change."""
    if chart is None:
        return ""
    line = _("no change") if total is None else _("all months, %(value)s", value=words(total.mean.value))
    return _(
        "Dashed: %(line)s. Bands hold the truth 19 times in 20. The chart reaches from %(low)s to %(high)s.",
        line=line, low=words(chart.ends[0]), high=words(chart.ends[1]),
    )  # fmt: skip
