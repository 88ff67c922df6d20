"""``rapport audit``: whether the trail of what was done holds, its end for keeping elsewhere, and the trail itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.commands.opened import clinic_option, clinic_session, now, session

if TYPE_CHECKING:
    from web.exchange.audit_files import Anchor
    from web.services.clinics import Clinic

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_day = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"))


@click.group()
def audit() -> None:
    """The trail of what was done: check it, keep its end elsewhere, write it out."""


@audit.command()
@clinic_option
@click.option("--anchor", type=_file, help="A file of ends that were kept elsewhere (rapport audit anchor).")
def verify(slug: str | None, anchor: Path | None) -> None:
    """Check that no entry was changed, moved, put in or removed. Exit code 1 names the first that does not hold.

    Entries cut off at the end are missed only with an end that was kept elsewhere: in this file, or in the one that
    RAPPORT_AUDIT_ANCHOR names.
    """
    from web import settings
    from web.commands.opened import sessions as opened_sessions
    from web.exchange import audit_files
    from web.services import audit_trail, sealing
    from web.wording.audit import say_verdict

    usual = settings.read().audit_anchor
    anchor = anchor or (usual if usual is not None and usual.exists() else None)
    kept = audit_files.read_anchors(anchor) if anchor else []
    holds = True
    for clinic in _meant(slug):
        with clinic_session(clinic.slug) as (opened, _):
            found = audit_trail.verify(opened, [one for one in kept if one.clinic == clinic.slug])
        holds = holds and found.holds
        click.echo(f"{clinic.slug}: {say_verdict(found.n_good, found.bad, found.trouble)}")
    for clinic_id in [] if slug else sealing.gone(opened_sessions()):
        holds = False
        click.echo(f"{clinic_id}: this clinic is gone, with all its entries; the file of keys remembers it.")
    lost = {one.clinic for one in kept} - {clinic.slug for clinic in _meant(None)}
    for name in sorted(lost):
        click.echo(f"{name}: this clinic is gone, with all its entries.")
    if lost or not holds:
        raise click.exceptions.Exit(1)


@audit.command()
@clinic_option
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Add to this file instead of printing.")
def anchor(slug: str | None, to: Path | None) -> None:
    """Print where the trail ends, a line of JSON a clinic. Keep it where nobody who has the database can write."""
    from web.exchange import audit_files

    found = [_end(clinic) for clinic in _meant(slug)]
    if to is not None:
        audit_files.append_anchors(to, found)
        click.echo(f"Kept {len(found)} {'end' if len(found) == 1 else 'ends'} in {to}.", err=True)
        return
    for one in found:
        click.echo(audit_files.anchor_line(one), nl=False)


@audit.command()
@clinic_option
@click.option("--actor", help="Whose acts: a person's key, or a word such as clock.")
@click.option("--action", help="What was done, or what that begins with, such as client.")
@click.option("--subject", help="To whom or what: a key.")
@click.option("--since", type=_day, help="From this day or moment on (UTC).")
@click.option("--until", type=_day, help="Before this day or moment (UTC).")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of JSON lines.")
def export(
    slug: str | None, actor: str | None, action: str | None, subject: str | None, since: datetime | None,
    until: datetime | None, as_csv: bool,
) -> None:  # fmt: skip
    """Write out the entries of a clinic that are looked for, the newest first. That it was done is an entry, too."""
    from web.exchange import audit_files
    from web.services import audit_trail

    wanted = audit_trail.wanted(actor=actor, action=action, subject=subject, since=since, until=until)
    with clinic_session(slug, writes=True) as (opened, _):
        for line in (audit_files.csv_lines if as_csv else audit_files.json_lines)(audit_trail.every(opened, wanted)):
            click.echo(line, nl=False)
        audit_trail.exported(opened, wanted, now=now())


def _meant(slug: str | None) -> list[Clinic]:
    """The clinic that is named, or all."""
    from web.services import clinics

    if slug is not None:
        with clinic_session(slug) as (_, clinic):
            return [clinic]
    with session() as opened:
        return clinics.every(opened)


def _end(clinic: Clinic) -> Anchor:
    from web.services import audit_trail

    with clinic_session(clinic.slug) as (opened, _):
        return audit_trail.head(opened, clinic, now=now())
