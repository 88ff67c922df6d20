"""The documentation is true: its links lead somewhere, its commands exist with the options that it shows."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from tests.architecture.test_imports import ROOT
from web.cli import main

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "seed_data").glob("*.md")])
COMMAND = re.compile(r"^\s*(?:\$ )?(rapport(?: [^\n#>|]*)?)", re.M)
MAKE = re.compile(r"\bmake ([a-z]+)")


def ids(pages: list) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


@pytest.mark.parametrize("document", PAGES, ids=ids(PAGES))
def test_links_lead_somewhere(document) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", document.read_text())
    dead = [link for link in links if not (document.parent / link).exists()]
    assert not dead, f"{document.name} links to what is not there: {dead}"


@pytest.mark.parametrize("document", PAGES, ids=ids(PAGES))
def test_commands_exist(document) -> None:
    text = re.sub(r"\\\n\s*", " ", document.read_text())
    blocks = re.findall(r"(?:^(?: {4}|\t).*\n?)+|```[a-z]*\n.*?```", text, re.M | re.S)
    for line in COMMAND.findall("\n".join(blocks)) + re.findall(r"`(rapport [^`]+)`", text):
        check_command(shlex.split(line.replace("…", ""))[1:], line)


def check_command(words: list[str], line: str) -> None:
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        alternatives = [word for word in words[0].split("/") if word]
        found = [command.get_command(context, word) for word in alternatives]
        assert all(found), f"no command {words[0]!r} in: {line}"
        command, words = found[0], words[1:]
        while words and words[0] == "/":
            words = words[2:]
    known = {option for parameter in command.params for option in parameter.opts}
    unknown = [word for word in words if word.startswith("--") and word.split("=")[0] not in known | {"--help"}]
    assert not unknown, f"no option {unknown} in: {line}"


@pytest.mark.parametrize("document", PAGES, ids=ids(PAGES))
def test_make_targets_exist(document) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"`[A-Z=0-9 ]*make ([a-z]+)", document.read_text()))
    assert named <= targets, f"no target {named - targets}"
