"""The house is kept: no orphan, no over-long file, no empty name, nothing of one machine in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

from tests.architecture.test_imports import ROOT, imported, package_of, sources

MAX_LINES = 400
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "data", "misc", "tools"}
ENTRANCES = ("web.cli", "web", "matcher", "web.db.migrations.env", "web.wording.extraction")  # the last: make catalogue


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tracked() -> list[Path]:
    """Every file that is, or is about to be, part of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def test_no_module_is_orphaned() -> None:
    modules = {module_name(path): path for path in sources("matcher", "web")}
    lazily_named = {
        word
        for path in modules.values()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in [node.value]
        if word in modules
    }
    reached: set[str] = set()
    todo = [name for name in (*ENTRANCES, *lazily_named) if name in modules]
    while todo:
        name = todo.pop()
        if name in reached:
            continue
        reached.add(name)
        for _, target in imported(ast.parse(modules[name].read_text()), package_of(modules[name])):
            parts = target.split(".")
            todo += [n for n in (".".join(parts[:k]) for k in range(1, len(parts) + 1)) if n in modules]
    orphans = {name for name in modules if name not in reached and ".migrations.versions." not in name}
    assert not orphans, f"nothing that the product runs leads to: {sorted(orphans)}"


def test_no_template_is_orphaned() -> None:
    texts = "\n".join(p.read_text() for p in [*sources("web"), *(ROOT / "templates").rglob("*.*")])
    names = [p.relative_to(ROOT / "templates").as_posix() for p in (ROOT / "templates").rglob("*.*")]
    orphans = [name for name in names if f'"{name}"' not in texts and f"'{name}'" not in texts]
    assert not orphans, f"no view or template names: {orphans}"


def test_every_file_of_tests_has_a_source_beside_it() -> None:
    """tests/ mirrors the source: a test folder under tests/web or tests/matcher names a room that exists."""
    strays = [
        folder.relative_to(ROOT).as_posix()
        for top in ("matcher", "web")
        for folder in (ROOT / "tests" / top).rglob("*")
        if folder.is_dir() and any(folder.glob("test_*.py"))
        and not (ROOT / folder.relative_to(ROOT / "tests")).exists()
        and not (ROOT / folder.relative_to(ROOT / "tests")).with_suffix(".py").exists()
    ]  # fmt: skip
    assert not strays, f"tests of a room that is not there: {strays}"


def test_files_are_short_enough_to_read() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in sources("matcher", "web", "tests", "benchmarks", "seed_data")
        if ".migrations.versions" not in module_name(path)
        and (lines := len(path.read_text().splitlines())) >= MAX_LINES
    }
    assert not long, f"split by noun: {long}"


def test_names_say_something() -> None:
    empty = [
        path.relative_to(ROOT).as_posix()
        for path in sources("matcher", "web", "tests", "benchmarks")
        if {path.stem, path.parent.name} & EMPTY_NAMES
    ]
    assert not empty, f"these names explain nothing: {empty}"


def test_nothing_of_one_machine_is_in_the_tree() -> None:
    leak = re.compile(r"(?<![A-Za-z0-9_.<~-])/(?:root|home/\w|work/|farm/)|\.\./shared|/tmp/bash_jobs")
    found = []
    for path in tracked():
        if path.suffix in {".png", ".woff2", ".ico", ".npz"} or path == Path(__file__) or "vendor" in path.parts:
            continue
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in leak.finditer(text)]
    assert not found, "\n".join(found)


def test_the_lock_names_the_public_index_alone() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text()))
    assert hosts <= {"pypi.org", "files.pythonhosted.org"}, f"a private index leaked into uv.lock: {hosts}"
