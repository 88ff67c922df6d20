"""The types that Parquet has and CSV has not: every id keeps its digits, every moment stays the same moment."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matcher.alliance.days import days_of
from web.exchange.frames import CLIENTS, RATINGS, Frame, Kind, read_frame
from web.exchange.frames.kinds import TEXT


def read(place: Path, columns: dict[str, Any], kind: Kind = CLIENTS, **more: Any) -> Frame:
    pq.write_table(pa.table(columns), place / "t.parquet")
    return read_frame(place / "t.parquet", kind, **more)


IDS: dict[str, tuple[pa.Array, list[str]]] = {
    "decimals of 23 digits": (
        pa.array([Decimal(10**22 + at) for at in (1, 2)], pa.decimal128(23, 0)), [f"{10**22 + at}" for at in (1, 2)]
    ),
    "decimals of 60 digits": (
        pa.array([Decimal(10**59 + at) for at in (1, 2)], pa.decimal256(60, 0)), [f"{10**59 + at}" for at in (1, 2)]
    ),
    "decimals with places": (pa.array(list(map(Decimal, ("7.00", "-2.50", "100"))), pa.decimal128(9, 2)),
                             ["7", "-2.5", "100"]),
    "int64": (pa.array([2**60, 2**60 + 1]), [f"{2**60}", f"{2**60 + 1}"]),
    "uint64": (pa.array([2**64 - 1, 2**64 - 2], pa.uint64()), [f"{2**64 - 1}", f"{2**64 - 2}"]),
    "string_view": (pa.array(["007", " b "], pa.string_view()), ["007", "b"]),
    "large_string": (pa.array(["007", " b "], pa.large_string()), ["007", "b"]),
    "dictionary of decimals": (
        pa.array([Decimal(10**22 + 1)], pa.decimal128(23, 0)).dictionary_encode(), [f"{10**22 + 1}"]
    ),
    "nanoseconds": (pa.array([1, 2], pa.timestamp("ns")), [f"1970-01-01 00:00:00.00000000{at}" for at in (1, 2)]),
}  # fmt: skip


@pytest.mark.parametrize("case", IDS)
def test_ids_keep_all_digits(case: str, tmp_path: Path) -> None:
    ids, expected = IDS[case]
    assert read(tmp_path, {"client_id": ids}).columns["client_id"].tolist() == expected
    levels = read(tmp_path, {"client_id": [*map(str, range(len(ids)))], "x": ids}, wanted={"x": TEXT})
    assert levels.columns["x"].tolist() == expected


def test_whole_numbers_from_2_53_on_are_numbers_too(tmp_path: Path) -> None:
    columns = {
        "client_id": ["a", "b", "c"],
        "i": [2**53 + 1, -(2**63), None],
        "u": pa.array([2**64 - 1, 1, None], pa.uint64()),
        "d": pa.array([Decimal(10**22 + 1), Decimal(-1), None], pa.decimal128(23, 0)),
    }
    found = read(tmp_path, columns).columns
    assert [found[name][:2].tolist() for name in "iud"] == [[2.0**53, -(2.0**63)], [2.0**64, 1.0], [1e22, -1.0]]
    assert all(found[name][2] != found[name][2] for name in "iud")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "-03:30"])
def test_moments_of_any_unit_and_zone_are_the_same_moments(unit: str, zone: str | None, tmp_path: Path) -> None:
    """In January and in July, in which clocks in Berlin differ."""
    moments = [datetime(2026, 1, 5, 18, 30, tzinfo=UTC), datetime(2026, 7, 5, 18, 30, tzinfo=UTC), None]
    stored = pa.array([at and int(at.timestamp()) for at in moments], pa.timestamp("s", zone))
    columns = {name: ["a"] * 3 for name in ("client_id", "therapist_id")} | {"score": [1, 2, 3]}
    found = read(tmp_path, columns | {"rated_at": stored.cast(pa.timestamp(unit, zone))}, RATINGS).columns["rated_at"]
    days = days_of(found, "rated_at")
    assert days[:2].tolist() == [at.timestamp() / 86_400 for at in moments if at] and days[2] != days[2]


def test_a_moment_to_the_nanosecond(tmp_path: Path) -> None:
    """As pandas writes them into CSV as well."""
    (tmp_path / "t.csv").write_text("client_id,therapist_id,score,rated_at\na,s,1,2026-01-05 18:30:00.123456789\n")
    found = read_frame(tmp_path / "t.csv", RATINGS).columns["rated_at"]
    assert days_of(found, "rated_at")[0] * 86_400 % 60 == pytest.approx(0.123456, abs=1e-5)
