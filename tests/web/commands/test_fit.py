"""``rapport fit`` says how the model was tried and whether it serves; a refusal is an answer, not an error."""

from __future__ import annotations

import csv
import statistics
from collections import defaultdict
from pathlib import Path

import pytest

from tests.web.commands.running import Rapport, as_json, done, rapport_on


@pytest.fixture
def simulated(tmp_path: Path) -> tuple[Rapport, Path]:
    rapport = rapport_on(f"sqlite:///{tmp_path}/x.sqlite")
    done(rapport("simulate", "--out", tmp_path / "d", "--seed", 3, "--therapists", 15, "--clients", 260))
    done(rapport("db", "upgrade"))
    done(rapport("clinic", "create", "harbour", "--name", "Harbour"))
    for kind in ("therapists", "clients"):
        done(rapport("import", kind, tmp_path / "d" / "import" / f"{kind}.csv"))
    return rapport, tmp_path / "d" / "import" / "ratings.csv"


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_first_fit_tells_its_trial(simulated: tuple[Rapport, Path]) -> None:
    rapport, ratings = simulated
    done(rapport("import", "ratings", ratings))
    said = done(rapport("fit"))
    assert " serves." in said and "Tried on later sessions" in said and "each client's own mean" in said
    assert "No model served before" in said and "so it may serve." in said
    found = as_json(rapport("fit", "--json"))
    assert (found["is_new"], found["serves"], found["serving"]) == (False, True, found["version"])
    assert found["trial"]["verdict"]["reason"] == "not_worse"


def test_a_first_model_that_is_worse_than_a_mean_does_not_serve(simulated: tuple[Rapport, Path]) -> None:
    """Early sessions, dated before the others, are the more dissatisfied the happier a client is later."""
    rapport, ratings = simulated
    rows, later = rows_of(ratings), defaultdict(list)
    last = sorted(int(row["session"]) for row in rows)[len(rows) * 4 // 5]  # of four fifths of the ratings
    for row in rows:
        row["rated_at"] = f"2023-01-{min(int(row['session']), 30):02}T09:00:00+00:00"
        later[row["client_id"]] += [float(row["score"])] if int(row["session"]) > last else []
    for row in rows:
        if int(row["session"]) <= last:
            happy = not later[row["client_id"]] or statistics.fmean(later[row["client_id"]]) > 0.9
            row["score"] = "0.75" if happy else "1"
    done(rapport("import", "ratings", written(ratings.with_name("spoilt.csv"), rows)))
    said = done(rapport("fit"))
    assert "does NOT serve. No model does: lists are made by the rules alone." in said
    assert "It is clearly worse than a plain mean, so it does not serve." in said
    found = as_json(rapport("fit", "--json"))
    assert (found["serves"], found["serving"]) == (False, None)
    assert found["trial"]["verdict"]["reason"] == "worse_than_baseline"


def test_ratings_without_dates_are_fitted_untried(simulated: tuple[Rapport, Path]) -> None:
    rapport, ratings = simulated
    undated = [row | {"rated_at": ""} for row in rows_of(ratings)]
    done(rapport("import", "ratings", written(ratings.with_name("undated.csv"), undated)))
    said = done(rapport("fit"))
    assert " serves." in said and "the ratings do not say when they were given" in said and "RMSE" not in said
    assert as_json(rapport("fit", "--json"))["trial"]["report"] is None
