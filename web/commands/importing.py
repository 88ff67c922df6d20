"""``rapport import``: a clinic's files, every problem by row and column, all or nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.commands.opened import clinic_option, clinic_session, json_option, now

if TYPE_CHECKING:
    from web.services.importing import Imported
    from web.services.instruments import Brought

KINDS = ("therapists", "clients", "ratings", "scores")
INSTRUMENT = "instrument"
SHOWN = 200


def _write_template(ctx: click.Context, parameter: click.Parameter, kind: str | None) -> None:
    if kind is None or ctx.resilient_parsing:
        return
    from web.exchange.writing import template

    click.echo(template(kind), nl=False)
    ctx.exit()


@click.command("import")
@click.argument("kind", type=click.Choice((*KINDS, INSTRUMENT)))
@click.argument("file", type=click.Path(path_type=Path))
@clinic_option
@click.option("--dry-run", is_flag=True, help="Name every problem and what would change; change nothing.")
@click.option(
    "--template",
    type=click.Choice(KINDS),
    is_eager=True,
    expose_value=False,
    callback=_write_template,
    help="Print an empty file with an example row, and nothing else.",
)
@click.option("--licence", metavar="WORDS", help="Of an instrument: what allows the clinic to use it.")
@json_option
def import_files(kind: str, file: Path, slug: str | None, dry_run: bool, licence: str | None, as_json: bool) -> None:
    """Bring in a FILE of therapists, clients, ratings or scores (CSV), or a licensed instrument (FHIR Questionnaire).

    What must be mended is told by row and column, or by its place. One problem, and nothing is stored. The same file
    again changes nothing.
    """
    if (kind == INSTRUMENT) != (licence is not None):
        raise click.UsageError("--licence belongs to an instrument, and an instrument needs it.")
    if kind == INSTRUMENT:
        _import_instrument(file, slug, licence or "", dry_run, as_json)
        return
    from web.services import importing

    with clinic_session(slug) as (opened, clinic):
        reading = importing.read(opened, clinic, kind, file, now=now())
    with clinic_session(clinic.slug, writes=True) as (opened, clinic):
        found = importing.store(opened, clinic, reading, now=now(), dry_run=dry_run)
        if not found.stored:
            opened.rollback()
    click.echo(_json(found) if as_json else _words(found, file.name))
    if not found.reading.ok:
        raise SystemExit(1)


def _import_instrument(file: Path, slug: str | None, licence: str, dry_run: bool, as_json: bool) -> None:
    """A questionnaire taken into use; what is wrong with it ends the command with every problem."""
    from web.services import audit, instruments

    try:
        text = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file.name} cannot be read ({error.strerror}).") from error
    with clinic_session(slug, writes=True) as (opened, clinic):
        made = instruments.bring(opened, clinic, text, licence, actor=audit.COMMAND, now=now())
        if dry_run:
            opened.rollback()
    if as_json:
        click.echo(json.dumps(asdict(made) | {"stored": not dry_run}, ensure_ascii=False))
        return
    state = "known already, as it was" if not made.is_new else "no problems" if dry_run else "clients are asked it now"
    click.echo(f"{file.name}: {made.title} ({made.code}, version {made.version}), {made.n_items} items: {state}.")
    click.echo(_who_is_told(made))


def _who_is_told(made: Brought) -> str:
    """Which answers reach a person. A licensed questionnaire stands in the place of PHQ-9, and of its item 9."""
    if made.safety_items:
        return f"An answer above the lowest to {', '.join(made.safety_items)} raises a safety flag at once."
    if made.alarms:
        return "None of its answers raises a safety flag; those of another questionnaire in use still do."
    return (
        "WARNING: no answer of a well-being check reaches a person any more. This questionnaire names no items under "
        "scoring.safety, and it is asked in the place of PHQ-9, whose item 9 raises a safety flag. If it asks about "
        "self-harm, name that item there and bring it in as a version of its own. Otherwise see to it that somebody "
        "asks in another way."
    )


def _json(found: Imported) -> str:
    reading = found.reading
    document = {
        "kind": reading.kind,
        "ok": reading.ok,
        "stored": found.stored,
        "counts": dict(reading.counts),
        "changes": asdict(found.changes),
        "problems": [asdict(problem) for problem in reading.problems],
        "more_problems": reading.more_problems,
        "notes": [asdict(note) for note in reading.notes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _words(found: Imported, name: str) -> str:
    reading, changes = found.reading, found.changes
    lines = [problem.say() for problem in reading.problems[:SHOWN]]
    more = len(reading.problems) - len(lines) + reading.more_problems
    if more > 0:
        lines.append(f"… and {more:,} more problems; --json names up to 10,000")
    lines += [f"note: {note.say()}" for note in reading.notes]
    if not reading.ok:
        n = len(reading.problems) + reading.more_problems
        lines.append(
            f"{name}: {n:,} {'problem' if n == 1 else 'problems'}. Nothing was stored; mend them and try again."
        )
        return "\n".join(lines)
    told = f"{changes.new:,} new, {changes.changed:,} changed, {changes.unchanged:,} as they were"
    done = "Stored" if found.stored else "No problems. Would be stored"
    lines.append(f"{name}: {reading.counts['rows']:,} rows. {done}: {told}.")
    return "\n".join(lines)
