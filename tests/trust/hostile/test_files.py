"""Files that are none of ours, or too much of one: refused in time and in little memory, and nothing is written."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.architecture.test_imports import ROOT
from web import folders

FRAME = "a table of clients"
KINDS: tuple[str, ...] = ("therapists", "ratings", FRAME)
MOST_MB, MOST_SECONDS = 100, 2.0
READ = """
import json, resource, sys, time
from pathlib import Path
import pyarrow.parquet
from web.exchange.frames import CLIENTS, BadFrame, read_frame
from web.exchange.reading import read_clients, read_ratings, read_scores, read_therapists
READERS = {"therapists": read_therapists, "clients": read_clients, "ratings": read_ratings, "scores": read_scores}
resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9, 4 * 10**9))  # whoever takes more is found, and not the machine's end
def grown():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def read(kind, name):
    if kind in READERS:
        return [problem.code for problem in READERS[kind](Path(name)).problems][:3]
    try:
        read_frame(Path(name), CLIENTS)
    except BadFrame as bad:
        return [bad.problem.code]
    return []
for line in open(sys.argv[1]):
    kind, name = json.loads(line)
    before, began = grown(), time.process_time()
    try:
        said = read(kind, name)
    except BaseException as error:
        said = [f"RAISED {type(error).__name__}: {error}"[:200]]
    print(json.dumps([kind, name, said, time.process_time() - began, grown() - before]), flush=True)
