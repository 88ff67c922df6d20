"""Who may know whom: the table of docs/architecture.md as data, checked on the code as it is written."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FEATURES = tuple(
    f"web/{name}/"
    for name in (
        "start", "intake", "matches", "request", "checkins", "caseload", "queue", "weights", "insights",
        "directory", "people", "audit", "jobs_page", "mydata", "tour", "api", "proposals",
        "departures", "handover", "courses", "development", "kiosk", "wellbeing", "goals",
        "dashboard", "emergency",
    )
)  # fmt: skip
FRAMEWORKS = ("flask", "flask_limiter", "flask_login", "flask_openapi", "flask_security", "flask_wtf", "werkzeug")
COMPUTING = tuple(
    f"matcher.{name}"
    for name in (
        "alliance", "assignment", "development", "encoding", "eligibility", "evaluation", "factors", "learning",
        "measures", "outlook", "ranking", "scarcity", "simulation", "trajectory", "weights",
    )
)  # fmt: skip

# (the files, what they never import, why)
RULES: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        ("matcher/",),
        ("web", *FRAMEWORKS, "sqlalchemy", "jinja2", "pandas", "pydantic", "click"),
        "the matcher is pure: domain objects and arrays in, results out",
    ),
    (
        ("matcher/alliance/", "matcher/assignment/"),
        ("matcher.entities", "matcher.encoding"),
        "the model and the solvers see arrays only, so that they run on any data",
    ),
    (
        ("web/db/", "web/services/", "web/jobs/", "web/exchange/"),
        FRAMEWORKS,
        "use cases and data know no web framework, so that commands and jobs use them too",
    ),
    (("web/exchange/",), ("sqlalchemy", "web.db", "web.services"), "formats know no database"),
    (
        FEATURES,
        ("sqlalchemy", "web.db", "numpy", "scipy", "sklearn", *COMPUTING),
        "a feature parses, calls one service and presents",
    ),
    (
        ("web/commands/", "web/cli.py", "web/wording/"),
        COMPUTING,
        "only services and jobs call what computes",
    ),
    (("matcher/", "web/"), ("tests", "benchmarks"), "the product does not know its tests"),
)
IMPURE_CALLS = {"open", "input", "print", "exec", "eval"}
IMPURE_NAMES = {
    ("os", "environ"), ("os", "getenv"), ("time", "time"), ("datetime", "now"), ("datetime", "utcnow"),
    ("date", "today"), ("np", "random.seed"), ("random", "random"), ("random", "seed"),
}  # fmt: skip
HEAVY = ("sklearn", "scipy", "pyarrow", "psycopg")


def sources(*starts: str) -> Iterator[Path]:
    for start in starts:
        found = ROOT / start
        yield from sorted(found.rglob("*.py")) if found.is_dir() else [found] if found.exists() else []


def imported(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """(line, full module name) of each import, ``from a import b`` as ``a.b`` so that packages count too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join([*parents[: len(parents) - node.level + 1], node.module or ""]).strip(".")
            start = base if node.level else (node.module or "")
            yield from ((node.lineno, f"{start}.{name.name}") for name in node.names)


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).parent.parts)


def breaches(starts: tuple[str, ...], forbidden: tuple[str, ...]) -> list[str]:
    found = []
    for path in sources(*starts):
        for line, name in imported(ast.parse(path.read_text()), package_of(path)):
            if any(name == word or name.startswith(word + ".") for word in forbidden):
                found.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    return found


@pytest.mark.parametrize(("starts", "forbidden", "why"), RULES, ids=[rule[2][:50] for rule in RULES])
def test_rooms_know_only_whom_they_may(starts: tuple[str, ...], forbidden: tuple[str, ...], why: str) -> None:
    found = breaches(starts, forbidden)
    assert not found, f"{why}:\n" + "\n".join(found)


def test_features_do_not_know_each_other() -> None:
    names = [start.split("/")[1] for start in FEATURES]
    found = [
        breach
        for start, own in zip(FEATURES, names, strict=True)
        for breach in breaches((start,), tuple(f"web.{name}" for name in names if name != own))
    ]
    assert not found, "what two features share belongs into a service or a component:\n" + "\n".join(found)


def test_the_matcher_reads_no_file_clock_or_environment() -> None:
    found = []
    for path in sources("matcher"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} calls {node.func.id}()")
            if isinstance(node, ast.Attribute):
                dotted = ast.unparse(node)
                if any(dotted == f"{a}.{b}" or dotted.endswith(f".{a}.{b}") for a, b in IMPURE_NAMES):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} uses {dotted}")
    assert not found, "randomness, time and files arrive as arguments:\n" + "\n".join(found)


def test_the_rules_catch_what_they_forbid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "matcher").mkdir()
    (tmp_path / "matcher" / "bad.py").write_text("from flask import g\nimport web.db.tables\nfrom . import entities\n")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert breaches(("matcher/",), ("flask", "web", "matcher.entities")) == [
        "matcher/bad.py:1 imports flask.g",
        "matcher/bad.py:2 imports web.db.tables",
        "matcher/bad.py:3 imports matcher.entities",
    ]
