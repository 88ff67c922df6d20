"""The first and last days that there are break nothing: what lies beyond them by some clocks is refused, or empty."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trust.test_things_of_others import copy_of
from tests.trust.town import Town
from tests.trust.townsfolk import caller, own, path_of, rules, send

DAYS = ("0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31")
HOURS = ("00:00", "23:59")
# every form and address in which somebody says a day or a moment: (endpoint, its fields)
ASKED: tuple[tuple[str, Callable[[str, str], dict[str, str]]], ...] = (
    ("audit.home", lambda day, hour: {"since": day}),
    ("audit.home", lambda day, hour: {"until": day}),
    ("audit.export", lambda day, hour: {"since": day}),
    ("audit.export", lambda day, hour: {"until": day}),
    ("queue.bulk", lambda day, hour: {"do": "reopen", "at": f"{day}T{hour}:00+14:00"}),
    ("queue.bulk", lambda day, hour: {"do": "reopen", "at": f"{day}T{hour}:00-12:00"}),
    ("departures.announce", lambda day, hour: {"kind": "leaves", "begins_on": day}),
    ("departures.announce", lambda day, hour: {"kind": "leave", "begins_on": "2031-01-01", "ends_on": day}),
    ("courses.plan", lambda day, hour: {"day": day, "time": hour}),
    ("caseload.book", lambda day, hour: {"day": day, "time": hour}),
    ("weights.let_serve", lambda day, hour: {"when": "later", "at": f"{day}T{hour}"}),
)


@pytest.mark.S15
def test_no_day_that_can_be_typed_is_a_fault_of_ours(town: Town, tmp_path: Path, tried: Callable[[int], None]) -> None:
    mine = copy_of(town, tmp_path)
    north, n, wrong = mine.houses["north"], 0, []
    found = {(rule.endpoint, method): rule for rule, method in rules(mine)}
    for endpoint, said in ASKED:
        method = "GET" if endpoint == "audit.home" else "POST"
        rule = found[endpoint, method]
        for day in DAYS:
            for hour in HOURS:
                browser, headers = caller(mine, north, endpoint)
                body = said(day, hour)
                answer = send(browser, method, path_of(rule, own(north, rule)), endpoint, headers, **body)
                n += 1
                wrong += [f"{endpoint} {body}: {answer.status_code}"] if answer.status_code >= 500 else []
    assert not wrong, "\n".join(wrong)
    tried(n)
