"""The way from an intake to the third session in words: waits, what is lost between, and what goes with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web.dashboard import drawn
from web.dashboard.drawn import Months, Row, Value
from web.services import dashboard_flow as flow
from web.services.dashboard import FEWEST_PAIRS, Association
from web.services.dashboard_flow import Wait
from web.wording.dashboard import say_association, say_few, say_group, say_month, say_sides, say_span, say_step
from web.wording.language import _, ngettext

FOREVER = 10_000.0

__all__ = ["FEWEST_PAIRS", "Begin", "Pair", "begin", "pathway"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way: its bar (of 100, None where not told), how many, and where the others are."""

    words: str
    length: float | None
    n: str
    stand: str
    left: str


@dataclass(frozen=True, slots=True)
class Begin:
    """The funnel and the waits; ``as_of`` is empty where nothing may be told."""

    as_of: str
    steps: tuple[Step, ...]
    said: str
    chart: Months | None
    key: str
    rows: tuple[tuple[str, ...], ...]
    groups: Mapping[str, Waits]


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits of the groups that are told, and the names of those that are not."""

    told: tuple[tuple[str, ...], ...]
    hidden: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things and how they go together; ``row`` is None where there are too few clients."""

    what: str
    words: str
    row: Row | None
    value: str
    interval: str
    n: str


def begin(found: flow.Begin) -> Begin:
    """The way as it stood at the end of a month."""
    if found.as_of is None:
        return Begin("", (), "", None, "", (), {})
    chart = _chart(found.total, found.periods)
    return Begin(
        as_of=say_month(found.as_of),
        steps=_steps(found.steps),
        said=_said(found.total),
        chart=chart,
        key=_key(found.total, chart),
        rows=tuple((say_span(one.span), *_cells(one.found)) for one in found.periods),
        groups={
            name: Waits(
                tuple(
                    (say_group(name, label), *_cells(waited)) for label, waited in groups.items() if waited is not None
                ),
                hidden(name, groups),
            )
            for name, groups in found.groups.items()
            if any(waited is not None for waited in groups.values())
        },
    )


def hidden(name: str, groups: Mapping[str, object]) -> str:
    """The groups of which nothing is told, by name."""
    return ", ".join(say_group(name, label) for label, found in groups.items() if found is None)


def pathway(found: Sequence[Association]) -> tuple[Pair, ...]:
    """The three associations."""
    return tuple(_pair(one) for one in found)


def _steps(steps: Sequence[flow.Step]) -> tuple[Step, ...]:
    whole = next((step.n_reached for step in steps if step.n_reached), None)
    return tuple(
        Step(
            words=say_step(step.name),
            length=None if step.n_reached is None or not whole else round(100 * step.n_reached / whole, 1),
            n=_count(step.n_reached),
            stand="" if step.name == flow.STEPS[-1] else _count(step.n_open),
            left="" if step.name == flow.STEPS[-1] else _count(step.n_gone),
        )
        for step in steps
    )


def _count(n: int | None) -> str:
    return say_few() if n is None else f"{n:,}"


def _days(days: float | None) -> str:
    return _("not known yet") if days is None else ngettext("%(num)d day", "%(num)d days", round(days))


def _cells(found: flow.Waiting | None) -> tuple[str, ...]:
    if found is None:
        return say_few(), "", ""
    return _days(found.days[1]), _between(found.days[0], found.days[2]), f"{found.n_people:,}"


def _between(quarter: float | None, most: float | None) -> str:
    if quarter is None:
        return _days(None)
    if most is None:
        return _("%(days)s or more", days=_days(quarter))
    return _("%(low)s to %(high)s", low=f"{quarter:.0f}", high=_days(most))


def _said(found: flow.Waiting | None) -> str:
    if found is None or found.days[1] is None:
        return ""
    return _(
        "Half of all people who send their answers come to a first session within %(days)s.", days=_days(found.days[1])
    )


def _chart(total: flow.Waiting | None, periods: Sequence[Wait]) -> Months | None:
    values = [_value(one.found) for one in periods]
    told = [value for value in values if value is not None]
    if not told:
        return None
    known = None if total is None else total.days[1]
    return drawn.months(
        [(one.span.first, one.span.last) for one in periods],
        values,
        [(say_month(one.span.last), "" if value is None else _days(value.at))
         for one, value in zip(periods, values, strict=True)],
        level=known,
        bounds=(0.0, FOREVER),
        summary=_("Days to the first session by month of the intake; the newest: %(days)s. The same figures are in the "
                  "table below.", days=_days(told[-1].at)),
    )  # fmt: skip


def _key(total: flow.Waiting | None, chart: Months | None) -> str:
    if chart is None:
        return ""
    half = None if total is None else total.days[1]
    line = "" if half is None else _("Dashed: half of all, %(days)s.", days=_days(half)) + " "
    return line + _(
        "Bands: from a quarter to three quarters of all people. The chart reaches from %(low)s to %(high)s.",
        low=f"{chart.ends[0]:.0f}", high=_days(chart.ends[1]),
    )  # fmt: skip


def _value(found: flow.Waiting | None) -> Value | None:
    """The median between the quartiles; None where it is not known. A third quartile that is not known is no end."""
    quarter, half, most = (None, None, None) if found is None else found.days
    if half is None:
        return None
    return Value(half, half if quarter is None else quarter, half if most is None else most)


def _pair(found: Association) -> Pair:
    what, n = say_sides(found.of, found.to), f"{found.n_clients:,}"
    if found.rho is None:
        words = _("Fewer than %(num)s clients of whom both are known: nothing is said.", num=FEWEST_PAIRS)
        return Pair(what, words, None, say_few(), "", "")
    rho = found.rho
    row = drawn.row(Value(rho.value, rho.lower, rho.upper), 0.0, (-1.0, 1.0))
    ends = _("%(low)s to %(high)s", low=_signed(rho.lower), high=_signed(rho.upper))
    return Pair(what, say_association(found.of, found.to, rho.lower, rho.upper), row, _signed(rho.value), ends, n)


def _signed(value: float) -> str:
    told = f"{abs(value):.2f}"
    return told if float(told) == 0 else f"{'+' if value > 0 else '−'}{told}"
