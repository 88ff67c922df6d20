"""What ``rapport backtest`` prints: a plain verdict, each figure beside that of what serves, and the caveats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matcher.entities import Scale
from web.wording.backtests import (
    say_backtest_note,
    say_difference,
    say_figure,
    say_figure_value,
    say_findings,
    say_value,
    say_value_reason,
)
from web.wording.tuning import say_group, say_kind
from web.wording.weights import say_version

WIDTH = 44


def words(found: Mapping[str, Any], scale: Scale) -> str:
    """All of it in lines."""
    replay, of_hundred = found["replay"], (scale.lowest, scale.top) == (0, 1)
    name = "the draft" if found["judged"]["revision"] else found["judged"]["name"]
    figures = [figure for figure in replay["figures"] if figure["difference"]]
    lines = [
        say_findings({one["code"]: _finding(one, of_hundred) for one in figures}),
        "",
        f"{name}, beside {say_version(found['serving'])}, on {replay['n_clients']:,} of {found['n_known']:,} past "
        "clients, with the therapists of today:",
        f"  {'':<{WIDTH}} serving    then  difference (19 times in 20)",
        *(_line(say_figure(figure["code"]), figure, of_hundred) for figure in figures),
        *_groups(replay["by_group"], of_hundred),
        "",
        *(say_backtest_note(note, replay["params"]) for note in replay["notes"]),
        *_lists(found["lists"], of_hundred),
    ]
    return "\n".join(lines)


def _finding(figure: Mapping[str, Any], of_hundred: bool) -> tuple[str, str]:
    difference = figure["difference"]["value"]
    return figure["verdict"], say_figure_value(figure["code"], difference, of_hundred=of_hundred, sign=True)


def _line(name: str, figure: Mapping[str, Any], of_hundred: bool) -> str:
    code = figure["code"]
    serving, value = (say_figure_value(code, figure[key], of_hundred=of_hundred) for key in ("serving", "value"))
    between = _between(code, figure["difference"], of_hundred)
    return f"  {name:<{WIDTH}} {serving:>7} {value:>7}  {between:<26} {say_difference(figure['verdict'])}"


def _between(code: str, difference: Mapping[str, Any], of_hundred: bool) -> str:
    value, lower, upper = (
        "–" if difference[end] is None
        else say_figure_value(code, difference[end], of_hundred=of_hundred, sign=True)
        for end in ("value", "lower", "upper")
    )  # fmt: skip
    return f"{value} ({lower} to {upper})"


def _groups(cells: Sequence[Mapping[str, Any]], of_hundred: bool) -> Iterable[str]:
    """The groups for which it makes a difference that can be told; the others by number."""
    told = [cell for cell in cells if cell["verdict"] not in {"no_detectable_difference", "too_little"}]
    for cell in told:
        group = f"{say_kind(cell['trait'])}: {say_group(cell['trait'], cell['group'])}"
        yield _line(f"{say_figure(cell['code'])}, {group}", cell, of_hundred)
    if len(told) < len(cells):
        yield "  For other groups of clients: no detectable difference, or too few to tell (--json has them all)."


def _lists(found: Mapping[str, Any], of_hundred: bool) -> Iterable[str]:
    yield say_value(found["verdict"])
    if found["lift"]:
        yield f"  difference in the early alliance: {_between('expected_shown', found['lift'], of_hundred)}"
    yield say_value_reason(found["reason"], found["params"])
