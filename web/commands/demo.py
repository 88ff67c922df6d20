"""``rapport demo``: the invented clinic loaded, fitted, shown on the terminal and served."""

from __future__ import annotations

import dataclasses
import os
from datetime import date
from typing import TYPE_CHECKING

import click

from web import settings
from web.commands.serve import worker_option

if TYPE_CHECKING:
    from matcher.entities import Scale
    from web.services.demo import Example

SHOWN = 3
DATABASE = "sqlite:///instance/demo.sqlite"


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="The port to listen on (PORT, 8000).")
@click.option("--no-serve", is_flag=True, help="Load, fit and print, and end.")
@worker_option
def demo(port: int | None, no_serve: bool, worker: bool) -> None:
    """Load an invented clinic, fit its model, print three ranked lists, and serve them."""
    chosen = settings.read(environment="demo")
    if not os.environ.get("DATABASE_URL", "").strip():
        chosen = dataclasses.replace(chosen, database_url=DATABASE)
    if not chosen.is_demo:
        raise click.ClickException(
            f"RAPPORT_ENV is {chosen.environment}: the demo serves invented people only; unset it."
        )
    chosen = dataclasses.replace(chosen, port=port or chosen.port)
    if not no_serve:
        _check_port(chosen)
    from web import key_file

    key_file.install(chosen.keys, chosen.keys_beside)
    _show(chosen)
    if not no_serve:
        from web.commands.serve import run

        run(chosen, worker=worker)


def _check_port(chosen: settings.Settings) -> None:
    """Before the work, not after it."""
    from web.server import PortTaken, check_port

    try:
        check_port(chosen.host, chosen.port)
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from taken


def _show(chosen: settings.Settings) -> None:
    from web.commands.fit_words import words
    from web.commands.opened import now
    from web.db import engine
    from web.services import demo as service
    from web.services import tokens

    click.echo("Loading the invented clinic …", err=True)
    try:
        clinic = service.prepare(chosen.database_url, now())
    except service.DemoRefused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo("Fitting its model …", err=True)
    click.echo(words(service.fit(chosen.database_url, clinic, now())))
    service.furnish(chosen.database_url, clinic, now())
    with engine.sessions(chosen.database_url)() as session:
        engine.writing(session)
        found = service.examples(session, date.today())
        token = tokens.issue(session, now=now(), days=1)
        session.commit()
    for example in found.people if found else ():
        click.echo(_list(example, found.scale))
    click.echo(_where(chosen, token))


def _list(example: Example, scale: Scale) -> str:
    from web.answers import match_list
    from web.commands.match import words

    top = dataclasses.replace(example.matches, matches=example.matches.matches[:SHOWN])
    return f"\n== {example.title}\n{example.story}\n{words(match_list(top, example.therapists, scale))}"


def _where(chosen: settings.Settings, token: str) -> str:
    from web.services.demo_people import PASSWORD, STAFF

    address = f"http://localhost:{chosen.port}"
    return "\n".join(
        [
            "",
            f"Start page      {address}/",
            f"The tour        {address}/tour/  (be each of the five with one click)",
            f"Help now        {address}/help-now",
            f"API reference   {address}/api/v1/",
            f"API token       {token}  (for a day)",
            f"Sign in         {address}/sign-in  with the password: {PASSWORD}",
            *(f"                {staff.email}  ({staff.role.replace('_', ' ')})" for staff in STAFF.values()),
        ]
    )
