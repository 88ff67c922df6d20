"""Working a proposal out: scores of all pairs, the assignment by its policy, and beside it by the others.

What comes of it is a document of keys, codes and figures, with everybody's own best beside what they get, and the
reason for the difference. It computes from ``Material`` alone, with no transaction open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from matcher import ASSIGNMENT_POLICIES, AssignmentProblem, assign, compared, regrets, shortages, totals
from matcher.assignment import Assignment
from web.services.proposal_causes import cause
from web.services.proposal_material import Floats, Material, alone, scored, therapist_ids
from web.services.proposal_settings import BALANCES, Settings

Report = Callable[[int, str], None]
# What is done, and how much of the time is spent when it begins, in percent
STAGES = {"reading": 0, "scoring": 5, "assigning": 70, "comparing": 85}
MOST_ALONE = 100  # whose smallest change is looked for: a few milliseconds each
Lines = list[dict[str, Any]]


def solve(material: Material, settings: Settings, report: Report = lambda percent, stage: None) -> dict[str, Any]:
    """The document of a proposal; with ``troubles`` instead of lines where the settings cannot all be kept."""
    report(STAGES["scoring"], "scoring")
    span = STAGES["assigning"] - STAGES["scoring"]
    score, wait_days = scored(
        material, lambda share: report(STAGES["scoring"] + round(span * share), "scoring")
    )  # fmt: skip
    known, dropped = _known(material, settings)
    troubles = [*_troubles(material, known, score)]
    head = {
        "policy": settings.policy, "n_waiting": len(material.waiting), "dropped": dropped, "troubles": troubles,
        "therapists": {}, "lines": [], "totals": {}, "shortages": [],
    }  # fmt: skip
    if troubles:
        return head
    report(STAGES["assigning"], "assigning")
    problem = _problem(material, known, score, wait_days)
    found = {settings.policy: assign(problem, settings.policy)}
    report(STAGES["comparing"], "comparing")
    for policy in ASSIGNMENT_POLICIES:
        found.setdefault(policy, assign(problem, policy))
    chosen = found[settings.policy]
    lines = _lines(material, settings, chosen, score)
    return head | {
        "therapists": _therapists(material, lines),
        "lines": lines,
        "totals": {policy: _totals(found[policy], chosen) for policy in ASSIGNMENT_POLICIES},
        "shortages": [
            {"clients": list(one.client_ids), "therapists": list(one.therapist_ids), "n_places": one.n_places,
             "n_missing": one.n_missing}
            for one in shortages(chosen)
        ],
    }  # fmt: skip


def _known(material: Material, settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """The settings about people who are still here, and the clients whose lock is about nobody who waits any more."""
    clients = {one.client for one in material.waiting}
    therapists = set(therapist_ids(material))
    dropped = [client for client in settings.locks if client not in clients]
    out = {*settings.excluded_therapists, *([settings.leaving] if settings.leaving else [])}
    return {
        "locks": {client: therapist for client, therapist in settings.locks.items() if client in clients},
        "excluded_pairs": [pair for pair in settings.excluded_pairs if pair[0] in clients and pair[1] in therapists],
        "excluded_clients": [client for client in settings.excluded_clients if client in clients],
        "excluded_therapists": sorted(out & therapists),
        "fairness_floor": settings.floor,
        "load_balance": BALANCES[settings.balance],
    }, dropped


def _troubles(material: Material, known: Mapping[str, Any], score: Floats) -> Iterator[dict[str, Any]]:
    """Every lock that cannot be kept: whose, with whom, and why."""
    column = {id_: at for at, id_ in enumerate(therapist_ids(material))}
    row = {one.client: at for at, one in enumerate(material.waiting)}
    places = material.grounds.directory.capacity
    locked: dict[str, list[str]] = {}
    for client, therapist in known["locks"].items():
        locked.setdefault(therapist, []).append(client)
    for therapist, clients in locked.items():
        at = column.get(therapist)
        n_places = 0 if at is None else int(places[at])
        said = {"therapist": therapist, "name": _name(material, therapist), "n_places": n_places}
        if at is None:
            yield {"code": "lock_no_therapist", "clients": clients, **said}
        elif len(clients) > n_places:
            yield {"code": "lock_too_many", "clients": clients, **said}
        else:
            barred = [client for client in clients if np.isnan(score[row[client], at])]
            if barred:
                yield {"code": "lock_not_allowed", "clients": barred, **said}


def _problem(material: Material, known: Mapping[str, Any], score: Floats, wait_days: Floats) -> AssignmentProblem:
    ids = therapist_ids(material)
    return AssignmentProblem.from_matrix(
        [one.client for one in material.waiting], ids, score, material.grounds.directory.capacity.tolist(),
        waited_days={one.client: one.waited_days for one in material.waiting},
        start_days=dict(zip(ids, wait_days.tolist(), strict=True)),
        priority={one.client: float(one.priority) for one in material.waiting},
        held={id_: n for id_, n in material.held.items() if id_ in set(ids)},
        **known,
    )  # fmt: skip


def _lines(material: Material, settings: Settings, found: Assignment, score: Floats) -> Lines:
    """Everybody's line, in the order of who waits longest."""
    lines: Lines = []
    n_alone = 0
    beside = regrets(found)
    for at, (one, placed) in enumerate(zip(material.waiting, found, strict=True)):
        line: dict[str, Any] = {"client": one.client, "version": one.version, "priority": one.priority,
                                "days": int(one.waited_days)}  # fmt: skip
        if placed.therapist_id is not None:
            line |= {"therapist": placed.therapist_id, "score": placed.score, "locked": placed.locked}
            line |= cause(beside[at], found, score, at, settings)
        else:
            line |= {"therapist": None, "reason": placed.reason}
            if placed.reason == "nobody_allowed" and n_alone < MOST_ALONE:
                n_alone += 1
                line |= _ways_out(material, at)
        lines.append(line)
    return lines


