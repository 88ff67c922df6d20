"""The sheet of the security standard is whole and true: every id, and every test and heading that it names."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from tests.architecture.test_imports import ROOT

SHEET, PAGE = ROOT / "docs" / "asvs.csv", ROOT / "docs" / "asvs.md"
TEST, DOCUMENT, NOT_APPLICABLE, NOT_MET = "test", "document", "not applicable", "not met"
N_REQUIREMENTS = 345
FEWEST_WORDS, MOST_WORDS = 2, 8
# section of the standard (5.0.0) → the level of each of its requirements, in order
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
Row = dict[str, str]


def expected() -> dict[str, str]:
    """Every id of levels 1 and 2 → its level, in the standard's order."""
    every = {f"V{section}.{n}": level for section, levels in LEVELS.items() for n, level in enumerate(levels, 1)}
    assert len(every) == N_REQUIREMENTS
    return {name: level for name, level in every.items() if level in "12"}


def sheet() -> list[Row]:
    with SHEET.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def troubles(rows: Sequence[Row]) -> list[str]:
    """What is wrong with the sheet, a line each."""
    found = [
        f"{row.get('id')}: an empty cell" for row in rows if not all((value or "").strip() for value in row.values())
    ]
    listed = [(row["id"], row["level"]) for row in rows]
    if listed != list(expected().items()):
        found.append(
            f"ids or levels differ from the standard's: {set(listed) ^ set(expected().items()) or 'the order'}"
        )
    for row in rows:
        n_words = len((row["about"] or "").split())
        if not FEWEST_WORDS <= n_words <= MOST_WORDS:
            found.append(f"{row['id']}: {n_words} words on what it is about")
        found += [f"{row['id']}: {wrong}" for wrong in _wrong(row["state"], row["where"] or "")]
    return found


def _wrong(state: str, where: str) -> list[str]:
    if state == TEST:
        return [f"no test {name}" for name in where.split() if not is_test(name)]
    if state == DOCUMENT:
        return [f"no heading {name}" for name in where.split() if not is_heading(name)]
    if state not in (NOT_APPLICABLE, NOT_MET):
        return [f"no such state: {state!r}"]
    return [] if len(where.split()) >= 4 and "::" not in where else ["no reason"]


def is_test(name: str) -> bool:
    """Whether ``file::test`` is there; a file and a name are not enough, it has to be defined."""
    file, _, test = name.partition("::")
    path = ROOT / file
    return bool(test) and path.is_file() and re.search(rf"^def {re.escape(test)}\(", path.read_text(), re.M) is not None


def is_heading(name: str) -> bool:
    """Whether ``file#heading`` is there, the heading as links write it."""
    file, _, anchor = name.partition("#")
    path = ROOT / file
    return bool(anchor) and path.is_file() and anchor in anchors(path.read_text())


def anchors(text: str) -> set[str]:
    """The headings of a page as links write them."""
    said = (re.sub(r"[^\w\- ]", "", line.lower()).strip() for line in re.findall(r"^#{1,4} (.+)$", text, re.M))
    return {line.replace(" ", "-") for line in said}


def test_every_requirement_has_a_test_a_document_or_a_reason() -> None:
    assert troubles(sheet()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.pop(7), "differ from the standard's"),
        (lambda rows: rows[3].update(where=" "), "an empty cell"),
        (lambda rows: rows[0].update(state=TEST, where="tests/docs/test_asvs.py::test_that_is_not_there"), "no test"),
        (lambda rows: rows[0].update(state=TEST, where="tests/docs/test_asvs.py"), "no test"),
        (lambda rows: rows[0].update(state=DOCUMENT, where="docs/running.md#no-such-heading"), "no heading"),
        (lambda rows: rows[0].update(state="partly", where="so and so and so on"), "no such state"),
        (lambda rows: rows[0].update(state=NOT_MET, where="soon"), "no reason"),
        (lambda rows: rows[0].update(level="2 "), "differ from the standard's"),
    ],
)
def test_what_is_wrong_in_the_sheet_is_found(change: Callable[[list[Row]], object], said: str) -> None:
    """The planted holes: one thing at a time is wrong."""
    rows = sheet()
    before = set(troubles(rows))
    change(rows)
    new = set(troubles(rows)) - before
    assert len(new) == 1 and said in new.pop()


def test_what_is_not_met_stands_on_top_of_the_page_with_true_counts() -> None:
    rows, page = sheet(), PAGE.read_text()
    unmet = [f"| {row['id']} | {row['about']} | {row['where']} |" for row in rows if row["state"] == NOT_MET]
    above = page.split("## All of them")[0].splitlines()
    assert [line for line in above if line.startswith("| V")] == unmet
    counts = Counter((row["state"], row["level"]) for row in rows)
    shown = [
        tuple(map(int, re.findall(r"\d+", line.split("|", 2)[2])))
        for line in above
        if re.match(r"\| (\*\*)?(met|not)", line)
    ]
    states = (TEST, DOCUMENT, NOT_APPLICABLE, NOT_MET)
    assert shown == [(counts[s, "1"], counts[s, "2"], counts[s, "1"] + counts[s, "2"]) for s in states]
    assert f"**{len(rows)}**" in page
