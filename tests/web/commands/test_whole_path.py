"""Files in, explained ranked matches out: the whole path on the command line and by HTTP, equal on both engines."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.databases import new_database
from tests.web.commands.running import Rapport, as_json, done, rapport_on, refused
from tests.web.conftest import settings_for
from web import create_app

KINDS = ("therapists", "clients", "ratings")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated") / "d1"
    done(rapport_on("sqlite://")("simulate", "--out", folder, "--seed", 1, "--therapists", 25, "--clients", 160))
    return folder


def path_on(url: str, folder: Path) -> tuple[Rapport, Any]:
    """From an empty database to a list, as the documentation has it."""
    rapport = rapport_on(url)
    done(rapport("db", "upgrade"))
    done(rapport("clinic", "create", "harbour", "--name", "Harbour Practice"))
    for kind in KINDS:
        file = folder / "import" / f"{kind}.csv"
        assert as_json(rapport("import", kind, file, "--dry-run", "--json"))["stored"] is False
        assert as_json(rapport("import", kind, file, "--json"))["stored"] is True
        assert as_json(rapport("import", kind, file, "--json"))["changes"]["new"] == 0
    assert as_json(rapport("fit", "--json"))["is_new"] is True
    return rapport, as_json(rapport("match", "--intake", folder / "import" / "intake.json", "--json"))


def test_the_same_list_on_both_engines_and_by_http(simulated: Path, tmp_path: Path, postgresql: str) -> None:
    intake = json.loads((simulated / "import" / "intake.json").read_text())
    found = []
    with new_database(postgresql) as other:
        for url in (f"sqlite:///{tmp_path}/x.sqlite", other):
            rapport, listed = path_on(url, simulated)
            token = done(rapport("token", "issue")).strip()
            client = create_app(settings_for(url)).test_client()
            headers = {"Authorization": f"Bearer {token}"}
            answer = client.post("/api/v1/matches", json={"intake": intake, "top": 5}, headers=headers)
            assert (answer.status_code, answer.json) == (200, listed)
            found.append(listed)
    assert found[0] == found[1]
    check_list(found[0], intake)


def check_list(listed: dict[str, Any], intake: dict[str, Any]) -> None:
    """The promises of a list: order, sums, reasons with words, nobody forgotten."""
    matches = listed["matches"]
    assert listed["client_id"] == intake["client_id"] and listed["model_version"]
    assert [match["place"] for match in matches] == [1, 2, 3, 4, 5]
    scores = [match["score"] for match in matches]
    assert scores == sorted(scores, reverse=True)
    for match in matches:
        assert sum(part["points"] for part in match["contributions"]) == match["score"]
        assert 1 <= len(match["reasons"]) <= 3 and all(reason["text"] for reason in match["reasons"])
        assert match["outlook"]["lower80"] <= match["outlook"]["mean"] <= match["outlook"]["upper80"]
    refusals = listed["refusals"]
    assert refusals["total"] == len(refusals["therapists"]) > 0
    assert all(entry["codes"] for entry in refusals["therapists"])


def test_the_list_for_people_says_what_the_json_says(simulated: Path, tmp_path: Path) -> None:
    rapport, listed = path_on(f"sqlite:///{tmp_path}/x.sqlite", simulated)
    words = done(rapport("match", "--intake", "-", "--top", 2, stdin=(simulated / "import/intake.json").read_bytes()))
    for match in listed["matches"][:2]:
        assert match["therapist"]["name"] in words and match["reasons"][0]["text"] in words
    assert listed["matches"][2]["therapist"]["name"] not in words
    assert f"{listed['refusals']['total']} cannot be offered" in words


def test_the_alliance_commands_take_the_simulated_files(simulated: Path, tmp_path: Path) -> None:
    rapport, files = rapport_on("sqlite://"), {name: simulated / f"{name}.csv" for name in (*KINDS, "pairs", "truth")}
    people = ("--clients", files["clients"], "--therapists", files["therapists"])
    model, out = tmp_path / "m.npz", tmp_path / "p.csv"
    done(rapport("alliance", "fit", "--ratings", files["ratings"], *people, "--model", model))
    done(rapport("alliance", "predict", "--model", model, "--pairs", files["pairs"], *people, "--out", out))
    with out.open() as predicted, files["truth"].open() as truth:
        pairs = list(zip(csv.DictReader(predicted), csv.DictReader(truth), strict=True))
    assert len(pairs) == 25 * 160
    assert all((p["client_id"], p["therapist_id"]) == (t["client_id"], t["therapist_id"]) for p, t in pairs)


def test_a_list_before_the_first_fit_says_so(simulated: Path, tmp_path: Path) -> None:
    rapport = rapport_on(f"sqlite:///{tmp_path}/x.sqlite")
    done(rapport("db", "upgrade"))
    done(rapport("clinic", "create", "harbour", "--name", "Harbour"))
    done(rapport("import", "therapists", simulated / "import" / "therapists.csv"))
    listed = as_json(rapport("match", "--intake", simulated / "import" / "intake.json", "--json"))
    assert [note["code"] for note in listed["notes"]] == ["no_model"]
    assert "rapport import ratings" in refused(rapport("fit"))
