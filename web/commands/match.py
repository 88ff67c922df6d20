"""``rapport match``: an intake in, the ranked and explained list out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.commands.opened import clinic_option, clinic_session, json_option

if TYPE_CHECKING:
    from web.answers import MatchListOut, MatchOut


@click.command()
@click.option(
    "--intake", type=click.Path(path_type=Path), required=True, help="The intake as JSON; - is standard input."
)
@clinic_option
@click.option("--top", type=click.IntRange(1), default=5, show_default=True, help="At most so many.")
@json_option
def match(intake: Path, slug: str | None, top: int, as_json: bool) -> None:
    """Rank the clinic's therapists for one intake, and say why."""
    from web.answers import match_list
    from web.exchange.documents import intake_from_json
    from web.services import matching

    asked = intake_from_json(_text(intake))
    with clinic_session(slug) as (opened, clinic):
        found = matching.for_intake(opened, clinic.id, asked, top=top)
    answer = match_list(found.matches, found.therapists, found.scale)
    click.echo(answer.model_dump_json(indent=2) if as_json else words(answer))


def _text(path: Path) -> bytes:
    try:
        with click.open_file(str(path), "rb") as stream:
            return bytes(stream.read())
    except OSError as error:
        raise click.ClickException(f"{path.name}: {error.strerror}") from error


def words(answer: MatchListOut) -> str:
    """A list as people read it on a terminal."""
    lines = [note.text for note in answer.notes]
    for match in answer.matches:
        lines += _of_match(match)
    if answer.remedies:
        lines += ["", "What would open more places:", *(f"  · {remedy.text}" for remedy in answer.remedies)]
    if answer.refusals.total:
        why = ", ".join(f"{count.text.lower()} ({count.n_therapists})" for count in answer.refusals.by_code[:3])
        lines += ["", f"{answer.refusals.total} cannot be offered, most often because the therapist {why}."]
    return "\n".join(lines)


def _of_match(match: MatchOut) -> list[str]:
    lines = [
        "",
        f"{match.place}. {match.therapist.name} ({match.therapist.id}) – {match.fit.lower()}, {match.score:.3f}",
    ]
    lines += [f"   + {reason.text}" for reason in match.reasons]
    if match.caution:
        lines.append(f"   – {match.caution.text}")
    if match.outlook:
        seen = match.outlook
        span = f"{seen.lower80:.2f} to {seen.upper80:.2f}"
        lines.append(f"   expected alliance {seen.mean:.2f} ({span}; typical here {seen.typical:.2f})")
    lines.append(f"   {match.evidence.text}")
    parts = [f"{part.label.lower()} {part.points:.3f}" for part in match.contributions if part.weight > 0]
    return [*lines, f"   = {' + '.join(parts)}"]
