"""No table that leaves the house holds a formula, whichever writes it; and every text in it comes back as it was."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import web
from tests.web.exchange.test_protection import AFTER, BEFORE, STARTS, dangerous
from web.db.queries import reach
from web.db.tables import ClientRow, IntakeRow
from web.exchange import audit_files, packing, writing
from web.exchange.audit_files import Event
from web.exchange.frames.assignments import write_assignment
from web.exchange.frames.predictions import IDS, PREDICTIONS, writing_predictions
from web.exchange.problems import Unreadable
from web.exchange.sheet import forms, lists, protection
from web.exchange.sheet.columns import KINDS, Column, Kind
from web.services import my_data

Trials = Callable[[int, int], int]
TEXTUAL = (forms.ID, forms.IDS, forms.LINE, forms.TEXT, forms.TEXTS, forms.FEATURES)
WRITERS = frozenset({"csv.writer", "csv.DictWriter", "quoting.writer"})
LISTS = (forms.IDS, forms.TEXTS)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Export:
    """Tables as they are written, with one text in all of their columns of text.

    ``write`` gives for each table its name and what was written; ``back`` what a cell of a column holds once the
    protection is taken away.
    """

    columns: frozenset[str]
    write: Callable[[str], Iterator[tuple[str, str]]]
    back: Callable[[str, str], Any] = lambda column, cell: cell


def _sheet(kind: Kind) -> Export:
    """A file of a kind as ``rapport export`` writes it."""
    columns = {column.name: column for column in kind.columns if column.form in TEXTUAL}

    def write(text: str) -> Iterator[tuple[str, str]]:
        document: dict[str, Any] = {}
        for column in columns.values():
            assert len(column.path) == 1
            document[column.path[0]] = _value(column, text)
        stream = io.StringIO(newline="")
        writing._write(stream, replace(kind, document=lambda entity: entity), [document])
        yield "", stream.getvalue()

    return Export(frozenset(columns), write, lambda name, cell: _items(columns[name], cell))


def _value(column: Column, text: str) -> Any:
    return [text] if column.form in LISTS else {text: "x"} if column.form is forms.FEATURES else text


def _items(column: Column, cell: str) -> str:
    if column.form in LISTS:
        return lists.split(cell, lists.ANY if column.form is forms.IDS else lists.BAR)[0]
    return cell.removesuffix("=x") if column.form is forms.FEATURES else cell


def _predictions(folder: Path) -> Export:
    def write(text: str) -> Iterator[tuple[str, str]]:
        with writing_predictions(folder / "p.csv") as rows:
            rows({name: np.array([text if name in IDS else 0.5]) for name in PREDICTIONS})
        yield "", _read(folder / "p.csv")

    return Export(frozenset(IDS), write)


def _assignment(folder: Path) -> Export:
    def write(text: str) -> Iterator[tuple[str, str]]:
        write_assignment(folder / "a.csv", [(text, text, 0.5, text)])
        yield "", _read(folder / "a.csv")

    return Export(frozenset({"client_id", "therapist_id", "reason"}), write)


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def _taken_along() -> Export:
    """Every column that a client takes along, of every table that belongs to them; in each a text, and a document."""
    kinds = {step.kind for root in (ClientRow, IntakeRow) for step in reach.steps(root)}
    told = {kind.__tablename__: names for kind in kinds if (names := my_data.columns_told(kind))}

    def write(text: str) -> Iterator[tuple[str, str]]:
        for is_document in (False, True):
            rows = {table: [dict.fromkeys(names, [text] if is_document else text)] for table, names in told.items()}
            packed = zipfile.ZipFile(io.BytesIO(packing.as_tables({"rows": rows})[0]))
            yield from ((f"{table}.", packed.read(f"{table}.csv").decode()) for table in told)

    def back(column: str, cell: str) -> str:
        return str(json.loads(cell)[0]) if cell.startswith('["') and cell.endswith('"]') else cell

    return Export(frozenset(f"{table}.{name}" for table, names in told.items() for name in names), write, back)


def _trail() -> Export:
    columns = frozenset({"actor", "action", "subject", "details", "key"})

    def write(text: str) -> Iterator[tuple[str, str]]:
        said: dict[str, Any] = dict.fromkeys(columns, text) | {"details": {"x": text}}
        yield "", "".join(audit_files.csv_lines([Event(sequence=1, at=NOW, **said)]))

    return Export(columns, write, lambda column, cell: json.loads(cell)["x"] if column == "details" else cell)


# where the source writes a table → how its tables are made here, or why nothing of anybody's stands in them
def exports(folder: Path) -> dict[str, dict[str, Export] | str]:
    return {
        "exchange/writing.py: _write": {name: _sheet(kind) for name, kind in KINDS.items()},
        "exchange/writing.py: template": "examples of ours, which are looked at below",
        "exchange/frames/predictions.py: _csv": {"predictions": _predictions(folder)},
        "exchange/frames/assignments.py: _csv": {"assignments": _assignment(folder)},
        "exchange/sheet/quoting.py: writer": "whose callers stand here themselves",
        "exchange/packing.py: _table": {"everything": _taken_along()},
        "exchange/audit_files.py: _row": {"the trail": _trail()},
        "services/simulation_files.py: _write_table": "keys and figures that the simulation makes up itself",
    }


def written_by_source() -> set[str]:
    """``file: function`` wherever the source makes a table of text."""
    root, found = Path(web.__file__).parent, set()
    for path in [path for path in root.rglob("*.py") if re.search(r"csv|quoting", path.read_text())]:
        for function in [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]:
            calls = {ast.unparse(n.func) for n in ast.walk(function) if isinstance(n, ast.Call)}
            if any(name in WRITERS or name.endswith(".to_csv") for name in calls):
                found.add(f"{path.relative_to(root).as_posix()}: {function.name}")
    return found


def test_every_table_that_the_source_writes_is_put_to_the_test(tmp_path: Path) -> None:
    """A new export has to be listed here, with its columns of text or the reason why it has none."""
    assert written_by_source() == exports(tmp_path).keys()


def texts(n: int) -> Iterator[str]:
    """Each start of a formula, behind what may stand before it and before what may stand behind it."""
    for before, start, after in product(BEFORE, STARTS, AFTER[:n]):
        yield before + start + after


@pytest.mark.S11
def test_no_cell_of_any_export_is_a_formula_and_every_text_comes_back(
    tmp_path: Path, trials: Trials, tried: Callable[[int], None]
) -> None:
    found, cases = formulas(exports(tmp_path), trials(1, len(AFTER)))
    assert not found, "\n".join(found[:6])
    assert cases > 7 * 150
    tried(cases)


def formulas(all_of: Mapping[str, dict[str, Export] | str], n: int) -> tuple[list[str], int]:
    """(what a spreadsheet would run, or what did not come back; cases)."""
    wrong, cases = [], 0
    made = [item for found in all_of.values() if isinstance(found, dict) for item in found.items()]
    for (name, export), text in product(made, [text for text in texts(n) if text.strip("\ufeff \u00a0\t\r\n")]):
        met = set()
        for table, written in export.write(text):
            header, cells = csv.reader(io.StringIO(written, newline=""))
            for column, cell in zip(header, cells, strict=True):
                amiss = any(dangerous(part, mark) for part in (column, cell) for mark in ",;")
                if table + column in export.columns:
                    met.add(table + column)
                    amiss = amiss or export.back(column, protection.restore(cell)) not in {text, text.strip()}
                wrong += [f"{name}, {table}{column}: {text!r} is written as {cell!r}"] if amiss else []
            cases += len(header)
        assert met == export.columns
    return wrong, cases


@pytest.mark.S11
def test_what_holds_no_text_of_anybody_takes_none(tried: Callable[[int], None]) -> None:
    """A code, a figure or a moment that begins a formula is refused where it is read; no example of ours begins one."""
    cases = 0
    for kind in KINDS.values():
        for column in [column for column in kind.columns if column.form not in TEXTUAL]:
            for start in STARTS:
                with pytest.raises(Unreadable):
                    column.form.read(f"{start}cmd|' /C calc'!A0")
                cases += 1
        cells = [cell for row in csv.reader(io.StringIO(writing.template(kind.name))) for cell in row]
        assert not [cell for cell in cells if dangerous(cell, ",") and not cell.removeprefix("-").isdecimal()]
    tried(cases)


@pytest.mark.S11
def test_a_table_that_is_written_as_it_is_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted holes: one after the other the places that write no longer protect."""
    for module, where in ((packing, "exchange/packing.py: _table"), (audit_files, "exchange/audit_files.py: _row")):
        with monkeypatch.context() as patch:
            patch.setattr(module, "protect", lambda text: text)
            assert formulas({where: exports(tmp_path)[where]}, 1)[0]
