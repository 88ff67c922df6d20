"""``rapport keys``: the keys with which what clients say is sealed."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def keys() -> None:
    """The keys with which what clients say is sealed (RAPPORT_KEYS): make, add, rotate, take away."""


@keys.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def make(file: Path | None) -> None:
    """Make a FILE of keys (or the one that RAPPORT_KEYS names), readable by this user alone.

    Keep a copy of it apart from the backups of the database: without it nobody reads what clients said.
    """
    from web import key_file
    from web.commands.opened import now

    path = file or _path()
    name = key_file.make(path, now())
    click.echo(f"Made {path} with the key {name}. Name it in RAPPORT_KEYS, and keep a copy in another place.")


@keys.command()
def add() -> None:
    """Add a new key, with which everything is sealed from now on."""
    from web import key_file
    from web.commands import opened
    from web.db import schema

    path = _path()
    schema.current(opened.chosen().database_url)  # one that is out of reach is said before anything is done
    name = key_file.add(path, opened.now())
    _introduce(path, name)
    click.echo(f"Added the key {name}. Seal with it what is there already: rapport keys rotate")


@keys.command()
def rotate() -> None:
    """Seal everything anew with the current key; may be stopped, and run again."""
    from tqdm import tqdm

    from web.commands import opened
    from web.db import crypto, schema
    from web.services import sealing

    schema.require_current(opened.chosen().database_url)
    if len((ring := crypto.ring()).keys) > 1 and ring.current not in ring.ends:
        _introduce(_path(), ring.current)
    with tqdm(unit=" rows", disable=None) as bar:
        done = sealing.rotate(opened.sessions(), report=bar.update)
    click.echo(f"{done.n_rows} rows were sealed anew.")
    for name in done.idle:
        click.echo(f"The key {name} seals nothing any more. Keep it while backups or the audit trail need it.")


@keys.command("ends")
@click.option("--yes", "is_sure", is_flag=True, help="This is the database that you go on with.")
def keep_ends_anew(is_sure: bool) -> None:
    """Go on with a trail that is shorter than it was when a key was added: after an older backup, for good.

    The file of keys remembers where each trail ended then, so that nobody who knows an old key can write it anew. Here
    it forgets that, and takes the trails of this database (DATABASE_URL) for true. Not for a trial beside the real one.
    """
    from web import key_file
    from web.commands import opened
    from web.services import sealing

    if not is_sure:
        raise click.ClickException(
            "What the file of keys remembers of the audit trails is forgotten, and the trails of this database are "
            "taken for true. Look first at what rapport audit verify says. Where this is the database that you go on "
            "with, and no trial beside it: rapport keys ends --yes"
        )
    key_file.keep_ends_anew(_path(), sealing.ends_as_they_are(opened.sessions()))
    click.echo("The trails are taken as they are from now on.")


@keys.command("list")
def show() -> None:
    """The names of the keys, and when each was made; never the keys."""
    from web import key_file

    ages = key_file.ages(_path())
    for name, made_at in ages.items():
        click.echo(f"{name}  {made_at}{'  current' if name == list(ages)[-1] else ''}")


@keys.command()
@click.argument("name")
@click.option("--yes", "is_sure", is_flag=True, help="Remove it although it checks events of the audit trail.")
def remove(name: str, is_sure: bool) -> None:
    """Take a key off the ring that seals nothing any more. Backups that were made with it cannot be read then.

    Events of the audit trail keep the seal of the key of their day: without it nobody can check them any more, and the
    removal asks for --yes.
    """
    from web import key_file
    from web.commands import opened
    from web.services import sealing

    with opened.session() as session:
        try:
            sealing.require_idle(session, name)
        except sealing.StillNeeded as needed:
            raise click.ClickException(str(needed)) from needed
        n_events = sealing.n_audit_events(session, name)
    if n_events and not is_sure:
        raise click.ClickException(
            f"{n_events} events of the audit trail bear a seal of the key {name}: without it rapport audit verify "
            "stops at the first of them. Leave it on the ring; or check the trail a last time, and remove it all the "
            f"same: rapport keys remove {name} --yes"
        )
    key_file.remove(_path(), name)
    click.echo(f"The key {name} is gone.")


def _introduce(path: Path, name: str) -> None:
    """Let the database know a new key, and the key's entry in the file where the audit trails ended without it."""
    from web import key_file
    from web.commands import opened
    from web.db import schema
    from web.services import sealing

    key_file.install(path, None)
    url = opened.chosen().database_url
    if (found := schema.current(url)) is None:
        return
    if found != schema.head():
        click.echo("The database is of another version: run rapport db upgrade and rapport keys rotate next.", err=True)
        return
    sealing.introduce(url)
    if ends := sealing.ends(opened.sessions()):  # one without clinics has no trail
        key_file.keep_ends(path, name, ends)


def _path() -> Path:
    from web import settings

    read = settings.read()
    path = read.keys or read.keys_beside
    assert path is not None  # in production no settings are read that name none
    return path
