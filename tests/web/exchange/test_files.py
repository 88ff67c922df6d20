"""Whole files in every shape that programs make of them: encodings, delimiters, line ends, headers, limits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_therapist
from web.exchange import reading as module
from web.exchange.reading import read_clients, read_therapists
from web.exchange.sheet import decoding, records
from web.exchange.writing import template, write_therapists

HEADER = "therapist_id,name,profession,licence_regions,concerns,languages,formats,capacity,statement"
ROW = "t1,Zoë Müller,psychologist,DE,grief:2,de,online,1,"
ZOE = "Zoë Müller"


def file(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join([header, *rows, ""])


def codes(found: Any) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in found]


def quoted(row: str) -> str:
    return ",".join(f'"{cell}"' for cell in row.split(","))


READABLE = {
    "UTF-8": (file(ROW).encode(), set()),
    "UTF-8 with its mark": (file(ROW).encode("utf-8-sig"), set()),
    "UTF-16, little end first": (b"\xff\xfe" + file(ROW).encode("utf-16-le"), {"encoding"}),
    "UTF-16, big end first": (b"\xfe\xff" + file(ROW).encode("utf-16-be"), {"encoding"}),
    "Latin-1": (file(ROW).encode("latin-1"), {"encoding"}),
    "Windows-1252": (file(ROW + "“quoted”").encode("cp1252"), {"encoding"}),
    "semicolons": (file(ROW, ).replace(",", ";").encode(), set()),
    "tabs": (file(ROW).replace(",", "\t").encode(), set()),
    "sep= line": (("sep=;\r\n" + file(ROW).replace(",", ";")).encode(), set()),
    "sep= line with a tab": (("\ufeff\"sep=\t\"\n" + file(ROW).replace(",", "\t")).encode(), set()),
    "CRLF": (file(ROW, end="\r\n").encode(), set()),
    "CR": (file(ROW, end="\r").encode(), set()),
    "no line end at the end": (file(ROW).rstrip("\n").encode(), set()),
    "blank lines": (("\n\n" + HEADER + "\n\n" + ROW + "\n\n,,,,,,,,\n   \n").encode(), set()),
    "trailing delimiters": (file(ROW + ",,,", header=HEADER + ",,,").encode(), set()),
    "more trailing delimiters in a row": (file(ROW + ",,,").encode(), set()),
    "header in capitals and with spaces": (
        file(ROW, header=HEADER.upper().replace("_", " ")).encode(),
        {"header_spelling"},
    ),
    "id as a short name": (file(ROW, header=HEADER.replace("therapist_id", "id")).encode(), {"header_spelling"}),
    "quoted throughout": (file(quoted(ROW), header=quoted(HEADER)).encode(), set()),
}  # fmt: skip


@pytest.mark.S12
@pytest.mark.parametrize("shape", READABLE)
def test_shapes_that_are_read(shape: str, tried: Callable[[int], None]) -> None:
    source, notes = READABLE[shape]
    reading = read_therapists(source)
    assert [problem.say() for problem in reading.problems] == []
    assert [therapist.name for therapist in reading.entities] == [ZOE]
    assert {note.code for note in reading.notes} == notes
    tried(1)


def test_a_note_on_windows_1252_shows_a_word_to_look_at() -> None:
    (note,) = read_therapists(file(ROW).encode("latin-1")).notes
    assert note.value == "'Zoë'" and "Windows-1252" in note.mend


def test_one_broken_byte_among_valid_letters_is_one_problem_not_another_encoding() -> None:
    second = ROW.replace("t1", "t2").encode() + b"na\xefve\n"
    reading = read_therapists(file(ROW).encode() + second)
    assert codes(reading.problems) == [(3, "statement", "broken_bytes")]
    assert [therapist.name for therapist in reading.entities] == [ZOE] and not reading.notes


REFUSED = {
    "empty": (b"", "empty"),
    "only a mark": (b"\xef\xbb\xbf", "empty"),
    "only blank lines": (b"\n\r\n  \n", "empty"),
    "only sep=": (b"sep=;\n", "empty"),
    "two thousand blank lines": (b"\n" * 2_000 + file(ROW).encode(), "empty"),
    "no header": (file(ROW, header=ROW).encode(), "no_header"),
    "a title above the header": (("Our therapists,,,\n" + file(ROW)).encode(), "no_header"),
    "every row in one cell": ((f'"{HEADER}"\n"{ROW}"\n').encode(), "no_header"),
    "bars as delimiters": (file(ROW).replace(",", "|").encode(), "delimiter"),
    "an Excel workbook": (b"PK\x03\x04" + bytes(200), "not_csv"),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(200), "not_csv"),
    "a PDF": (b"%PDF-1.7\n", "not_csv"),
    "Parquet": (b"PAR1" + bytes(200), "not_csv"),
    "gzip": (b"\x1f\x8b\x08" + bytes(200), "not_csv"),
    "a web page": (b"\n<!doctype html><table>", "not_csv"),
    "JSON": (b'{"therapists": []}', "not_csv"),
    "UTF-16 without its mark": (file(ROW).encode("utf-16-le"), "not_csv"),
    "100,000 columns": ((",".join(["capacity"] * 100_000) + "\n").encode(), "too_many_columns"),
    "a header of a megabyte": (b"therapist_id," * 100_000, "line_too_long"),
    "a line of a megabyte": ((HEADER + "\n" + "a" * 1_100_000).encode(), "line_too_long"),
    "an unclosed quotation mark in the header": (('"' + file(ROW)).encode(), "unclosed_quote"),
}


@pytest.mark.S12
@pytest.mark.parametrize("shape", REFUSED)
def test_shapes_that_are_refused_by_name(shape: str, tried: Callable[[int], None]) -> None:
    source, code = REFUSED[shape]
    reading = read_therapists(source)
    assert [problem.code for problem in reading.problems] == [code]
    assert reading.problems[0].mend and not reading.rows and not reading.ok
    tried(1)


def test_a_file_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, Path("/dev/zero"), ""):
        assert codes(read_therapists(path).problems) == [(None, "", "no_file")]


@pytest.mark.S12
def test_a_file_of_a_gigabyte_is_refused_unread(tmp_path: Path, tried: Callable[[int], None]) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(1_000_000_000)  # sparse: it takes no room
    assert codes(read_therapists(path).problems) == [(None, "", "file_too_large")]
    tried(1)


HEADERS = {
    "unknown column": (HEADER + ",favourite_colour", ["unknown_column"]),
    "misspelt column": (HEADER + ",modalites", ["unknown_column"]),
    "a column of another file": (HEADER + ",at_risk", ["unknown_column"]),
    "column twice": (HEADER + ",capacity", ["repeated_column"]),
    "column without a name": (HEADER + ",,style_lead", ["unnamed_column"]),
    "required column missing": (HEADER.replace("capacity", "years"), ["missing_column"]),
}


@pytest.mark.parametrize("shape", HEADERS)
def test_headers_with_a_problem(shape: str) -> None:
    header, expected = HEADERS[shape]
    row = ROW + "," * (header.count(",") - HEADER.count(","))
    reading = read_therapists(file(row, header=header).encode())
    assert [(problem.row, problem.code) for problem in reading.problems] == [(1, code) for code in expected]


def test_unknown_columns_are_told_what_was_meant() -> None:
    found = read_therapists(file(ROW + ",,", header=HEADER + ",modalites,at_risk").encode()).problems
    assert [problem.mend for problem in found] == [
        "no such column; did you mean 'modalities'?",
        "no such column; it belongs into clients",
    ]


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    source = file('t1,"One\nline",psychologist,DE,,de,online,1,"a\nb\nc"', "", "t2,Two,psychologist,DE,,de,online,x,")
    assert codes(read_therapists(source.encode()).problems) == [
        (2, "name", "control_character"),
        (4, "capacity", "not_a_number"),
    ]


def test_a_broken_quotation_mark_costs_its_own_row_alone() -> None:
    good = 't{},Name,psychologist,DE,grief:2,de,online,1,"a, b"'
    rows = [good.format(k) for k in range(2, 8)]
    rows[1] = 't3,"Name,psychologist,DE,grief:2,de,online,1,'
    rows[3] = 't5,Name,psychologist,DE,grief:2,de,online,1,"a "b" c"'
    rows[5] = 't7,Name,psychologist,DE,grief:2,de,online,1,"never closed'
    reading = read_therapists(file(*rows).encode())
    assert codes(reading.problems) == [
        (3, "name", "unclosed_quote"),
        (5, "statement", "stray_quote"),
        (7, "statement", "unclosed_quote"),
    ]
    assert [therapist.id for therapist in reading.entities] == ["t2", "t4", "t6"]


def test_a_broken_quotation_mark_does_not_hide_a_file_of_short_rows() -> None:
    reading = read_therapists(file('"never closed', *["a,b"] * 150).encode())
    found = [problem.code for problem in reading.problems]
    assert found == ["unclosed_quote"] + ["too_few_cells"] * (150 - records.MAX_FRAGMENTS)


def test_endless_broken_quotation_marks_end_the_reading() -> None:
    reading = read_therapists(file(*['t,"x"y,'] * 5_000).encode())
    assert len(reading.problems) == records.MAX_BROKEN + 1
    assert reading.problems[-1].code == "too_many_broken"


def test_problems_are_bounded_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.exchange.report.MAX_PROBLEMS", 10)
    reading = read_therapists(file(*[f"t{k},?,psychologist,DE,,de,online,1," for k in range(25)]).encode())
    assert (len(reading.problems), reading.more_problems, reading.counts["problems"]) == (10, 15, 25)


def test_a_flood_of_problems_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.exchange.report.MAX_PROBLEMS", 10)
    monkeypatch.setattr(module, "MAX_MORE", 20)
    reading = read_therapists(file(*[f"t{k},?,psychologist,DE,,de,online,1," for k in range(100)]).encode())
    assert reading.problems[-1].code == "too_many_problems" and "from row 33" in reading.problems[-1].mend
    assert reading.counts["problems"] == 10 + 20 + 1 + 1  # those kept, those counted, one too many, the end itself


def test_rows_and_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 2)
    assert [p.code for p in read_clients(b"client_id,concerns\n1,grief\n2,grief\n3,grief\n").problems] == [
        "too_many_rows"
    ]
    monkeypatch.setattr(decoding, "MAX_BYTES", 10)
    assert [p.code for p in read_clients(b"client_id,concerns\n").problems] == ["file_too_large"]


def test_all_problems_of_a_row_are_found_at_once() -> None:
    row = "t1,,plumber,Germany,anxeity:2|grief,de|de,zoom,x,"
    found = {problem.column for problem in read_therapists(file(row).encode()).problems}
    assert found == set(HEADER.split(",")) - {"therapist_id", "statement"}


def test_a_column_that_is_missing_is_one_problem_not_one_a_row() -> None:
    header, row = HEADER.replace("capacity,", ""), ROW.replace("1,", "", 1).replace("online,", "online,", 1)
    reading = read_therapists(file(*[f"t{k},A,psychologist,DE,,de,online," for k in range(5)], header=header).encode())
    assert codes(reading.problems) == [(1, "capacity", "missing_column")] and not reading.rows, row


def test_what_was_exported_is_no_formula(tmp_path: Path) -> None:
    write_therapists(tmp_path / "t.csv", [a_therapist(statement="=HYPERLINK(1)", name="@SUM(A1)")])
    assert ",'=HYPERLINK(1)," in (tmp_path / "t.csv").read_text()
    assert ",'@SUM(A1)," in (tmp_path / "t.csv").read_text()


def test_a_fee_that_was_hardly_given_in_cents_is_worth_a_note() -> None:
    header = "client_id,concerns,max_fee_cents"
    reading = read_clients(file("c1,grief,60", "c2,grief,0", "c3,grief,500", "c4,grief,499", header=header).encode())
    assert reading.ok and [intake.max_fee_cents for intake in reading.entities] == [60, 0, 500, 499]
    (note,) = reading.notes
    assert (note.row, note.column, note.code) == (2, "max_fee_cents", "low_fee")
    assert "0.60" in note.mend and "6000" in note.mend and "(2 cells)" in note.mend


def test_reading_needs_no_database_and_no_web_framework() -> None:
    import subprocess

    code = "import sys, web.exchange.reading, web.exchange.writing, web.exchange.documents; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"flask", "sqlalchemy", "sklearn", "scipy", "pandas"} & set(loaded)


def test_the_template_of_an_unknown_kind() -> None:
    with pytest.raises(KeyError):
        template("people")