def _ways_out(material: Material, at: int) -> dict[str, Any]:
    told = alone(material, material.waiting[at])
    counts = told.refusals.counts()  # type: ignore[attr-defined]
    return {
        "refusals": dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:3]),
        "remedies": [
            {"code": one.code, "params": dict(one.params), "opens": one.opens,
             "also": one.also and {"code": one.also.code, "params": dict(one.also.params)}}
            for one in told.remedies[:2]
        ],
    }  # fmt: skip


def _therapists(material: Material, lines: Lines) -> dict[str, Any]:
    """Everybody who gets somebody, or is somebody's best: key, name, places, and how many of them are given."""
    given: dict[str, int] = {}
    for line in lines:
        if line["therapist"] is not None:
            given[line["therapist"]] = given.get(line["therapist"], 0) + 1
    named = sorted({*given, *(line["best"] for line in lines if line.get("best"))})
    capacity = dict(zip(therapist_ids(material), material.grounds.directory.capacity.tolist(), strict=True))
    return {
        id_: {"key": str(material.therapists[id_][0]), "name": _name(material, id_), "n_places": int(capacity[id_]),
              "n_given": given.get(id_, 0)}
        for id_ in named
    }  # fmt: skip


def _totals(found: Assignment, chosen: Assignment) -> dict[str, Any]:
    """How a policy does, and how many are better and worse off in what was chosen than by it."""
    told, against = totals(found), compared(chosen, found)
    return {
        "n_placed": told.n_placed, "n_best": told.n_first_choice, "near": told.share_of_best,
        "worst": told.worst_tenth, "n_better": len(against.better), "n_worse": len(against.worse),
    }  # fmt: skip


def _name(material: Material, therapist: str) -> str:
    known = material.therapists.get(therapist)
    return known[1] if known is not None else therapist
