"""``rapport clinic``: a new clinic, and the places that its clients come from."""

from __future__ import annotations

from pathlib import Path

import click

from web.commands.opened import clinic_option, clinic_session, now, session


@click.group()
def clinic() -> None:
    """Clinics."""


@clinic.command()
@click.argument("slug")
@click.option("--name", required=True, help="The name that clients read.")
@click.option("--currency", default="€", show_default=True, help="The sign that follows an amount.")
@click.option(
    "--scale",
    type=(float, float, float),
    metavar="LOWEST TOP STEP",
    default=(0.0, 1.0, 0.025),
    show_default=True,
    help="The scale of alliance scores.",
)
@click.option("--host", help="The name under which its pages are called; the only clinic needs none.")
def create(slug: str, name: str, currency: str, scale: tuple[float, float, float], host: str | None) -> None:
    """Make a clinic, named SLUG in commands and addresses."""
    from matcher.entities import Scale
    from web.services import clinics

    with session(writes=True) as opened:
        made = clinics.create(opened, slug, name, now=now(), scale=Scale(*scale), currency=currency, host=host)
    click.echo(f"Made the clinic {made.slug} ({made.name}). Bring its files in: rapport import therapists FILE")


@clinic.command()
@click.argument("months", type=click.IntRange(1, 600), required=False)
@clinic_option
@click.option("--for-good", is_flag=True, help="Erase nobody whose case is closed.")
def keep(months: int | None, slug: str | None, for_good: bool) -> None:
    """Say for how many MONTHS after its end a closed case is kept before its client is erased; or show it."""
    from web.services import clinics

    with clinic_session(slug, writes=True) as (opened, chosen):
        if months is not None or for_good:
            clinics.keep_closed(opened, chosen, None if for_good else months, actor="command line", now=now())
        kept = clinics.keeps_closed(opened, chosen)
    words = "for good" if kept is None else f"for {kept} months after they are closed"
    click.echo(f"{chosen.slug} keeps cases {words}.")


@clinic.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@clinic_option
def places(file: Path, slug: str | None) -> None:
    """Let the districts and towns in FILE be those that clients choose from: place_id, name, latitude, longitude."""
    from web.exchange.places import read_places
    from web.services import places as service

    found = read_places(file)
    with clinic_session(slug, writes=True) as (opened, chosen):
        changed = service.replace(opened, chosen, found)
    click.echo(f"{len(found)} places; {changed} changed.")
