"""``rapport backtest``: weights tried on past data, beside those that serve."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.commands.opened import clinic_option, clinic_session, json_option, now, sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from web.services.backtests import Candidate
    from web.services.clinics import Clinic


@click.command()
@clinic_option
@click.option("--preset", metavar="NAME", help="One of the release's presets.")
@click.option(
    "--weights", "file", type=click.Path(path_type=Path), metavar="FILE", help="JSON, as for weights publish."
)
@click.option("--version", metavar="V", help="Weights that served before; `release` for those of the release.")
@json_option
def backtest(slug: str | None, preset: str | None, file: Path | None, version: str | None, as_json: bool) -> None:
    """Try weights on past clients, beside those that serve: the draft, or those that an option names.

    Refused (exit code 1) where there are too few past clients to say anything. Nothing is changed.
    """
    from web.commands.backtest_words import words
    from web.services import backtests
    from web.wording.backtests import say_backtest_note

    if sum(one is not None for one in (preset, file, version)) > 1:
        raise click.UsageError("Give one of --preset, --weights and --version, or none for the draft.")
    found, clinic = run(slug, preset, file, version)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    if backtests.is_too_little(found):
        raise click.ClickException(say_backtest_note("too_little", found["replay"]["params"]))
    if not as_json:
        click.echo(words(found, clinic.scale))


def run(slug: str | None, preset: str | None, file: Path | None, version: str | None) -> tuple[dict[str, Any], Clinic]:
    """What the page's job does too, for any weights."""
    from web.services import backtests

    at = now()
    with clinic_session(slug) as (_, clinic):
        pass
    choose = _choice(clinic, preset, file, version, at)
    return backtests.run(sessions(), clinic, choose, now=at), clinic


def _choice(
    clinic: Clinic, preset: str | None, file: Path | None, version: str | None, at: datetime
) -> Callable[[Session], Candidate]:
    from web.commands.weights import text_of
    from web.exchange.documents import weights_from_json
    from web.services import backtests

    if preset is not None:
        return partial(backtests.of_preset, name=preset, now=at)
    if version is not None:
        return partial(backtests.of_version, version=version)
    if file is not None:
        said = weights_from_json(text_of(file))
        return partial(backtests.of_numbers, relative=said.weights, bounds=said.pairs(), now=at)
    return partial(backtests.of_draft, clinic=clinic, now=at)
