"""``rapport alliance`` from files to files: worked by hand, against the model in Python, and refused in words."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from matcher import AllianceModel
from matcher.alliance.archive import VERSION
from tests.matcher.alliance.clinics import clinic
from web.commands.alliance import alliance
from web.exchange.frames import chunks, csv_chunks
from web.exchange.model_file import pack, unpack

Run = Callable[..., Result]


def invoke(*words: object) -> Result:
    return CliRunner().invoke(alliance, [str(word) for word in words])


def done(*words: object) -> Any:
    """What a command printed as JSON, when it ended well."""
    result = invoke(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def write(path: Path, table: dict[str, Any]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table)
        writer.writerows(zip(*[np.asarray(column).tolist() for column in table.values()], strict=True))
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def numbers(path: Path, name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in read(path)])


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """An invented clinic as files, with pairs of which some have a newcomer."""
    made = clinic()
    ratings = made["ratings"] | {"score": made["score"]}
    pairs = {
        "client_id": ["c00", "new", "c01", "c02"],
        "therapist_id": ["t0", "t1", "new", "t2"],
        "room": ["room 1", "room 2", "room 0", "elsewhere"],
        "fit": [0.5, -1.0, 0.0, 2.0],
    }
    tables = {"ratings": ratings, "clients": made["clients"], "therapists": made["therapists"], "pairs": pairs}
    return {name: write(tmp_path / f"{name}.csv", table) for name, table in tables.items()}


def people(files: dict[str, Path]) -> tuple[object, ...]:
    return "--clients", files["clients"], "--therapists", files["therapists"]


def fitted(files: dict[str, Path], *more: object) -> Path:
    out = files["ratings"].with_name("m.npz")
    done("fit", "--ratings", files["ratings"], *people(files), *more, "--model", out)
    return out


def test_a_balanced_design_has_the_variances_of_its_analysis_of_variance(tmp_path: Path) -> None:
    """Two crossed factors, one rating a cell: 8 6 4 / 6 6 0 / 4 0 2, grand mean 4.

    Rows have means 6, 4, 2, columns 6, 4, 2: SS = 3(4 + 0 + 4) = 24 each, 2 degrees of freedom, MS 12. The interactions
    are 0 0 0 / 0 2 -2 / 0 -2 2: SS 16 with 4 degrees of freedom, MS 4 = residual. A factor's variance is (12 - 4) / 3.
    """
    cells = [(c, t, y) for c, row in enumerate(([8, 6, 4], [6, 6, 0], [4, 0, 2])) for t, y in enumerate(row)]
    table = dict(zip(("client_id", "therapist_id", "score"), zip(*cells, strict=True), strict=True))
    ratings = write(tmp_path / "r.csv", table)
    found = done("fit", "--ratings", ratings, "--only-declared", "--gaussian", "--model", tmp_path / "m.npz")
    variances = {part["name"]: part["variance"] for part in found["components"]}
    assert variances == pytest.approx({"client": 8 / 3, "therapist": 8 / 3, "residual": 4.0}, rel=1e-6)
    (intercept,) = found["coefficients"]
    # its variance: 8/3/3 + 8/3/3 + 4/9 = 20/9
    assert (intercept["estimate"], intercept["se"]) == pytest.approx((4.0, (20 / 9) ** 0.5), rel=1e-6)
    # the best prediction of cell (0, 0): 4 + (6 - 4)·k + (6 - 4)·k with k = 8/3 / (8/3 + 4/3) = 2/3
    pairs = write(tmp_path / "p.csv", {"client_id": [0, 9], "therapist_id": [0, 9]})
    done("predict", "--model", tmp_path / "m.npz", "--pairs", pairs, "--out", tmp_path / "o.csv")
    assert numbers(tmp_path / "o.csv", "mean") == pytest.approx([20 / 3, 4.0], rel=1e-6)
    # a newcomer with a newcomer: 20/9 of the mean and 8/3 of each of the two
    sd = (20 / 9 + 16 / 3) ** 0.5
    assert numbers(tmp_path / "o.csv", "sd")[1] == pytest.approx(sd, rel=1e-6)
    assert numbers(tmp_path / "o.csv", "upper80")[1] == pytest.approx(4 + 1.2815515655446 * sd, rel=1e-6)


def test_the_files_say_what_the_model_in_python_says(files: dict[str, Path]) -> None:
    made = clinic()
    model = AllianceModel(vary_by=("worry",), random=("room",)).fit(
        made["ratings"], made["score"], clients=made["clients"], therapists=made["therapists"]
    )
    found = fitted(files, "--vary-by", "worry", "--random", "room")
    out = found.with_name("o.csv")
    printed = done("predict", "--model", found, "--pairs", files["pairs"], "--out", out)
    pairs = {name: [row[name] for row in read(files["pairs"])] for name in ("client_id", "therapist_id", "room")}
    forecast = model.forecast(pairs | {"fit": [0.5, -1.0, 0.0, 2.0]}, personal=True)
    assert [row["client_id"] for row in read(out)] == pairs["client_id"]
    for name in ("mean", "sd", "lower80", "upper80", "personal"):
        np.testing.assert_allclose(numbers(out, name), getattr(forecast, name), rtol=1e-9, atol=1e-12)
    assert (printed["pairs"], printed["pairs_of_new_clients"], printed["pairs_of_new_therapists"]) == (4, 1, 1)
    assert printed["averaged"] == {"client.worry": 1, "therapist.warmth": 1, "room": 1}
    report = done("report", "--model", found)
    expected = ["dyad", "client", "therapist", "room", "therapist:worry", "residual"]
    assert [part["name"] for part in report["components"]] == [part.name for part in model.components_] == expected
    assert report["terms"]["vary_by"] == ["worry"] and report["evidence"]["rows_used"] == 160


def test_the_same_files_give_the_same_bytes_and_parquet_the_same_numbers(files: dict[str, Path]) -> None:
    model = fitted(files)
    first = model.read_bytes()
    assert fitted(files).read_bytes() == first
    for path in files.values():
        pq.write_table(pyarrow.csv.read_csv(path), path.with_suffix(".parquet"))
    as_parquet = {name: path.with_suffix(".parquet") for name, path in files.items()}
    assert unpack(fitted(as_parquet).read_bytes())[1] == unpack(first)[1]
    outs = [model.with_name(name) for name in ("o.csv", "o2.csv", "o.parquet")]
    for out, tables in zip(outs, (files, as_parquet, files), strict=True):
        done("predict", "--model", model, "--pairs", tables["pairs"], *people(tables), "--out", out)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert pq.read_table(outs[2])["sd"].to_pylist() == numbers(outs[0], "sd").tolist()


def test_predictions_do_not_depend_on_the_blocks(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted(files)
    outs = [model.with_name(f"{rows}.csv") for rows in (chunks.ROWS, 1)]
    for out in outs:
        monkeypatch.setattr(csv_chunks, "ROWS", int(out.stem))
        done("predict", "--model", model, "--pairs", files["pairs"], "--out", out)
    for name in ("mean", "sd", "personal"):
        np.testing.assert_allclose(numbers(outs[0], name), numbers(outs[1], name), rtol=1e-12)


def test_newcomers_are_predicted_from_the_covariates_given_now(files: dict[str, Path]) -> None:
    model = fitted(files, "--only-declared", "--fixed", "worry")
    slope = {part["name"]: part["estimate"] for part in done("report", "--model", model)["coefficients"]}
    pairs = write(model.with_name("p.csv"), {"client_id": ["n1", "n2"], "therapist_id": ["t0", "t0"]})
    clients = write(model.with_name("c.csv"), {"client_id": ["n1", "n2"], "worry": [0, 2], "shoe": ["a", "b"]})
    printed = done("predict", "--model", model, "--pairs", pairs, "--clients", clients, "--out", model.with_name("o"))
    low, high = numbers(model.with_name("o"), "mean")
    assert high - low == pytest.approx(2 * slope["client.worry"])
    assert printed["unused_columns"] == ["clients.shoe"]


@pytest.mark.parametrize(
    "how", ["--fixed fit worry", "--fixed fit --fixed worry", "--fixed fit,worry", "--fixed=fit,worry"]
)
def test_several_names_in_every_way(how: str, files: dict[str, Path]) -> None:
    out = files["ratings"].with_name("m.npz")
    words = [*how.split(), "--random", "room", "dyad", "--only-declared"]
    found = done("fit", *words, "--ratings", files["ratings"], *people(files), "--model", out)
    assert [part["name"] for part in found["coefficients"]] == ["intercept", "fit", "client.worry"]
    assert [part["name"] for part in found["components"]] == ["dyad", "client", "therapist", "room", "residual"]


def test_weights_count_ratings_and_a_grouping_keeps_its_zeros(tmp_path: Path) -> None:
    rows = [(f"c{k % 5}", f"t{k % 3}", (7 * k) % 11, ("007", "7", "8")[k % 4 % 3], 1 + k % 2) for k in range(40)]
    names = ("client_id", "therapist_id", "score", "dept", "weight")
    tables = [dict(zip(names, zip(*rows, strict=True), strict=True))]
    repeated = [row[:-1] for row in rows for _ in range(row[-1])]
    tables.append(dict(zip(names[:-1], zip(*repeated, strict=True), strict=True)))
    found = []
    for k, table in enumerate(tables):
        ratings, model = write(tmp_path / f"{k}.csv", table), tmp_path / f"{k}.npz"
        options = ("--only-declared", "--random", "dept", "--model", model)
        found.append(done("fit", "--ratings", ratings, *options)["coefficients"][0])
        (dept,) = unpack(model.read_bytes())[1]["structure"]["covariates"]
        assert dept["levels"] == ["007", "7", "8"]
    assert found[0]["estimate"] == pytest.approx(found[1]["estimate"]) and found[0]["se"] == pytest.approx(
        found[1]["se"]
    )


def test_a_column_may_be_a_number_and_a_grouping(tmp_path: Path) -> None:
    table = {
        "client_id": [k % 5 for k in range(40)],
        "therapist_id": [k % 3 for k in range(40)],
        "year": [2019 + k % 4 for k in range(40)],
        "score": [(7 * k) % 11 for k in range(40)],
    }
    ratings, model, out = write(tmp_path / "r.csv", table), tmp_path / "m.npz", tmp_path / "o.csv"
    done("fit", "--ratings", ratings, "--fixed", "year", "--random", "year", "--only-declared", "--model", model)
    levels = [part["levels"] for part in unpack(model.read_bytes())[1]["structure"]["covariates"]]
    assert levels == [None, ["2019", "2020", "2021", "2022"]]
    assert done("predict", "--model", model, "--pairs", ratings, "--out", out)["averaged"] == {}


def test_a_top_score_where_hardly_any_score_stands_is_checked_kept_and_said(files: dict[str, Path]) -> None:
    scores = [float(row["score"]) for row in read(files["ratings"])]
    top = max(scores)
    model = fitted(files, "--top-score", repr(top), "--step", 0.5)
    found = done("report", "--model", model)
    assert found["likelihood"] == "gaussian"
    terms = found["terms"]
    assert (terms["top_score"], terms["step"], terms["share_at_top"]) == (top, 0.5, 1 / 160)
    notes = " ".join(found["evidence"]["notes"])
    assert "Scores are taken as numbers: 0.6% of the scores are the highest one." in notes
    pairs = write(model.with_name("p.csv"), {"client_id": ["c00"], "therapist_id": ["t0"], "fit": [1e6]})
    done("predict", "--model", model, "--pairs", pairs, "--out", model.with_name("o.csv"))
    assert numbers(model.with_name("o.csv"), "mean").tolist() == [top]
    row = scores.index(top) + 2
    refused = invoke("fit", "--ratings", files["ratings"], "--top-score", top - 1e-3, "--model", model)
    assert refused.exit_code == 1 and f"ratings.csv: row {row}, column score: " in refused.output
    assert done("report", "--model", model) == found  # what was there is still there


def test_scores_at_a_ceiling_are_censored_unless_they_are_to_be_numbers(files: dict[str, Path]) -> None:
    rows = read(files["ratings"])
    cut = sorted(float(row["score"]) for row in rows)[len(rows) // 2]
    half = {name: [row[name] for row in rows] for name in rows[0]} | {
        "score": [min(round(float(row["score"]), 1), round(cut, 1)) for row in rows]
    }
    ratings, model = write(files["ratings"].with_name("half.csv"), half), files["ratings"].with_name("half.npz")
    spreads = {}
    for words in ((), ("--gaussian",), ("--top-score", round(cut, 1), "--step", 0.1)):
        done("fit", "--ratings", ratings, "--model", model, *words)
        found = done("report", "--model", model)
        spreads[words[:1]] = found["likelihood"], sum(part["variance"] for part in found["components"])
    assert spreads[()] == spreads[("--top-score",)] and spreads[()][0] == "censored"
    assert spreads[("--gaussian",)][0] == "gaussian" and spreads[("--gaussian",)][1] < spreads[()][1] / 1.5
    assert "scores at the top as censored" in invoke("report", "--model", model).output


def dated(files: dict[str, Path]) -> Path:
    """The ratings, a week apart from the first to the last."""
    rows = read(files["ratings"])
    days = [(date(2023, 1, 2) + timedelta(weeks=week)).isoformat() for week in range(len(rows))]
    table = {name: [row[name] for row in rows] for name in rows[0]} | {"rated_at": days}
    return write(files["ratings"].with_name("dated.csv"), table)


def test_effects_change_over_time_where_that_is_asked_for(files: dict[str, Path]) -> None:
    out = files["ratings"].with_name("m.npz")
    words = "fit", "--ratings", dated(files), *people(files), "--model", out
    stays = done(*words)
    assert stays["evidence"]["columns_left_out"]["rated_at"].startswith("no covariate")
    drifts = done(*words, "--drift", 400)
    assert "therapist drift" in [part["name"] for part in drifts["components"]] and drifts["terms"]["drift"] == 400
    assert any("as of the latest rating" in note for note in drifts["evidence"]["notes"])
    predictions = files["ratings"].with_name("p.csv")
    found = done("predict", "--model", out, "--pairs", files["pairs"], *people(files), "--out", predictions)
    assert found["pairs"] == 4 and np.isfinite(numbers(predictions, "mean")).all()
    chosen = done(*words, "--drift", "auto")
    assert chosen["evidence"]["drift"]["because"] and chosen["terms"]["drift"] == "auto"


@pytest.mark.parametrize("days", ["0", "-3", "soon", "nan", "inf"])
def test_a_drift_is_a_number_of_days(days: str, files: dict[str, Path]) -> None:
    result = invoke("fit", "--ratings", files["ratings"], "--drift", days, "--model", files["ratings"].with_name("m"))
    assert result.exit_code == 2 and "number of days above 0, or auto" in result.output


def test_the_report_in_words(files: dict[str, Path]) -> None:
    text = invoke("report", "--model", fitted(files, "--fixed", "worry:warmth", "--top-score", 20)).output
    for part in ("Variance components", "Coefficients", "client.worry", "restricted maximum likelihood", "160 of 160",
                 "24 clients, 6 therapists", "Notes", "scores as numbers", "-2 log L"):  # fmt: skip
        assert part in text
    lines = text.splitlines()
    header, dyad = lines[lines.index("Variance components") + 1 :][:2]
    assert dyad.startswith("  dyad ") and len(header) == len(dyad) and header.endswith("at most (95 %)")


WRONG_USE: dict[str, tuple[str, str]] = {
    "a top without a top": ("--top-score 10 --gaussian", "exclude each other"),
    "no number": ("--top-score high", "not a valid float"),
    "NaN": ("--top-score nan", "expected a finite number"),
    "no step": ("--step 0", "expected a number above 0"),
    "infinite step": ("--step inf", "expected a finite number"),
    "no name": ("--fixed fit,,worry", "expected names of columns"),
    "a word too many": ("--only-declared fit", "unexpected extra argument"),
    "a second step": ("--step 1 2", "unexpected extra argument"),
    "an unknown option": ("--ceiling", "No such option"),
}


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use_ends_with_2(case: str, files: dict[str, Path]) -> None:
    words, said = WRONG_USE[case]
    out = files["ratings"].with_name("m.npz")
    result = invoke("fit", "--ratings", files["ratings"], *words.split(), "--model", out)
    assert (result.exit_code, out.exists()) == (2, False) and said in result.output


REFUSED: dict[str, tuple[str, str]] = {
    "an unknown column": ("fit --ratings {ratings} --fixed hope --model {new}", "--fixed: 'hope': there is no such"),
    "an unknown grouping": (
        "fit --ratings {ratings} --random ward --model {new}",
        "--random: 'ward': there is no such",
    ),
    "a therapist's slope": (
        "fit --ratings {ratings} --therapists {therapists} --vary-by warmth --model {new}",
        "--vary-by: 'warmth': a therapist's own column cannot vary by therapist",
    ),
    "no ratings": ("fit --ratings {new} --model {new}", "there is no such file"),
    "clients for ratings": ("fit --ratings {clients} --model {new}", "clients.csv: row 1, column therapist_id"),
    "no folder": ("fit --ratings {bad} --model {new}/m.npz", "there is no folder"),
    "over its own ratings": ("fit --ratings {ratings} --model {ratings}", "one of the files to read"),
    "over its own model": ("predict --model {model} --pairs {pairs} --out {model}", "one of the files to read"),
    "no model": ("report --model {new}", "new: there is no such file"),
    "a table as a model": ("report --model {pairs}", "pairs.csv: this is not a model that Rapport wrote"),
    "pairs without clients": ("predict --model {model} --pairs {therapists} --out {new}", "column client_id"),
    "text as a number": ("predict --model {model} --pairs {bad} --out {new}", "bad.csv: row 2, column fit: 'high'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_one_sentence_and_ends_with_1(case: str, files: dict[str, Path]) -> None:
    folder = files["ratings"].parent
    (folder / "bad.csv").write_text("client_id,therapist_id,fit\na,b,high\n")
    named = files | {"model": fitted(files), "bad": folder / "bad.csv", "new": folder / "new"}
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    words, said = REFUSED[case]
    result = invoke(*words.format(**named).split())
    assert result.exit_code == 1 and said in result.output
    assert result.output.startswith("Error: ") and len(result.output.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_no_pairs_are_no_predictions(files: dict[str, Path]) -> None:
    model, pairs = fitted(files), files["pairs"].with_name("none.csv")
    pairs.write_text("client_id,therapist_id,fit,shoe\n")
    printed = done("predict", "--model", model, "--pairs", pairs, "--out", model.with_name("o.csv"))
    assert printed["pairs"] == 0 and printed["unused_columns"] == ["pairs.shoe"]
    assert read(model.with_name("o.csv")) == []


@pytest.mark.F8
def test_a_broken_model_is_refused_by_report_and_predict(files: dict[str, Path], tried: Callable[[int], None]) -> None:
    model = fitted(files)
    data = model.read_bytes()
    arrays, meta = unpack(data)
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    broken = {
        "does not agree with its SHA-256": bytes(flipped),
        "cut short": data[:-10],
        "empty": b"",
        f"this release reads version {VERSION}; update": pack(arrays, meta | {"version": VERSION + 1}),
        "expected a model of format": pack(arrays, meta | {"format": "another"}),
        "lacks this array": pack({name: values for name, values in arrays.items() if name != "form"}, meta),
        "not a model of alliance": pack(arrays, {n: v for n, v in meta.items() if n != "structure"}),
    }
    for said, content in broken.items():
        model.write_bytes(content)
        out = model.with_name("o.csv")
        for words in (["report"], ["predict", "--pairs", files["pairs"], "--out", out]):
            result = invoke(*words, "--model", model)
            assert result.exit_code == 1 and said in result.output, result.output
            assert len(result.output.splitlines()) == 1 and result.output.startswith("Error: m.npz: ")
            assert not out.exists()
    tried(2 * len(broken))


def test_nothing_but_the_answer_is_printed_where_nobody_looks(files: dict[str, Path]) -> None:
    result = invoke("fit", "--ratings", files["ratings"], "--model", files["ratings"].with_name("m.npz"), "--json")
    assert result.stderr == "" and json.loads(result.stdout)["evidence"]["rows_read"] == 160


def test_help_loads_nothing_heavy() -> None:
    import subprocess
    import sys

    code = "import sys, web.commands.alliance; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "scipy", "pyarrow", "tqdm", "flask", "sqlalchemy"} & set(loaded)
