"""``rapport match``: an intake in, the ranked and explained list out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.commands.opened import clinic_option, clinic_session, json_option

if TYPE_CHECKING:
    from matcher.entities import Intake
    from web.alternative_answers import WhyOut
    from web.answers import MatchListOut, MatchOut


@click.command()
@click.option(
    "--intake", type=click.Path(path_type=Path), required=True, help="The intake as JSON; - is standard input."
)
@clinic_option
@click.option("--top", type=click.IntRange(1), default=5, show_default=True, help="At most so many.")
@click.option("--why", "therapist_id", metavar="THERAPIST", help="Why this one stands where they stand, instead.")
@json_option
def match(intake: Path, slug: str | None, top: int, therapist_id: str | None, as_json: bool) -> None:
    """Rank the clinic's therapists for one intake, and say why."""
    from web.answers import match_list
    from web.exchange.documents import intake_from_json
    from web.services import matching

    asked = intake_from_json(_text(intake))
    if therapist_id is not None:
        _why(asked, slug, therapist_id, as_json)
        return
    with clinic_session(slug) as (opened, clinic):
        found = matching.for_intake(opened, clinic.id, asked, top=top)
    answer = match_list(found.matches, found.therapists, found.scale)
    click.echo(answer.model_dump_json(indent=2) if as_json else words(answer))


def _why(asked: Intake, slug: str | None, therapist_id: str, as_json: bool) -> None:
    from web.alternative_answers import why
    from web.services import matching

    with clinic_session(slug) as (opened, clinic):
        answer = why(matching.what_if_of(opened, clinic.id, asked, therapist_id))
    click.echo(answer.model_dump_json(indent=2) if as_json else why_words(answer))


def why_words(answer: WhyOut) -> str:
    """The same as people read it on a terminal."""
    if answer.place is None:
        lines = ["This therapist cannot be offered:", *(f"  – {one.text}" for one in answer.refusals)]
        todo = [f"  · {change.text}" for change in answer.changes]
        fixed = any(one.fixed for one in answer.refusals)
        lines += ["Together these changes would do:", *todo] if todo and not fixed else []
        lines += ["No answer of the client changes all of this."] if fixed or not todo else []
        return "\n".join(lines)
    lines = [f"Place {answer.place}, {answer.score:.3f}.", *(f"  {gap.text}" for gap in answer.gaps)]
    ways = [*answer.by_weight, *answer.by_value]
    lines += ["To be first, one of these alone:", *(f"  · {way.text}" for way in ways)] if ways else []
    return "\n".join(lines)


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
