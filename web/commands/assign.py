"""``rapport assign``: the waiting list placed together, as a proposal or in earnest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from web.commands.opened import clinic_option, clinic_session, json_option, now

POLICIES = ("optimal", "stable", "first-come")


@click.command()
@clinic_option
@click.option(
    "--policy", type=click.Choice(POLICIES), default="optimal", show_default=True, help="How places are given."
)
@click.option("--commit", "commits", is_flag=True, help="Give the places: all of them or none.")
@json_option
def assign(slug: str | None, policy: str, commits: bool, as_json: bool) -> None:
    """Work out who on the waiting list goes to whom, beside everybody's own best.

    Without --commit nothing is stored and nobody is given a place. With it the proposal is kept and carried out; where
    a place was taken meanwhile nothing is done, and each conflict is named.
    """
    from web.services.conflicts import Conflict

    try:
        found = run(slug, policy, commits=commits)
    except Conflict as against:
        raise click.ClickException("\n".join(_against(against))) from against
    click.echo(json.dumps(found, indent=2) if as_json else words(found))


def run(slug: str | None, policy: str, *, commits: bool) -> dict[str, Any]:
    """The document of what was found; ``committed`` and the proposal's key where it was carried out."""
    from web.services import proposal_answers, proposal_material, proposing
    from web.services.proposal_settings import Settings

    settings = Settings(policy=policy)
    with clinic_session(slug) as (opened, clinic):
        material = proposal_material.gather(opened, clinic, settings, now=now())
    result, key = proposing.solve(material, settings), None
    if commits and any(line["therapist"] is not None for line in result["lines"]):
        with clinic_session(slug, writes=True) as (opened, clinic):
            key = proposal_answers.carry_out(opened, clinic, settings, result, now=now())
    return {"proposal_id": key and str(key), "committed": key is not None} | proposal_answers.document(result)


def words(found: Mapping[str, Any]) -> str:
    """The same as people read it on a terminal; clients are named by their keys alone."""
    from web.wording.proposals import REASONS

    lines = [f"{found['n_placed']} of {found['n_waiting']} people get a place, {found['n_best']} with their own best."]
    for policy, total in found["totals"].items():
        if policy != found["policy"]:
            lines.append(f"  beside {policy}: {total['n_placed']} placed, {total['n_best']} with their own best")
    for line in found["lines"]:
        if line["therapist_id"] is None:
            lines.append(f"{line['client_id']}  –  {REASONS[line['reason']]}")
        else:
            below = "own best" if not line["regret"] else f"{line['regret']:.3f} below {line['best_therapist_id']}"
            lines.append(f"{line['client_id']}  {line['therapist_id']}  {line['score']:.3f}  {below}")
    lines.append(
        f"Carried out as proposal {found['proposal_id']}."
        if found["committed"]
        else "Nobody was given a place; say --commit to carry it out."
    )
    return "\n".join(lines)


def _against(against: Any) -> list[str]:
    from web.services.conflicts import Conflicts
    from web.wording.conflicts import say_conflict

    every = against.all if isinstance(against, Conflicts) else (against,)
    said = [f"  {one.client_id or 'the proposal'}: {say_conflict(one.code)}" for one in every]
    return ["Nothing was done, because things have changed meanwhile:", *said]
