"""No pattern of ours takes longer than its text is long: every one of them, against texts made to confuse it."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import pytest

from tests.architecture.test_house import module_name
from tests.architecture.test_imports import sources

LENGTHS = (1_000, 7_000, 50_000)
MOST_MS = 50
CALLS = frozenset({"compile", "search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split", "Regexp"})
USUAL = (
    "a",
    "0",
    " ",
    "-",
    ".",
    ",",
    "\n",
    "@",
    "/",
    "_",
    "'",
    '"',
    "\\",
    "<",
    "%",
    "é",
    "\u0301",
    "Ã¼",
    "a ",
    "a.",
    "0.",
    "0,",
    "a@",
    "a-",
    "/a",
    "\\u",
    "&#",
    "\r\n",
    "{",
    "[",
)
WAYS = CALLS - {"compile", "Regexp"}
Trials = Callable[[int, int], int]


Found = dict[tuple[str, int], set[str]]


def patterns() -> tuple[Found, Found]:
    """(pattern, flags) → where it stands, and → how it is used: those that modules keep, and those that stand alone."""
    where: Found = {}
    ways: Found = {}
    named = _ways()
    for path in sources("matcher", "web"):
        for text, flags, name in _kept(path):
            where.setdefault((text, flags), set()).add(path.name)
            ways.setdefault((text, flags), set()).update(named.get(name, WAYS))
    for path in sources("matcher", "web"):
        for text, flags, name in _written(ast.parse(path.read_text())):
            where.setdefault((text, flags), set()).add(path.name)
            if name in WAYS or (text, flags) not in ways:
                ways.setdefault((text, flags), set()).update({name} if name in WAYS else WAYS)
    return where, ways


def _ways() -> dict[str, set[str]]:
    """The name of a pattern → the ways in which the source uses it."""
    found: dict[str, set[str]] = {}
    for path in sources("matcher", "web"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in WAYS:
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                found.setdefault(owner, set()).add(node.attr)
    return {name: ways for name, ways in found.items() if name not in {"", "re"}}


def _written(tree: ast.AST) -> Iterator[tuple[str, int, str]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name) and node.args):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else "re"
        first = node.args[0]
        if (
            name in CALLS
            and owner in {"re", "validators"}
            and isinstance(first, ast.Constant)
            and isinstance(first.value, str)
        ):
            flags = [
                arg
                for arg in [*node.args[1:], *(k.value for k in node.keywords if k.arg == "flags")]
                if ast.unparse(arg).startswith("re.")
            ]
            yield first.value, int(eval(ast.unparse(flags[0]), {"re": re})) if flags else 0, name


def _kept(path: Path) -> Iterator[tuple[str, int, str]]:
    if ".migrations." in module_name(path) or path.name == "__main__.py":
        return
    module = import_module(module_name(path))
    for name, value in _values(module):
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            yield value.pattern, value.flags & ~re.UNICODE, name


def _values(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(module).items()):
        yield name, value
        if isinstance(value, type) and value.__module__ == module.__name__:
            yield from vars(value).items()
        if isinstance(value, dict | tuple | list):
            for one in value.values() if isinstance(value, dict) else value:
                yield from (("?", inner) for inner in (one if isinstance(one, tuple) else (one,)))


def pumps(pattern: str) -> list[str]:
    """What to repeat: usual letters, and the letters that the pattern names, alone and in pairs."""
    own = list(dict.fromkeys(re.sub(r"\\[a-zA-Z0-9]|[\[\]()|?*+^$.{}\\]", "", pattern)))[:12]
    classes = [
        letter
        for name, letter in (("\\d", "7"), ("\\w", "w"), ("\\s", "\t"), ("a-z", "m"), ("A-Z", "M"))
        if name in pattern
    ]
    pairs = [a + b for a in (*own[:5], *classes) for b in (*own[:5], *classes) if a != b]
    return list(dict.fromkeys((*own, *classes, *pairs, *USUAL)))


def slow(pattern: str, flags: int, ways: set[str], most: int) -> str | None:
    """What it takes too long for; None where nothing."""
    made = re.compile(pattern, flags)
    for pump in pumps(pattern)[:most]:
        for way in sorted(ways):
            for length in LENGTHS:
                text = pump * (length // len(pump)) + "\x01"
                spent = _milliseconds(made, way, text)
                if spent > MOST_MS and median([_milliseconds(made, way, text) for _ in range(3)]) > MOST_MS:
                    return f"{way} of {pump!r} × {length}: {spent:.0f} ms"
    return None


def _milliseconds(made: re.Pattern[str], way: str, text: str) -> float:
    began = time.process_time()
    if way in {"sub", "subn"}:
        made.sub("", text)
    elif way == "finditer":
        list(made.finditer(text))
    else:
        getattr(made, way)(text)
    return 1000 * (time.process_time() - began)


@pytest.mark.S16
def test_every_pattern_ends_in_time(trials: Trials, tried: Callable[[int], None]) -> None:
    (found, ways), most = patterns(), trials(10, 400)
    wrong = [
        f"{sorted(where)}: {key[0]!r}: {said}" for key, where in found.items() if (said := slow(*key, ways[key], most))
    ]
    assert not wrong, "\n".join(wrong)
    assert len(found) > 40
    tried(sum(len(ways[key]) * len(pumps(key[0])[:most]) for key in found))


@pytest.mark.S16
@pytest.mark.parametrize("pattern", [r"(a+)+$", r"^(\w+\s?)*$", r"\s+$"])
def test_a_pattern_that_goes_back_and_forth_would_be_found(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted holes; the first lengths are shorter, for these would take longer than the world has stood."""
    monkeypatch.setattr("tests.trust.hostile.test_patterns.LENGTHS", (20, 1_000, 9_000))
    assert slow(pattern, 0, {"search"}, 400)