"""


def _zip(*names: str, size: int = 10) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"0" * size)
    return made.getvalue()


def _tar(name: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"abc"))
    return made.getvalue()


HEAD = b"therapist_id,name,profession,licence_regions,concerns,languages,formats,capacity\n"
ROW = b"t1,Zoe,psychologist,DE,grief:2,de,online,1\n"
CONTENTS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + os.urandom(2_000),
    "a program": lambda: b"\x7fELF" + os.urandom(2_000),
    "a PDF that is a CSV": lambda: b"%PDF-1.4\n" + HEAD + ROW,
    "a GIF that is a CSV": lambda: b"GIF89a," + HEAD + ROW,
    "a page": lambda: b"<!doctype html><script>alert(1)</script>\n" + HEAD,
    "entities without end": lambda: (
        b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + b'<!ENTITY b "&a;&a;&a;&a;">' * 50 + b"]><l>&b;</l>"
    ),
    "a workbook": lambda: _zip("[Content_Types].xml", "xl/workbook.xml"),
    "an archive that leads out": lambda: _zip("../../../outside.csv", "/outside.csv", "..\\outside.csv"),
    "an archive of 20 MB of zeros": lambda: _zip("clients.csv", size=20_000_000),
    "a tape that leads out": lambda: _tar("../../outside.csv"),
    "compressed": lambda: gzip.compress(HEAD + ROW * 100),
    "20 MB of zeros, compressed": lambda: gzip.compress(b"0" * 20_000_000),
    "SQLite": lambda: b"SQLite format 3\x00" + bytes(4_000),
    "JSON": lambda: json.dumps([{"therapist_id": "t1"}] * 100).encode(),
    "JSON, deep": lambda: b"[" * 100_000,
    "100,000 columns": lambda: b",".join(b"c%d" % k for k in range(100_000)) + b"\n" + b"1," * 100_000 + b"\n",
    "100,000 cells in a row": lambda: HEAD + b"1," * 100_000 + b"\n",
    "a cell of 10 MB": lambda: HEAD + b't1,"' + b"a" * 10_000_000 + b'"\n',
    "a line of 10 MB": lambda: b"a" * 10_000_000,
    "an open quotation": lambda: HEAD + b'"' + ROW * 5_000,
    "nothing but quotation marks": lambda: HEAD + b'"' * 2_000_001,
    "nothing but delimiters": lambda: b"," * 2_000_000,
    "300,000 lines": lambda: HEAD + b"\n" * 300_000 + b"x\n",
    "UTF-16 without its mark": lambda: (HEAD + ROW).decode().encode("utf-16-le"),
    "UTF-32": lambda: (HEAD + ROW).decode().encode("utf-32"),
    "NUL between the letters": lambda: b"\x00".join(bytes([b]) for b in HEAD + ROW),
    "NUL at the end": lambda: HEAD + ROW.replace(b"Zoe", b"Zoe\x00"),
    "line ends of every kind": lambda: (
        HEAD.replace(b"\n", b"\r") + ROW.replace(b"\n", b"\r\n\n\r\x85\x0b") + b"x" + ROW
    ),
    "half of a letter": lambda: HEAD + ROW.replace(b"Zoe", b"Zo\xc3"),
    "surrogates": lambda: HEAD + ROW.replace(b"Zoe", b"\xed\xa0\x80"),
    "noise": lambda: bytes(range(256)) * 4_000,
    "cut off in the header": lambda: HEAD[:25],
}


def _tables(folder: Path) -> list[Path]:
    """Parquet that is damaged, or far larger inside than outside."""

    def write(name: str, table: pa.Table, **more: object) -> Path:
        pq.write_table(table, folder / name, **more)
        return folder / name

    long = pa.array(["a" * 1_000_000]).take(pa.array([0] * 2_000))
    many = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), pa.array(["b" * 1_000_000]))
    good = write("good.parquet", pa.table({"client_id": [f"c{k}" for k in range(1_000)]})).read_bytes()
    made = [
        write("long.parquet", pa.table({"client_id": long}), compression="zstd"),
        write("many.parquet", pa.table({"client_id": many}), compression="zstd"),
        write("columns.parquet", pa.table({f"c{k}": [1] for k in range(20_000)})),
        write("deep.parquet", pa.table({"client_id": pa.array([[[[["x"]]]]] * 10)})),
    ]
    for name, content in {
        "magic.parquet": b"PAR1PAR1",
        "half.parquet": good[: len(good) // 2],
        "tail.parquet": good[-200:],
        "length.parquet": good[:-8] + b"\xff\xff\xff\x7fPAR1",
        "middle.parquet": good[:50] + bytes(500) + good[550:],
        "minus.parquet": good[:-8] + b"\xff\xff\xff\xffPAR1",
        "text.parquet": HEAD + ROW,
    }.items():
        (folder / name).write_bytes(content)
        made.append(folder / name)
    return made


# a table of a thousand ids; text in UTF-32 with its mark, and in Windows-1252: read, with a note on it
FINE = ("good.parquet", *(f"{list(CONTENTS).index(name)}.csv" for name in ("UTF-32", "half of a letter")))


@pytest.mark.S12
def test_what_is_no_file_of_ours_is_refused_in_time_and_writes_nothing(
    tmp_path: Path, tried: Callable[[int], None]
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    cases = [(kind, _kept(inside, f"{k}.csv", make())) for k, make in enumerate(CONTENTS.values()) for kind in KINDS]
    cases += [(FRAME, str(path)) for path in _tables(inside)]
    cases += [(kind, name) for name in _odd_names(inside) for kind in KINDS]
    before = _everything(tmp_path)
    wrong = [said for said in _read(cases, tmp_path, inside) if _is_wrong(*said)]
    assert not wrong, "\n".join(map(str, wrong[:6]))
    assert _everything(tmp_path) == before and len(cases) > 120
    tried(len(cases))


def _kept(folder: Path, name: str, content: bytes) -> str:
    if not (folder / name).exists():
        (folder / name).write_bytes(content)
    return str(folder / name)


def _odd_names(folder: Path) -> list[str]:
    """Names that lead elsewhere, or are none."""
    (folder / "loop.csv").symlink_to("loop.csv")
    (folder / "away.csv").symlink_to("/dev/zero")
    (folder / "out.csv").symlink_to("../../../../../../etc/hostname")
    os.mkfifo(folder / "pipe.csv")
    return [
        str(folder / name)
        for name in ("loop.csv", "away.csv", "out.csv", "pipe.csv", "none.csv", "a\x00b.csv", "a\nb.csv")
    ] + [
        str(folder),
        "/dev/zero",
        "/proc/self/mem",
        "a" * 5_000,
        "../" * 40 + "etc/hostname",
        "~/x.csv",
        "|id",
        "-",
        "http://localhost/x.csv",
    ]


def _read(cases: list[tuple[str, str]], folder: Path, inside: Path) -> list[tuple[str, str, list[str], float, float]]:
    listed = folder.parent / f"{folder.name}.cases"
    listed.write_text("".join(json.dumps(case) + "\n" for case in cases))
    told = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", READ, str(listed)], cwd=inside, env=told, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, (done.stdout.splitlines()[-1:], done.stderr[-2_000:])
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def _is_wrong(kind: str, name: str, said: list[str], seconds: float, grown: float) -> bool:
    """Taken, failed, too slow or too large. Some of these are files of some kind after all, and may be read as one."""
    is_fine = name.rsplit("/", 1)[-1] in FINE
    return (
        (not said and not is_fine)
        or any(code.startswith("RAISED") for code in said)
        or seconds > MOST_SECONDS
        or grown > MOST_MB
    )


def _everything(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file() and not path.is_symlink()
        else ""
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.S12
def test_a_file_that_is_taken_or_takes_too_long_would_be_found(tmp_path: Path) -> None:
    """The planted hole: a good file among them, and one that a reader without limits would take."""
    good = folders.seed_data() / "therapists.csv"
    assert [_is_wrong(*said) for said in _read([("therapists", str(good))], tmp_path, tmp_path)] == [True]
    assert _is_wrong("therapists", "x", ["no_file"], 3.0, 1.0) and _is_wrong("therapists", "x", ["no_file"], 0.1, 200.0)
