"""``rapport weights``: what serves and what served, new weights from a file or a preset, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.commands.opened import clinic_option, clinic_session, json_option, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from web.services.clinics import Clinic
    from web.services.weights import Activation

RELEASE = "release"
acknowledged_option = click.option(
    "--acknowledged", is_flag=True, help="You have read whom these weights would shut out of all lists."
)


@click.group()
def weights() -> None:
    """How much each factor counts."""


@weights.command()
@clinic_option
@json_option
def show(slug: str | None, as_json: bool) -> None:
    """Say what serves, what is drafted, and what served before."""
    from web.commands.weights_words import standing_words
    from web.services import weights as service
    from web.weight_answers import standing_out

    with clinic_session(slug) as (opened, clinic):
        found = service.standing(opened, clinic, now=now())
    click.echo(standing_out(found).model_dump_json(indent=2) if as_json else standing_words(found))


@weights.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--preset", metavar="NAME", help="One of the release's presets instead of a file.")
@click.option("--note", required=True, help="What changes and why, for who looks back at it.")
@acknowledged_option
@clinic_option
@json_option
def publish(
    file: Path | None, preset: str | None, note: str, acknowledged: bool, slug: str | None, as_json: bool
) -> None:
    """Let weights serve from now on: those in FILE (JSON, as the API takes a draft), or those of a preset.

    A draft that somebody works on is left alone. A command is no person: where the clinic asks for two, they propose
    and approve weights on their page.
    """
    from web.exchange.documents import weights_from_json
    from web.services import weight_checks

    if (file is None) == (preset is None):
        raise click.UsageError("Give either a FILE or --preset NAME.")
    said = weights_from_json(text_of(file)) if file is not None else None
    bounds = said.pairs() if said is not None else None
    chosen = said.weights if said is not None else weight_checks.preset(preset or "")
    _done(slug, as_json, lambda opened, clinic, at: _publish(opened, clinic, chosen, bounds, note, acknowledged, at))


@weights.command("roll-back")
@click.argument("version")
@acknowledged_option
@clinic_option
@json_option
def roll_back(version: str, acknowledged: bool, slug: str | None, as_json: bool) -> None:
    """Let VERSION serve again, which has served before; ``release`` is what the release brings."""
    from web.services import audit, tuning

    name = None if version == RELEASE else version
    _done(
        slug,
        as_json,
        lambda opened, clinic, at: tuning.roll_back(opened, clinic, name, acknowledged, actor=audit.COMMAND, now=at),
    )


@weights.command("two-persons")
@click.argument("wanted", type=click.Choice(["on", "off"]))
@clinic_option
def two_persons(wanted: str, slug: str | None) -> None:
    """Let one lead propose new weights and another one approve them (on), or let each publish alone (off)."""
    from web.services import audit, weight_publishing

    with clinic_session(slug, writes=True) as (opened, clinic):
        weight_publishing.ask_for_two(opened, clinic, wanted == "on", actor=audit.COMMAND, now=now())
    said = "One lead proposes new weights, and another one approves them" if wanted == "on" else "One lead is enough"
    click.echo(f"{said} at {clinic.name} from now on.")


def _done(slug: str | None, as_json: bool, act: Callable[[Session, Clinic, datetime], Activation]) -> None:
    from web.commands.weights_words import activation_words
    from web.weight_answers import activation_out

    with clinic_session(slug, writes=True) as (opened, clinic):
        made = act(opened, clinic, now())
    click.echo(activation_out(made).model_dump_json(indent=2) if as_json else activation_words(made, clinic.name))


def _publish(
    opened: Session,
    clinic: Clinic,
    chosen: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None,
    note: str,
    acknowledged: bool,
    at: datetime,
) -> Activation:
    """Draft and publish in one transaction; a preset leaves the clients' bounds as they are."""
    from web.services import audit, tuning, weight_drafts
    from web.services import weights as service
    from web.services.weight_troubles import WeightsTrouble

    found = service.standing(opened, clinic, now=at)
    if found.draft is not None:
        raise WeightsTrouble("draft_waits", who=found.draft.edited_by)
    within = found.serving.bounds if bounds is None else bounds
    draft = weight_drafts.save_draft(opened, clinic, chosen, within, note, None, actor=audit.COMMAND, now=at)
    return tuning.publish_as_it_is(opened, clinic, draft.revision, None, acknowledged, actor=audit.COMMAND, now=at)


def text_of(path: Path) -> bytes:
    """What a file holds, or standard input for -; a refusal that people can read where there is none."""
    try:
        with click.open_file(str(path), "rb") as stream:
            return bytes(stream.read())
    except OSError as error:
        raise click.ClickException(f"{path.name}: {error.strerror}") from error
