"""What cannot be done is refused in a sentence with the mend: exit code 1; wrong use is 2; no trace, no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.commands.running import Rapport, as_json, done, rapport_on, refused
from tests.web.exchange.dirty.build import HERE


@pytest.fixture
def rapport(tmp_path: Path) -> Rapport:
    run = rapport_on(f"sqlite:///{tmp_path}/x.sqlite")
    done(run("db", "upgrade"))
    return run


@pytest.fixture
def clinic(rapport: Rapport) -> Rapport:
    done(rapport("clinic", "create", "harbour", "--name", "Harbour Practice"))
    return rapport


def test_without_tables_the_way_to_them_is_named(tmp_path: Path) -> None:
    run = rapport_on(f"sqlite:///{tmp_path}/x.sqlite")
    assert "rapport db upgrade" in refused(run("clinic", "create", "harbour", "--name", "x"))
    assert "rapport db upgrade" in refused(run("db", "check"))


def test_the_tables_go_up_and_down(rapport: Rapport) -> None:
    assert "as this release needs it" in done(rapport("db", "check"))
    assert "base" in done(rapport("db", "downgrade", "base"))
    assert "no tables" in refused(rapport("db", "check"))
    assert "nowhere" in refused(rapport("db", "downgrade", "nowhere"))


def test_tables_with_clinics_go_down_only_on_demand(clinic: Rapport) -> None:
    assert "holds 1 clinic" in refused(clinic("db", "downgrade", "base"))
    assert "as this release needs it" in done(clinic("db", "check"))
    assert "base" in done(clinic("db", "downgrade", "base", "--yes"))


def test_which_clinic_is_asked_where_it_is_not_clear(rapport: Rapport) -> None:
    assert "rapport clinic create" in refused(rapport("fit"))
    done(rapport("clinic", "create", "north", "--name", "North"))
    assert "There are: north." in refused(rapport("fit", "--clinic", "south"))
    done(rapport("clinic", "create", "south", "--name", "South"))
    assert "There are: north, south. Say which one with --clinic." in refused(rapport("fit"))
    assert "already" in refused(rapport("clinic", "create", "south", "--name", "South"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("North Clinic", "--name", "x"), "small letters"),
        (("-x", "--name", "x"), None),
        (("north", "--name", "  "), "1 to 200 letters"),
        (("north", "--name", "a\nb"), "1 to 200 letters"),
        (("north", "--name", "x", "--scale", "1", "0", "0.1"), "lowest < top"),
        (("north", "--name", "x", "--scale", "0", "nan", "0.1"), "finite number"),
    ],
)
def test_an_impossible_clinic_is_not_made(rapport: Rapport, words: tuple[str, ...], said: str | None) -> None:
    result = rapport("clinic", "create", *words)
    if said is None:
        assert result.exit_code == 2
    else:
        assert said in refused(result)
    assert "There is no clinic yet" in refused(rapport("fit"))


def test_a_dirty_file_is_told_in_full_and_not_stored(clinic: Rapport) -> None:
    for dry in (("--dry-run",), ()):
        said = refused(clinic("import", "therapists", HERE / "therapists.csv", *dry))
        assert "Nothing was stored" in said and "row " in said
    listed = clinic("import", "therapists", HERE / "therapists.csv", "--json")
    assert listed.exit_code == 1
    assert as_json(clinic("import", "therapists", HERE / "clean.csv", "--dry-run", "--json"))["changes"]["new"] == 300
    assert "300 new" in done(clinic("import", "therapists", HERE / "clean.csv"))
    assert "300 as they were" in done(clinic("import", "therapists", HERE / "clean.csv"))


@pytest.mark.parametrize("kind", ["therapists", "clients", "ratings"])
def test_a_template_is_a_file_that_can_be_read(rapport: Rapport, kind: str) -> None:
    printed = done(rapport("import", "--template", kind))
    header, example = printed.splitlines()
    assert header.count(",") >= 4 and example


def test_a_file_that_is_not_there(clinic: Rapport, tmp_path: Path) -> None:
    assert "there is no such file" in refused(clinic("import", "clients", tmp_path / "no.csv"))
    assert "No such file" in refused(clinic("match", "--intake", tmp_path / "no.json"))
    assert "Is a directory" in refused(clinic("match", "--intake", tmp_path))


def test_an_intake_that_cannot_be_read_names_each_place(clinic: Rapport) -> None:
    said = refused(clinic("match", "--intake", "-", stdin='{"client_id": "c", "concerns": ["anxeity"], "hope": 11}'))
    assert "concerns[0]" in said and "did you mean 'anxiety'?" in said and "hope" in said
    assert "NaN" in refused(clinic("match", "--intake", "-", stdin='{"client_id": "c", "hope": NaN}'))


def test_wrong_use_is_told_apart(rapport: Rapport) -> None:
    for words in (("nothing",), ("import", "people", "x.csv"), ("match",), ("match", "--intake", "x", "--top", "0")):
        assert rapport(*words).exit_code == 2, words


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    run = rapport_on(f"sqlite:///{tmp_path}/file/x.sqlite")
    for words in (("db", "upgrade"), ("fit",), ("demo", "--no-serve")):
        assert "check DATABASE_URL" in refused(run(*words))


def test_a_wrong_setting_or_a_dead_database_is_a_sentence_without_secrets() -> None:
    said = refused(rapport_on("postgres://x:hunter2@db/rapport")("fit"))
    assert "postgresql+psycopg://" in said and "hunter2" not in said
    said = refused(rapport_on("postgresql+psycopg://x:hunter2@127.0.0.1:1/rapport")("fit"))
    assert "cannot be reached" in said and "hunter2" not in said
    said = refused(rapport_on("postgresql+psycopg://x:hunter2@127.0.0.1:1/rapport")("db", "upgrade"))
    assert "hunter2" not in said
