"""``rapport weights``: what serves, weights from a file or a preset, and the way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher import PRESETS
from tests.web.commands.running import Rapport, as_json, done, rapport_on, refused
from tests.web.services.leading import GONE, Leads, copied_clinic
from web.services import tuning, weight_publishing

SAID = {"weights": {"alliance": 3, "access": 1}, "bounds": {"access": {"least": 1, "most": 1}}}


@pytest.fixture
def leads(tmp_path: Path) -> Leads:
    return copied_clinic(tmp_path)


@pytest.fixture
def rapport(leads: Leads) -> Rapport:
    return rapport_on(leads.url)


def test_from_a_preset_to_a_file_and_back(rapport: Rapport, tmp_path: Path) -> None:
    assert "The release’s own weights serve." in done(rapport("weights", "show"))
    said = done(rapport("weights", "publish", "--preset", "soonest", "--note", "Waits are long."))
    assert said.startswith("The weights w1 serve at North from now on.")
    (tmp_path / "weights.json").write_text(json.dumps(SAID))
    made = as_json(rapport("weights", "publish", tmp_path / "weights.json", "--note", "Simpler.", "--json"))
    assert (made["version"], made["state"], made["author"]) == ("w2", "serving", "command line")
    shown = done(rapport("weights", "show", "--clinic", "north"))
    assert "75.0%  Working well together (alliance)" in shown and "“Simpler.” (the command line)" in shown
    assert "Easy to reach (access), clients may move it 1 to 1 times" in shown
    assert "back" not in done(rapport("weights", "roll-back", "w1"))
    found = as_json(rapport("weights", "show", "--json"))
    assert found["serving"]["version"] == "w1"
    assert found["serving"]["weights"] == dict(PRESETS["soonest"].values)
    assert [one["state"] for one in found["history"]] == ["serving", "past", "past"]
    done(rapport("weights", "roll-back", "release"))
    assert as_json(rapport("weights", "show", "--json"))["serving"]["version"] is None


def test_weights_may_come_on_standard_input(rapport: Rapport) -> None:
    done(rapport("weights", "publish", "-", "--note", "x", stdin=json.dumps(SAID)))
    assert as_json(rapport("weights", "show", "--json"))["serving"]["bounds"]["access"] == {"least": 1, "most": 1}


def test_a_preset_leaves_the_bounds_of_clients_as_they_are(rapport: Rapport) -> None:
    done(rapport("weights", "publish", "-", "--note", "x", stdin=json.dumps(SAID)))
    done(rapport("weights", "publish", "--preset", "balanced", "--note", "x"))
    assert as_json(rapport("weights", "show", "--json"))["serving"]["bounds"]["access"] == {"least": 1, "most": 1}


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ("", "JSON"),
        ("[1]", "document"),
        ('{"weights": {}}', "above 0"),
        ('{"weights": {"alliance": NaN}}', "NaN"),
        ('{"weights": {"alliance": -1}}', "0 or more"),
        ('{"weights": {"aliance": 1}}', "did you mean 'alliance'"),
        ('{"weights": {"alliance": 1}, "bounds": {"alliance": {"least": 0, "most": 1}}}', "wish every weight away"),
        ('{"weights": {"alliance": 1}, "note": "here"}', "no such name"),
    ],
)
def test_what_cannot_be_weights_is_refused_in_a_sentence(rapport: Rapport, leads: Leads, stdin: str, said: str) -> None:
    assert said in refused(rapport("weights", "publish", "-", "--note", "x", stdin=stdin))
    assert leads.standing().draft is None and leads.rows()["weights_versions"] == 0


def test_refusals_are_sentences(rapport: Rapport, tmp_path: Path) -> None:
    assert "balanced, wishes_first, soonest" in refused(
        rapport("weights", "publish", "--preset", "fast", "--note", "x")
    )
    assert "serve already" in refused(rapport("weights", "publish", "--preset", "balanced", "--note", "x"))
    assert "what changes and why" in refused(rapport("weights", "publish", "--preset", "soonest", "--note", " "))
    assert "no version has served" in refused(rapport("weights", "roll-back", "w1"))
    assert "serve already" in refused(rapport("weights", "roll-back", "release"))
    assert "No such file" in refused(rapport("weights", "publish", tmp_path / "none.json", "--note", "x"))
    assert "no clinic named" in refused(rapport("weights", "show", "--clinic", "south"))
    for wrong in (("--note", "x"), ("f.json", "--preset", "soonest", "--note", "x"), ("--preset", "soonest")):
        assert rapport("weights", "publish", *wrong).exit_code == 2


def test_a_command_leaves_the_work_of_people_alone(rapport: Rapport, leads: Leads) -> None:
    """A draft that somebody works on stays, and where two are asked for a command is neither of them."""
    draft = leads.draft()
    said = refused(rapport("weights", "publish", "--preset", "soonest", "--note", "x"))
    assert "Ada Quill is working on a draft" in said and leads.standing().draft == draft
    assert "A draft, last changed by Ada Quill" in done(rapport("weights", "show"))
    leads.publish()
    assert done(rapport("weights", "two-persons", "on")).startswith("One lead proposes new weights")
    said = refused(rapport("weights", "publish", "--preset", "soonest", "--note", "x"))
    assert "two persons" in said and leads.standing().draft is None
    assert "two persons" in refused(rapport("weights", "roll-back", "release"))
    assert "Two persons are asked for" in done(rapport("weights", "show"))
    done(rapport("weights", "two-persons", "off", "--clinic", "north"))
    assert not leads.standing().two_person
    assert rapport("weights", "two-persons", "perhaps").exit_code == 2


@pytest.mark.A8
def test_who_would_be_shut_out_is_told_before(rapport: Rapport, leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "warnings", lambda *_: GONE)
    run = ("weights", "publish", "--preset", "soonest", "--note", "x")
    assert "propose the draft" in refused(rapport(*run, "--acknowledged"))
    monkeypatch.setattr(weight_publishing, "leads", lambda _session: frozenset())  # a clinic that nobody leads yet
    assert "say that you know" in refused(rapport(*run))
    assert leads.standing().draft is None and leads.standing().serving.version is None
    done(rapport(*run, "--acknowledged"))
    assert "say that you know" in refused(rapport("weights", "roll-back", "release"))
    done(rapport("weights", "roll-back", "release", "--acknowledged"))


def test_a_token_for_weights(rapport: Rapport) -> None:
    done(rapport("token", "issue", "--scope", "weights:read", "--scope", "weights:write"))
    answer = refused(rapport("token", "issue", "--scope", "everything"))
    assert "matches, model:read, weights:read, weights:write" in answer
