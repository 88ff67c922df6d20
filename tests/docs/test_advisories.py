"""Every test that the documents on safety name is there, and every advisory names one."""

from __future__ import annotations

import re

import pytest

from tests.architecture.test_imports import ROOT
from tests.docs.test_asvs import is_test

PAGES = ("advisories.md", "privacy-notice.md", "security.md", "threat-model.md")
ADVISORIES = ROOT / "docs" / "advisories.md"


@pytest.mark.parametrize("document", PAGES)
def test_tests_that_are_named_are_there(document: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / document).read_text())
    missing = [(file, name) for file, name in named if not (is_test(f"{file}::{name}") if name else is_there(file))]
    assert not missing, f"docs/{document} names what is not there: {missing}"


def test_files_that_are_named_are_there() -> None:
    for page in PAGES:
        named = re.findall(r"`((?:web|matcher|templates)/[\w/]+\.\w+)`", (ROOT / "docs" / page).read_text())
        assert all(is_there(file) for file in named), page


def is_there(file: str) -> bool:
    return (ROOT / file).is_file()


def test_each_advisory_has_a_number_of_its_own_a_day_and_a_test() -> None:
    _, *told = re.split(r"^### ", ADVISORIES.read_text(), flags=re.M)
    numbers = [one.split(":")[0] for one in told]
    assert sorted(numbers) == [f"2026-{n:02d}" for n in range(1, len(told) + 1)]
    for one in told:
        assert re.search(r"^\d{1,2} \w+ 2026, since \d{1,2} \w+\.", one, re.M), one
        assert "Mended:" in one.replace("Mended for", "Mended:") and re.search(r"Tests?:", one), one
        assert re.search(r"`tests/[\w/]+\.py", one), one
