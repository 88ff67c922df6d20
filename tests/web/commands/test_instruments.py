"""``rapport import instrument`` and ``… scores``: stored once, or every problem told and nothing stored."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.architecture.test_imports import ROOT
from tests.web.commands.running import Rapport, as_json, done, rapport_on, refused
from tests.web.exchange.a_questionnaire import as_bytes, whole

LICENCE = ("--licence", "bought")


@pytest.fixture
def rapport(tmp_path: Path) -> Rapport:
    run = rapport_on(f"sqlite:///{tmp_path}/x.sqlite")
    done(run("db", "upgrade"))
    done(run("clinic", "create", "harbour", "--name", "Harbour Practice"))
    return run


def test_a_questionnaire_comes_in_once(rapport: Rapport, tmp_path: Path) -> None:
    file = tmp_path / "rest.json"
    file.write_bytes(as_bytes(whole()))
    assert "no problems" in done(rapport("import", "instrument", file, *LICENCE, "--dry-run"))
    assert "clients are asked it now" in done(rapport("import", "instrument", file, *LICENCE))
    assert "known already" in done(rapport("import", "instrument", file, *LICENCE))
    assert as_json(rapport("import", "instrument", file, *LICENCE, "--json"))["is_new"] is False


def test_the_command_says_which_answers_reach_a_person(rapport: Rapport, tmp_path: Path) -> None:
    file, warning = tmp_path / "rest.json", "WARNING: no answer of a well-being check reaches a person any more"
    silent = whole()
    del silent["scoring"]["safety"]
    file.write_bytes(as_bytes(silent))
    for dry in (("--dry-run",), (), ("--dry-run",)):
        said = done(rapport("import", "instrument", file, *LICENCE, *dry))
        assert warning in said and "in the place of PHQ-9, whose item 9" in said
    assert as_json(rapport("import", "instrument", file, *LICENCE, "--json"))["alarms"] is False
    file.write_bytes(as_bytes(whole() | {"version": "3"}))
    said = done(rapport("import", "instrument", file, *LICENCE))
    assert warning not in said and "to 3 raises a safety flag" in said
    file.write_bytes(as_bytes(silent | {"name": "mood-1", "version": "1"}))
    said = done(rapport("import", "instrument", file, *LICENCE))
    assert warning not in said and "those of another questionnaire in use still do" in said


def test_every_problem_of_it_is_told_and_nothing_stored(rapport: Rapport, tmp_path: Path) -> None:
    file = tmp_path / "rest.json"
    file.write_bytes(as_bytes(whole(top=9, method="median")))
    said = refused(rapport("import", "instrument", file, *LICENCE))
    assert "scoring.method" in said and "expected one of sum, mean" in said
    file.write_bytes(as_bytes(whole(top=9)))
    assert "the items reach 7" in refused(rapport("import", "instrument", file, *LICENCE))
    refused(rapport("import", "instrument", tmp_path / "none.json", *LICENCE))
    refused(rapport("import", "instrument", tmp_path, *LICENCE))
    file.write_bytes(as_bytes(whole()))
    assert "clients are asked it now" in done(rapport("import", "instrument", file, *LICENCE))


def test_an_instrument_needs_a_licence_and_nothing_else_has_one(rapport: Rapport, tmp_path: Path) -> None:
    file = tmp_path / "rest.json"
    file.write_bytes(as_bytes(whole()))
    assert rapport("import", "instrument", file).exit_code == 2
    assert rapport("import", "scores", file, *LICENCE).exit_code == 2
    assert "licence" in refused(rapport("import", "instrument", file, "--licence", "  "))


def test_scores_come_in_by_the_template(rapport: Rapport, tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    file.write_text(done(rapport("import", "--template", "scores")))
    said = rapport("import", "scores", file, "--json")
    assert said.exit_code == 1
    assert [p["code"] for p in json.loads(said.stdout)["problems"]] == ["unknown_client"]


def test_the_file_that_the_page_shows_comes_in(rapport: Rapport, tmp_path: Path) -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "measures.md").read_text(encoding="utf-8"), re.S)
    file = tmp_path / "rest.json"
    file.write_text(shown)
    assert as_json(rapport("import", "instrument", file, *LICENCE, "--json"))["n_items"] == 2
