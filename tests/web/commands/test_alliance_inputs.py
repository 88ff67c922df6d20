"""``rapport alliance`` on files that other programs write: ids of many digits, moments with zones, odd names."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.matcher.alliance.clinics import clinic
from tests.web.commands.test_alliance import done, invoke, numbers, write


def test_decimal_ids_from_fit_to_prediction(tmp_path: Path) -> None:
    """People who differ in the last of 23 digits are not one person."""
    made = clinic()
    ids = pa.array([Decimal(10**22 + int(text[1:])) for text in made["ratings"]["client_id"]], pa.decimal128(23, 0))
    moments = pa.array([datetime(2024, 1, 1, 9)] * 160, pa.timestamp("ns", "Europe/Berlin"))
    table = {**made["ratings"], "client_id": ids, "score": made["score"], "rated_at": moments}
    pq.write_table(pa.table(table), tmp_path / "r.parquet")
    write(tmp_path / "plain.csv", {**made["ratings"], "score": made["score"]})
    write(tmp_path / "pairs.csv", {"client_id": [10**22 + 3, 10**22 + 4, 1e22], "therapist_id": ["t0"] * 3})
    write(tmp_path / "plain_pairs.csv", {"client_id": ["c03", "c04", "new"], "therapist_id": ["t0"] * 3})
    for ratings, pairs in (("r.parquet", "pairs.csv"), ("plain.csv", "plain_pairs.csv")):
        done("fit", "--ratings", tmp_path / ratings, "--model", tmp_path / "m.npz")
        done("predict", "--pairs", tmp_path / pairs, "--model", tmp_path / "m.npz", "--out", tmp_path / f"{pairs}.out")
    exact, plain = (numbers(tmp_path / f"{pairs}.out", "mean") for pairs in ("pairs.csv", "plain_pairs.csv"))
    assert exact.tolist() == plain.tolist() and len(set(exact)) == 3


def test_a_column_whose_name_has_a_colon(tmp_path: Path) -> None:
    made = clinic()
    write(tmp_path / "r.csv", {**made["ratings"], "a:b": made["ratings"]["fit"], "score": made["score"]})
    words = ("fit", "--ratings", tmp_path / "r.csv", "--only-declared", "--model", tmp_path / "m.npz", "--fixed")
    assert [each["name"] for each in done(*words, "a:b")["coefficients"]] == ["intercept", "a:b"]
    assert "--fixed: 'b': there is no such column" in invoke(*words, "fit:b").output
