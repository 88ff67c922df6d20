"""A pytest plugin: counts by kind at the end of a run, and a record of what each promise's tests tried.

A test that proves a promise bears its class as a marker (``S1`` … ``S23``, ``A1`` …, ``F1`` …, ``P1`` …) and says how
many cases it tried through the ``tried`` fixture. ``make test`` runs every class briefly, ``make trust`` at length
(``--long``); both write ``build/trust.json``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CLASSES = tuple(
    f"{letter}{n}" for letter, last in (("S", 23), ("A", 8), ("F", 15), ("P", 10)) for n in range(1, last + 1)
)
KINDS = {
    "tests/architecture": "architecture",
    "tests/contracts": "contracts",
    "tests/golden": "golden",
    "tests/browser": "browser",
    "tests/trust": "trust",
    "tests/matcher": "matcher",
    "tests/web": "web",
    "tests/docs": "docs",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run only the promises' tests, with their long counts")


def pytest_configure(config: pytest.Config) -> None:
    for name in CLASSES:
        config.addinivalue_line("markers", f"{name}: proves the promise of that class")
    config.addinivalue_line("markers", "at_length: run with --long alone; beside it stands one of its kind that is not")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        classes = sorted({mark.name for mark in item.iter_markers() if mark.name in CLASSES})
        item.user_properties.append(("kind", _kind(item)))
        item.user_properties.extend(("class", name) for name in classes)
    lost = [item.nodeid for item in items if item.get_closest_marker("at_length") is not None and not _proves(item)]
    if lost:
        raise pytest.UsageError(f"at_length belongs to a promise's class, or nobody runs it: {lost[0]}")
    is_long = config.getoption("--long")
    left = [item for item in items if not (_proves(item) if is_long else item.get_closest_marker("at_length") is None)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


@pytest.fixture
def trials(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """How often to repeat: ``trials(short, long)`` is the first in `make test`, the second in `make trust`."""
    return lambda short, long: long if request.config.getoption("--long") else short


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Iterator[Callable[[int], None]]:
    """``tried(n)`` adds n cases to the record of the test's class; a test that tried none fails."""
    counts: list[int] = []

    def count(n: int) -> None:
        counts.append(n)
        request.node.user_properties.append(("cases", n))

    yield count
    assert sum(counts) > 0, "this test says that it counts its cases, and tried none"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reports = [r for kind in ("passed", "failed", "error", "skipped") for r in terminalreporter.stats.get(kind, [])]
    _write_counts(terminalreporter, [r for r in reports if hasattr(r, "user_properties")])
    _write_trust(reports, "trust" if config.getoption("--long") else "test")


def _proves(item: pytest.Item) -> bool:
    return any(key == "class" for key, _ in item.user_properties)


def _kind(item: pytest.Item) -> str:
    folder = Path(str(item.fspath)).relative_to(ROOT).as_posix()
    kind = next((kind for start, kind in KINDS.items() if folder.startswith(start + "/")), "other")
    params = item.callspec.params if hasattr(item, "callspec") else {}
    engine = next((params[name] for name in ("blank", "database", "harbour") if name in params), None)
    return f"{kind}, PostgreSQL" if engine == "postgresql" else kind


def _write_counts(terminal: pytest.TerminalReporter, reports: list[pytest.TestReport]) -> None:
    passed: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for report in reports:
        kind = dict(report.user_properties).get("kind", "other")
        if report.passed and report.when == "call":
            passed[kind] += 1
        elif not report.passed:
            other[kind] += 1
    terminal.write_sep("-", "by kind")
    for kind in sorted(passed | other):
        rest = f", {other[kind]} failed or skipped" if other[kind] else ""
        terminal.write_line(f"{kind:<24}{passed[kind]:>6} passed{rest}")


def _write_trust(reports: list[pytest.TestReport], where: str) -> None:
    record: dict[str, dict[str, Any]] = {}
    for report in reports:
        properties = getattr(report, "user_properties", [])
        for name in [value for key, value in properties if key == "class"]:
            entry = record.setdefault(name, {"cases": 0, "failures": 0, "where": where})
            if report.when == "call":
                entry["cases"] += sum(value for key, value in properties if key == "cases")
            entry["failures"] += report.failed
    if record:
        target = ROOT / "build" / "trust.json"
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(dict(sorted(record.items(), key=_by_class)), indent=1) + "\n")


def _by_class(entry: tuple[str, object]) -> tuple[str, int]:
    return entry[0][0], int(entry[0][1:])
