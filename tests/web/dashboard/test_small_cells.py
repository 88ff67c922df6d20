"""P1: no two figures of the dashboard differ by fewer than five people, within a report and from month to month.

Each figure is laid back onto the rows that it is made of, worked out here from the database and not by the dashboard's
own code: a figure of ``n`` records of a group is of the first n of that group. Then every pair A ⊂ B of them is tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy.orm import Session

from tests.web.conftest import Clinic
from tests.web.desk import desk_of
from web.db.queries import clients
from web.db.queries import dashboard as rows
from web.services import clinics, dashboard, demo_dashboard
from web.services import dashboard_courses as courses

FEWEST = 5
MONTHS = range(24266, 24293, 3)  # reports made from March 2022 on: the ratings lie from January 2022 to April 2024
AFTERWARDS = datetime(2024, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cell:
    """A published figure: what it is called, its number, and the records that it is of, as (person, record)."""

    name: str
    number: tuple[float, ...]
    records: frozenset[tuple[UUID, int]]


def leaks(cells: list[Cell]) -> tuple[int, list[tuple[str, str]]]:
    """(pairs A ⊂ B, those of them whose difference is of one to four people and whose numbers differ)."""
    known = sorted({record for cell in cells for record in cell.records})
    place = {record: k for k, record in enumerate(known)}
    person = np.unique([str(who) for who, _ in known], return_inverse=True)[1]
    masks = np.zeros((len(cells), len(known)), dtype=np.float32)
    for k, cell in enumerate(cells):
        masks[k, [place[record] for record in cell.records]] = 1
    shared, size = masks @ masks.T, masks.sum(axis=1)
    inner, outer = np.nonzero((shared == size[:, None]) & (size[:, None] < size[None, :]))
    found = []
    for a, b in zip(inner.tolist(), outer.tolist(), strict=True):
        n = len(np.unique(person[(masks[b] - masks[a]) > 0]))
        if n < FEWEST and cells[a].number != cells[b].number:
            found.append((cells[a].name, cells[b].name))
    return len(inner), found


def month(moment: datetime) -> int:
    return 12 * moment.year + moment.month - 1


@pytest.fixture(scope="module")
def seeded(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Any]]:
    desk = desk_of(clinic, tmp_path_factory.mktemp("small"))
    with desk.session() as session:
        found = clinics.find(session, None)
        demo_dashboard.furnish(session, found, now=AFTERWARDS)
        yield session, found


@pytest.fixture(scope="module")
def reports(seeded: tuple[Session, Any]) -> dict[int, dashboard.Dashboard]:
    """The page as it was in each month."""
    session, clinic = seeded
    return {
        m: dashboard.of_clinic(session, clinic, now=datetime(m // 12, m % 12 + 1, 3, tzinfo=UTC), zone=UTC)
        for m in MONTHS
    }


def of_alliance(session: Session, found: courses.Alliance, when: str = "") -> list[Cell]:
    said = [(month(at), who, k) for k, (who, _, at) in enumerate(rows.ratings(session))]
    groups = {row[0].id: dashboard.groups_of(row[1]) for row in clients.current(session)}
    cells = []

    def add(name: str, mean: courses.Mean | None, own: list[tuple[int, UUID, int]]) -> None:
        if mean is not None:
            assert len(own) >= mean.n
            records = frozenset((who, k) for _, who, k in sorted(own)[: mean.n])
            cells.append(Cell(f"{name} {when}", (mean.n, mean.mean.value, mean.mean.se), records))

    add("total", found.total, said)
    for period in found.periods:
        add(f"months {period.span}", period.found, [r for r in said if period.span.first <= r[0] <= period.span.last])
    cells.append(_sum(f"all told months {when}", cells[1:]))
    for name, of_group in found.groups.items():
        begins = len(cells)
        for label, mean in of_group.items():
            add(f"{name} {label}", mean, [r for r in said if groups[r[1]][name] == label])
        cells.append(_sum(f"all told of {name} {when}", cells[begins:]))
    return cells


def _sum(name: str, cells: list[Cell]) -> Cell:
    """What anybody can work out from cells that share no record: their sum."""
    n = sum(cell.number[0] for cell in cells)
    total = sum(cell.number[0] * cell.number[1] for cell in cells)
    return Cell(name, (n, total), frozenset().union(*(cell.records for cell in cells)))


def of_shares(session: Session, found: courses.Shares, when: str = "") -> list[Cell]:
    """The whole, and either side of each percentage."""
    held = [(month(at), who, k, bool(is_rated)) for k, (who, at, is_rated) in enumerate(rows.held(session))]
    cells = []
    spans = [(period.span, period.found) for period in found.periods]
    if spans and found.total is not None:
        spans.append((type(spans[0][0])(spans[0][0].first, spans[-1][0].last), found.total))
    for span, mean in spans:
        if mean is None:
            continue
        own = [r for r in held if span.first <= r[0] <= span.last]
        assert len(own) == mean.n
        for side, wanted in (("all", {True, False}), ("yes", {True}), ("no", {False})):
            records = frozenset((r[1], r[2]) for r in own if r[3] in wanted)
            cells.append(Cell(f"{side} {span} {when}", (side, len(records)), records))  # type: ignore[arg-type]
    return cells


@pytest.mark.P1
def test_no_two_figures_of_one_report_differ_by_few(
    seeded: tuple[Session, Any], reports: dict[int, dashboard.Dashboard], tried: Callable[[int], None]
) -> None:
    n_pairs = 0
    for m, report in reports.items():
        for cells in (of_alliance(seeded[0], report.alliance, str(m)), of_shares(seeded[0], report.check_ins, str(m))):
            n, found = leaks(cells) if cells else (0, [])
            n_pairs += n
            assert not found, found[:5]
    tried(n_pairs)


@pytest.mark.P1
def test_no_figure_differs_by_few_from_itself_in_another_month(
    seeded: tuple[Session, Any], reports: dict[int, dashboard.Dashboard], tried: Callable[[int], None]
) -> None:
    """The report of each month beside those before and after: total, spans, groups and shares."""
    by_name: dict[str, list[Cell]] = defaultdict(list)
    for m, report in reports.items():
        for cell in of_alliance(seeded[0], report.alliance, f"@{m}") + of_shares(seeded[0], report.check_ins, f"@{m}"):
            by_name[cell.name.partition("@")[0]].append(cell)
    n_pairs = 0
    for cells in by_name.values():
        n, found = leaks(cells)
        n_pairs += n
        assert not found, found[:5]
    tried(n_pairs)


@pytest.mark.P1
def test_all_figures_of_all_months_together(
    seeded: tuple[Session, Any], reports: dict[int, dashboard.Dashboard], tried: Callable[[int], None]
) -> None:
    """At least ten thousand pairs, any figure of any month with any other."""
    cells = {
        (cell.records, cell.number): cell
        for m, report in reports.items()
        for cell in of_alliance(seeded[0], report.alliance, f"@{m}")
    }
    _, found = leaks(list(cells.values()))
    n_all = len(cells) * (len(cells) - 1) // 2
    assert n_all >= 10_000 and not found, found[:5]
    tried(n_all)


@pytest.mark.P1
def test_without_complementary_suppression_the_proof_fails(
    seeded: tuple[Session, Any], monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """The planted hole: cells of five people or more are told, whatever can be worked out of them."""
    monkeypatch.setattr("matcher.suppression._Report.given_away", lambda self: None)
    session, clinic = seeded
    n_found = 0
    for m in MONTHS[::3]:
        now = datetime(m // 12, m % 12 + 1, 3, tzinfo=UTC)
        found = dashboard.of_clinic(session, clinic, now=now, zone=UTC)
        n_found += len(leaks(of_alliance(session, found.alliance))[1])
    assert n_found > 0
    tried(len(MONTHS[::3]))
