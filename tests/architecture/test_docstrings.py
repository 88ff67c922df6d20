"""What `matcher` exports keeps the docstring contract: sections, every parameter named, examples that run."""

from __future__ import annotations

import doctest
import inspect
import re
from typing import Any

import pytest

import matcher

EXPORTED = sorted(name for name in matcher.__all__ if callable(getattr(matcher, name)))
DOCTESTS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def section(doc: str, title: str) -> str:
    """The body of a numpydoc section, empty where there is none."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-{{3,}}\n|\Z)", doc, re.M | re.S)
    return found[1] if found else ""


def named(body: str) -> set[str]:
    entries = re.findall(r"^([\w*, ]+?) ?(?::|$)", body, re.M)
    return {name.strip().lstrip("*") for entry in entries for name in entry.split(",")}


def parameters(thing: Any) -> set[str]:
    return {name for name in inspect.signature(thing).parameters if name not in {"self", "cls"}}


@pytest.mark.parametrize("name", EXPORTED)
def test_docstring_keeps_the_contract(name: str) -> None:
    thing = getattr(matcher, name)
    doc = inspect.getdoc(thing) or ""
    said, real = named(section(doc, "Parameters")), parameters(thing)
    assert real <= said, f"matcher.{name}: the docstring does not name {sorted(real - said)}"
    assert said <= real, f"matcher.{name}: the docstring names {sorted(said - real)}, which is not there"
    assert ">>>" in section(doc, "Examples"), f"matcher.{name}: no example that runs"
    if inspect.isfunction(thing):
        assert section(doc, "Returns").strip(), f"matcher.{name}: does not say what it returns"


@pytest.mark.parametrize("name", EXPORTED)
def test_examples_run(name: str) -> None:
    thing = getattr(matcher, name)
    for test in doctest.DocTestFinder(recurse=inspect.isclass(thing)).find(thing, name, globs={}):
        result = doctest.DocTestRunner(optionflags=DOCTESTS).run(test)
        assert result.failed == 0, f"{test.name}: {result.failed} of {result.attempted} examples fail"
