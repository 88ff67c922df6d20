"""``rapport token``: a program's way in."""

from __future__ import annotations

import click

from web.commands.opened import clinic_option, clinic_session, now


@click.group()
def token() -> None:
    """Tokens for the API."""


@token.command()
@clinic_option
@click.option("--days", type=click.IntRange(1, 3_650), default=90, show_default=True, help="How long it is valid.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="What it may do: matches (the default), weights:read, weights:write. May be given several times.",
)
def issue(slug: str | None, days: int, scopes: tuple[str, ...]) -> None:
    """Make a token for a program of a clinic. It is shown this once."""
    from web.services import tokens

    with clinic_session(slug, writes=True) as (opened, _):
        made = tokens.issue(opened, now=now(), days=days, scopes=scopes or tokens.USUAL)
    click.echo(f"Keep it like a password; it cannot be shown again, and is valid for {days} days.", err=True)
    click.echo(made)
