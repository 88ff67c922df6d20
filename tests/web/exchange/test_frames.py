"""Tables of ids and covariates: what they are read as, and that whatever cannot be taken is named by its place."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from web.exchange.frames import (
    CLIENTS,
    PAIRS,
    PREDICTIONS,
    RATINGS,
    THERAPISTS,
    BadFrame,
    Frame,
    chunks,
    csv_chunks,
    parquet_chunks,
    read_blocks,
    read_frame,
    writing_predictions,
)
from web.exchange.frames.kinds import NUMBER, TEXT, Kind

NAN = float("nan")


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Frame]:
    """Read a table from the text or the bytes of a CSV file, or from the columns of a Parquet file."""

    def reading(content: Any, kind: Kind = RATINGS, **more: Any) -> Frame:
        path = tmp_path / ("table.parquet" if isinstance(content, pa.Table) else "table.csv")
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_frame(path, kind, **more)

    return reading


def lists(frame: Frame) -> dict[str, list[Any]]:
    """Columns as lists, NaN as None so that lists can be compared."""
    return {n: [None if v != v else v for v in values.tolist()] for n, values in frame.columns.items()}


def test_ids_are_text_empty_is_missing_and_covariates_are_numbers_or_text(read: Callable[..., Frame]) -> None:
    text = (
        "\ufeffclient_id,therapist_id,score,session,weight,rated_at,fit,room,nothing\r\n"
        '007,1.0,0.5,1,2,2026-03-02,-1e-3,7,\r\n\r\n 7 ,"a,b",,,1,,,A ,\r\n,,,,,,,,\r\n'
        "008,t,1,3,0.5,2026-03-02T18:30:00Z,2,,\r\n"
    )
    frame = read(text)
    assert lists(frame) == {
        "client_id": ["007", "7", "008"],
        "therapist_id": ["1.0", "a,b", "t"],
        "score": [0.5, None, 1.0],
        "session": [1.0, None, 3.0],
        "weight": [2.0, 1.0, 0.5],
        "rated_at": ["2026-03-02", "", "2026-03-02T18:30:00Z"],
        "fit": [-0.001, None, 2.0],
        "room": ["7", "A", ""],
        "nothing": [None, None, None],
    }
    assert frame.rows.tolist() == [2, 4, 6]  # a spreadsheet shows the blank rows 3 and 5
    assert frame.columns["fit"].dtype == np.float64 and frame.columns["room"].dtype == object


WORDS = {
    "underscores": (["1_000", "2"], ["1_000", "2"]),
    "other digits": (["١", "2"], ["١", "2"]),
    "none and numbers in text": (["none", "3", "some"], ["none", "3", "some"]),
    "placeholders alone": (["none", "-"], ["none", "-"]),
    "nan in text": (["nan", "warm", ""], ["nan", "warm", ""]),
    "signs and powers": (["+1", "-.5", "2E3"], [1.0, -0.5, 2000.0]),
    "commas": (["0,5", "1"], ["0,5", "1"]),
}


@pytest.mark.parametrize("shape", WORDS)
def test_what_is_a_number(shape: str, read: Callable[..., Frame]) -> None:
    cells, expected = WORDS[shape]
    rows = "".join(f'{k},"{cell}"\n' for k, cell in enumerate(cells))
    assert lists(read(f"client_id,x\n{rows}", CLIENTS))["x"] == expected


def test_a_column_is_decided_by_all_its_rows(read: Callable[..., Frame], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_chunks, "ROWS", 2)
    frame = read("client_id,x,y\na,01,1\nb,2,\nc,3,3\nd,4,4\ne,no,5\n", CLIENTS)
    assert lists(frame)["x"] == ["01", "2", "3", "4", "no"] and lists(frame)["y"] == [1, None, 3, 4, 5]
    assert frame.rows.tolist() == [2, 3, 4, 5, 6]


def test_a_grouping_keeps_its_zeros(read: Callable[..., Frame]) -> None:
    frame = read("client_id,dept,age\na,007,1\nb,7,2\n", CLIENTS, text={"dept"})
    assert lists(frame)["dept"] == ["007", "7"] and lists(frame)["age"] == [1.0, 2.0]


def test_a_model_takes_its_own_columns_as_it_knows_them(read: Callable[..., Frame]) -> None:
    text = "client_id,level,age,other\na,07,,NaN\nb,x,3,1e999\n"
    frame = read(text, CLIENTS, wanted={"level": TEXT, "age": NUMBER, "absent": NUMBER})
    assert lists(frame) == {"client_id": ["a", "b"], "level": ["07", "x"], "age": [None, 3.0]}
    with pytest.raises(BadFrame, match="row 3, column level: 'x': expected a number"):
        read(text, CLIENTS, wanted={"level": NUMBER})


HEAD = "client_id,therapist_id,score,x\n"
GOOD = HEAD + "a,b,1,1\n"
REFUSED: dict[str, tuple[str | bytes, Kind, str]] = {
    "empty": ("", RATINGS, "table.csv: the file is empty; its first row must name"),
    "blank": ("\n \n,,\n", RATINGS, "table.csv: the file is empty"),
    "NaN": (GOOD + "a,b,1,NaN\n", RATINGS, "table.csv: row 3, column x: 'NaN': only finite numbers"),
    "NaN before any number": (HEAD + "a,b,1,NaN\na,b,1,1\n", RATINGS, "row 2, column x: 'NaN': only finite"),
    "NaN alone": (HEAD + "a,b,1,NaN\n", RATINGS, "row 2, column x: 'NaN': only finite"),
    "infinity": (GOOD + "a,b,1,-Infinity\n", RATINGS, "row 3, column x: '-Infinity': only finite"),
    "infinite score": (GOOD + "a,b,inf,1\n", RATINGS, "row 3, column score: 'inf': only finite"),
    "huge": (GOOD + "a,b,1,1e101\n", RATINGS, "row 3, column x: '1e101': only finite numbers up to 1e[+]100"),
    "a number of 5,000 digits": (GOOD + f"a,b,1,{'9' * 5000}\n", RATINGS, r"row 3, column x: '9{59}… .*only finite"),
    "huge score": (GOOD + "a,b,1e13,1\n", RATINGS, "row 3, column score: '1e[+]13': expected a score"),
    "placeholder": (GOOD + "a,b,1,N/A\na,b,1,-\n", RATINGS, "row 3, column x: 'N/A': leave the cell empty"),
    "text as score": (GOOD + "a,b,good,1\n", RATINGS, "row 3, column score: 'good': expected a number such as"),
    "comma in score": (GOOD + 'a,b,"0,5",1\n', RATINGS, "row 3, column score: '0,5': expected a number such as 0.8"),
    "column twice": (HEAD.replace("x", "score"), RATINGS, "row 1, column score: 'score': .* 2 times; keep one"),
    "column without a name": ("," + GOOD, RATINGS, "row 1: '': column 1 has no name"),
    "column missing": (GOOD.replace("score", "points"), RATINGS, r"row 1, column score: .*\(there are client_id, "),
    "column misspelt": (GOOD.replace("client_id", "Client ID"), RATINGS, "column client_id: .*rename 'Client ID'"),
    "short row": (GOOD + "a,b,1\n", RATINGS, "row 3: '3 cells': the header has 4 cells"),
    "long row": (GOOD + "\na,b,1,1,1\n", RATINGS, "row 4: '5 cells': the header has 4 cells"),
    "NUL": (GOOD + "a,b\0,1,1\n", RATINGS, r"row 3, column therapist_id: 'b\\x00': the sign U\+0000"),
    "NUL in the header": (GOOD.replace("x", "x\0"), RATINGS, r"row 1: 'x\\x00': the sign U\+0000"),
    "reversed writing": (GOOD + "a\u202eb,b,1,1\n", RATINGS, r"column client_id: .*U\+202E"),
    "Latin-1": ((GOOD + "Zoë,b,1,1\n").encode("latin-1"), RATINGS, "row 3, column client_id: .*no text in UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), RATINGS, "table.csv: this is UTF-16"),
    "UTF-16 without its mark": (GOOD.encode("utf-16-le"), RATINGS, "full of zero bytes"),
    "Parquet as CSV": (b"PAR1" + bytes(9), RATINGS, "give the file the suffix .parquet"),
    "a workbook": (b"PK\x03\x04" + bytes(9), RATINGS, "zip file or an Excel workbook"),
    "semicolons": (GOOD.replace(",", ";"), RATINGS, "separated by semicolons"),
    "tabs, one required column": ("client_id\tage\na\t1\n", CLIENTS, "separated by tabs"),
    "open quotation mark": (GOOD + 'a,"b,1,1\n', RATINGS, "row 3: .*never closed"),
    "a line of a megabyte": (GOOD + "a" * 1_100_000, RATINGS, "more than 1,000,000 characters"),
    "1,001 columns": ("client_id," + ",".join(f"x{k}" for k in range(1_000)) + "\n", CLIENTS, "at most 1,000 columns"),
    "session 0": ("client_id,therapist_id,score,session\na,b,1,0\n", RATINGS, "column session: '0': sessions are"),
    "half a session": ("client_id,therapist_id,score,session\na,b,1,1.5\n", RATINGS, "column session: '1.5'"),
    "negative weight": ("client_id,therapist_id,score,weight\na,b,1,-1\n", RATINGS, "column weight: '-1': expected a"),
    "no weight": ("client_id,therapist_id,score,weight\na,b,1,\n", RATINGS, "row 2, column weight: '': expected a"),
    "no moment": ("client_id,therapist_id,score,rated_at\na,b,1,2.3.26\n", RATINGS, "column rated_at: '2.3.26'"),
    "no such day": ("client_id,therapist_id,score,rated_at\na,b,1,2026-02-30\n", RATINGS, "no such day"),
    "client twice": ("client_id\na\nb\na\n", CLIENTS, "row 4, column client_id: 'a': .* row 2 already"),
    "therapist without id": ("therapist_id,x\na,1\n,2\n", THERAPISTS, "row 3, column therapist_id: '': every row"),
    "pair without id": ("client_id,therapist_id\na,\n", PAIRS, "row 2, column therapist_id: '': every row"),
}  # fmt: skip


@pytest.mark.S12
@pytest.mark.parametrize("shape", REFUSED)
def test_what_cannot_be_taken_is_named(shape: str, read: Callable[..., Frame], tried: Callable[[int], None]) -> None:
    content, kind, said = REFUSED[shape]
    with pytest.raises(BadFrame, match=said) as refused:
        read(content, kind)
    assert str(refused.value).startswith("table.csv: ") and "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400
    tried(1)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, tmp_path / "none.parquet", Path("/dev/zero")):
        with pytest.raises(BadFrame, match="there is no such file"):
            read_frame(path, RATINGS)


def test_a_header_alone_is_a_table_without_rows(read: Callable[..., Frame]) -> None:
    assert lists(read("client_id,x\n", CLIENTS)) == {"client_id": [], "x": []}
    assert lists(read(pa.table({"client_id": pa.array([], pa.string())}), CLIENTS)) == {"client_id": []}


def test_parquet_is_read_as_the_same_csv(read: Callable[..., Frame]) -> None:
    table = pa.table(
        {
            "client_id": pa.array([7, 9007199254740993, None]),
            "therapist_id": pa.array(["007", " b ", "c"]).dictionary_encode(),
            "score": pa.array([1, 2, None], pa.int8()),
            "rated_at": pa.array([0, None, 1_772_476_200], pa.timestamp("s", "UTC")),
            "session": pa.array(["1", "2", None]),
            "fit": pa.array([0.5, NAN, None]),
            "new": pa.array([True, False, None]),
            "code": pa.array(["1", "2", "3"]),
            "none": pa.nulls(3),
        }
    )
    expected = {
        "client_id": ["7", "9007199254740993", ""],
        "therapist_id": ["007", "b", "c"],
        "score": [1.0, 2.0, None],
        "session": [1.0, 2.0, None],
        "fit": [0.5, None, None],
        "new": ["True", "False", ""],
        "code": [1.0, 2.0, 3.0],
        "none": [None, None, None],
    }
    with pytest.raises(BadFrame, match=r"row 1, column rated_at: '1970-01-01.*expected a date from 1990"):
        read(table)
    frame = read(table.drop(["rated_at"]))
    assert lists(frame) == expected and frame.rows.tolist() == [1, 2, 3]
    csv = "client_id,therapist_id,score,session,fit,new,code,none\n"
    csv += "7,007,1,1,0.5,True,1,\n9007199254740993,b,2,2,,False,2,\n,c,,,,,3,\n"
    assert lists(read(csv)) == expected


def test_levels_that_are_stored_as_numbers(read: Callable[..., Frame]) -> None:
    table = pa.table({"client_id": [7.0, NAN], "ward": [2.5, 3.0]})
    assert lists(read(table.slice(0, 1), CLIENTS, wanted={"ward": TEXT})) == {"client_id": ["7"], "ward": ["2.5"]}
    with pytest.raises(BadFrame, match="row 2, column client_id: '': every row"):
        read(table, CLIENTS)


PARQUET_REFUSED = {
    "infinity": ({"client_id": ["a", "b"], "x": [1.0, float("inf")]}, "row 2, column x: inf: only finite"),
    "huge": ({"client_id": ["a"], "x": [1e101]}, "row 1, column x: 1e[+]101: only finite"),
    "lists": ({"client_id": ["a"], "x": [[1]]}, "column x: columns of type list"),
    "dates": ({"client_id": ["a"], "x": pa.array([1], pa.date32())}, "type date32.* into days"),
    "id as list": ({"client_id": [[1]]}, "column client_id: columns of type list"),
    "NUL": ({"client_id": ["a\0"]}, r"row 1, column client_id: .*U\+0000"),
    "column missing": ({"x": [1]}, "column client_id: a clients file must have this column"),
    "client twice": ({"client_id": ["a", "a"]}, "row 2, column client_id: 'a': .* row 1 already"),
}


@pytest.mark.S12
@pytest.mark.parametrize("shape", PARQUET_REFUSED)
def test_parquet_that_cannot_be_taken(shape: str, read: Callable[..., Frame], tried: Callable[[int], None]) -> None:
    columns, said = PARQUET_REFUSED[shape]
    with pytest.raises(BadFrame, match=f"table.parquet: .*{said}"):
        read(pa.table(columns), CLIENTS)
    tried(1)


@pytest.mark.S12
def test_broken_parquet(tmp_path: Path, tried: Callable[[int], None]) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"client_id": [f"c{k}" for k in range(1_000)], "x": np.arange(1_000.0)}), path)
    data = path.read_bytes()
    contents = [b"", b"client_id\na\n", data[: len(data) // 2], data[:100], data[:50] + bytes(2_000) + data[2_050:]]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(BadFrame, match="no Parquet file, or it is damaged"):
            read_frame(path, CLIENTS)
    tried(len(contents))


def test_without_pyarrow_it_is_said_how_to_get_it(read: Callable[..., Frame], monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    table = pa.table({"client_id": ["a"]})
    assert lists(read(table, CLIENTS)) == {"client_id": ["a"]}
    pq.write_table(table, "/dev/null")  # loaded before it is taken away
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadFrame, match=r'pip install "rapport\[parquet\]"'):
        parquet_chunks.pyarrow("t.parquet")
    with pytest.raises(BadFrame, match=r'pip install "rapport\[parquet\]"'), writing_predictions(Path("p.parquet")):
        pass
    assert not list(Path().glob("*.part"))


def test_blocks_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_chunks, "ROWS", 3)
    monkeypatch.setattr(parquet_chunks, "ROWS", 3)
    ids = [f"c{k}" for k in range(7)]
    (tmp_path / "p.csv").write_text("client_id,x,therapist_id\n" + "".join(f"{i},{i[1:]},t\n" for i in ids))
    pq.write_table(pa.table({"client_id": ids, "therapist_id": ["t"] * 7, "x": range(7)}), tmp_path / "p.parquet")
    for name, first in (("p.csv", 2), ("p.parquet", 1)):
        read: list[int] = []
        blocks = list(read_blocks(tmp_path / name, PAIRS, wanted={"x": NUMBER}, advance=read.append))
        assert [n for n in map(len, blocks) if n] == [3, 3, 1] and sum(read) == 7
        assert np.concatenate([block.columns["client_id"] for block in blocks]).tolist() == ids
        assert np.concatenate([block.columns["x"] for block in blocks]).tolist() == list(range(7))
        assert np.concatenate([block.rows for block in blocks]).tolist() == list(range(first, first + 7))


def test_a_problem_in_a_later_block_names_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_chunks, "ROWS", 2)
    (tmp_path / "p.csv").write_text("client_id,therapist_id,x\na,t,1\nb,t,1\nc,t,1\nd,t,oh\n")
    with pytest.raises(BadFrame, match="row 5, column x: 'oh'"):
        list(read_blocks(tmp_path / "p.csv", PAIRS, wanted={"x": NUMBER}))


BLOCKS = [
    {
        "client_id": np.array(["007", "=1+1"], dtype=object),
        "therapist_id": np.array(['a,"b"', "-t"], dtype=object),
        **{name: np.array([0.1, -2.0]) * k for k, name in enumerate(PREDICTIONS[2:], start=1)},
    },
    {name: np.array(["z"] if name.endswith("_id") else [1 / 3]) for name in PREDICTIONS},
]


def test_predictions_are_written_block_by_block_with_all_digits(tmp_path: Path) -> None:
    with writing_predictions(tmp_path / "p.csv") as write:
        for block in BLOCKS:
            write(block)
    third = "0.3333333333333333"
    assert (tmp_path / "p.csv").read_bytes().decode() == (
        "client_id,therapist_id,mean,sd,lower80,upper80,personal\n"
        f'007,"a,""b""",0.1,0.2,{0.1 * 3!r},0.4,0.5\n'
        "'=1+1,'-t,-2.0,-4.0,-6.0,-8.0,-10.0\n"
        f"z,z,{third},{third},{third},{third},{third}\n"
    )
    back = read_frame(tmp_path / "p.csv", PAIRS, wanted={"mean": NUMBER})
    assert back.columns["client_id"].tolist() == ["007", "=1+1", "z"]
    assert back.columns["therapist_id"].tolist() == ['a,"b"', "-t", "z"]
    assert back.columns["mean"].tolist() == [0.1, -2.0, 1 / 3]


def test_predictions_in_parquet(tmp_path: Path) -> None:
    with writing_predictions(tmp_path / "p.parquet") as write:
        for block in BLOCKS:
            write(block)
    found = pq.read_table(tmp_path / "p.parquet")
    assert found.column_names == list(PREDICTIONS) and found["client_id"].to_pylist() == ["007", "=1+1", "z"]
    assert found["sd"].to_pylist() == [0.2, -4.0, 1 / 3]


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_predictions_that_fail_leave_what_was_there(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("old")
    with pytest.raises(RuntimeError), writing_predictions(tmp_path / name) as write:
        write(BLOCKS[0])
        raise RuntimeError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "old")]


def test_the_limits_are_those_of_the_model() -> None:
    from matcher.alliance import ratings, tables
    from web.exchange.frames import cells, checks

    assert cells.LARGEST == tables.LARGEST
    assert (checks.LARGEST_SCORE, checks.LARGEST_WEIGHT) == (ratings.LARGEST_SCORE, ratings.LARGEST_WEIGHT)
    assert chunks.ROWS >= 1_000
