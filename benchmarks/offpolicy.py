"""``make bench ONLY=offpolicy``: what a log says of another policy, on real logs and on lists of known value.

Real: the Open Bandit Dataset's sample in obp's wheel (``open_bandit.py``). One campaign's log has an effective size of
two showings in ten thousand, and must be refused. Simulated: lists drawn by chance (``drawn_lists.py``), 200 logs a
row; how often the intervals hold the truth, what the gate refuses, and how it is where clients do what the estimates
rule out.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from benchmarks.drawn_lists import Log, Setting, drawn, outcome_model, truth
from benchmarks.open_bandit import CAMPAIGNS, Judged, judged, read
from benchmarks.peers.environment import OPEN_BANDIT, open_bandit
from benchmarks.report import Row, one_thread, publish
from matcher import policy_value
from matcher.evaluation.intervals import Interval
from matcher.evaluation.off_policy import ANSWERED, DR, IPS, LITTLE_OVERLAP, SNIPS, Estimate, PolicyValue, estimates
from matcher.evaluation.weighting import overlap

COMMAND = "make bench ONLY=offpolicy"
SEEDS = range(1, 201)
HELD = 0.92
EQUAL = 1e-10
COLLAPSED = "women"
SETTINGS = {
    "much overlap": Setting(),
    "150 clients": Setting(n_clients=150, temperatures=(0.3, 0.3)),
    "sharp lists": Setting(temperatures=(0.1, 0.1)),
    "sharp lists, draft sharper": Setting(temperatures=(0.2, 0.1)),
    "no lift": Setting(temperatures=(0.3, 0.3), blurs=(0.2, 0.2)),
    "clients go by who stands there": Setting(choosing=1.0),
    "one in six was never shown": Setting(strangers=1),
    "little overlap": Setting(n_clients=150, temperatures=(0.1, 0.05)),
}
PROMISED = ("much overlap", "150 clients", "sharp lists", "sharp lists, draft sharper", "no lift")
NOTES = (
    f"real logs: {OPEN_BANDIT}, 10,000 showings each; the even policy judged from the bts log, each showing on its own",
    "lists: 400 clients of one to three decisions where nothing else is said; 95 % intervals, 200 logs, those that the "
    "gate lets through but where it refuses most",
)


@dataclass(frozen=True, eq=False)
class Trials:
    """What came of one setting: the truth (judged, logged), and of each log its answer and ungated estimates."""

    truth: tuple[float, float]
    answers: list[PolicyValue]
    ungated: list[dict[str, Estimate]]

    def answered(self) -> list[int]:
        return [at for at, answer in enumerate(self.answers) if answer.reason == ANSWERED]

    def held(self, name: str, which: list[int], *, lift: bool = False) -> float:
        """The share of these logs' intervals that hold the truth; NaN for none."""
        true = self.truth[0] - self.truth[1] if lift else self.truth[0]
        found = [self.ungated[at][name] for at in which]
        inside = [_holds(one.lift if lift else one.value, true) for one in found]
        return float(np.mean(inside)) if inside else float("nan")

    def reasons(self) -> dict[str, int]:
        return dict(Counter(answer.reason for answer in self.answers))


def main() -> bool:
    folder = open_bandit()
    with one_thread():
        if isinstance(folder, str):
            real, notes, kept = [Row("bts log, slice of ESS 2", "not run", "", None, "refused", None)], (folder,), {}
        else:
            found = {name: judged(folder, read(folder, name)) for name in CAMPAIGNS}
            even = {name: read(folder, name).even_rate for name in CAMPAIGNS}
            real, notes = list(real_rows(found, even)), ()
            kept = {name: _told(one) | {"even log": even[name]} for name, one in found.items()}
        trials = {name: tried(name, setting) for name, setting in SETTINGS.items()}
    rows = [*real, *(row for name, one in trials.items() for row in drawn_rows(name, one))]
    figures = {"open bandit": kept, "drawn lists": {name: _kept(one) for name, one in trials.items()}}
    return publish("offpolicy", COMMAND, rows, (*NOTES, *notes), figures)


def real_rows(found: dict[str, Judged], even: dict[str, float]) -> Iterator[Row]:
    for name, one in found.items():
        seen, reason = one.gated.overlap, one.gated.reason
        naive = one.ungated[IPS].value
        ours = reason if reason != ANSWERED else _said(one.gated.estimates[DR].value)
        peer = f"IPS {_said(naive)}, own log {even[name]:.4f}"
        asked = name == COLLAPSED
        met = reason == LITTLE_OVERLAP if asked else None
        yield Row(f"bts log, {name}: ESS {seen.ess:.1f}", ours, peer, None, "refused" if asked else "", met)
    farthest = max(one.farthest for one in found.values())
    met = farthest < EQUAL
    yield Row("IPS, SNIPS, DR on the three logs, farthest from obp's", f"{farthest:.1e}", "obp", None, f"{EQUAL}", met)


def tried(name: str, setting: Setting) -> Trials:
    logs = (drawn(np.random.default_rng((7, seed)), setting) for seed in tqdm(SEEDS, name, file=sys.stderr))
    answers, ungated = zip(*(answered(log) for log in logs), strict=True)
    return Trials(truth(setting), list(answers), list(ungated))


def answered(log: Log) -> tuple[PolicyValue, dict[str, Estimate]]:
    """With the gate and without it."""
    expected, logged, wanted = outcome_model(log), log.of_taken(log.logged), log.of_taken(log.wanted)
    answer = policy_value(log.client, log.reward, logged, wanted, expected=expected)
    clip = overlap(wanted / logged, log.client, np.sqrt(len(logged))).clip
    return answer, estimates(log.client, log.reward, wanted / logged, expected.rows(len(logged)), clip)


def drawn_rows(name: str, trials: Trials) -> Iterator[Row]:
    which = trials.answered()
    asked = name in PROMISED
    if not asked and len(which) < len(trials.answers) / 2:  # the gate's own rows: what would have been said
        which = list(range(len(trials.answers)))
        yield Row(f"{name}: refused", f"{1 - len(trials.answered()) / len(which):.3f}", "", None, "", None)
    for lift in (False, True):
        held = {kind: trials.held(kind, which, lift=lift) for kind in (DR, SNIPS, IPS)}
        work = f"{name}: {'lift' if lift else 'value'} in its interval"
        peer = f"SNIPS {held[SNIPS]:.3f}, IPS {held[IPS]:.3f}"
        yield Row(work, f"{held[DR]:.3f}", peer, None, f"{HELD}" if asked else "", held[DR] >= HELD if asked else None)


def _kept(trials: Trials) -> dict[str, object]:
    """What a row was made of."""
    judged_, logged = trials.truth
    effective = [answer.overlap.ess_clients for answer in trials.answers if answer.overlap is not None]
    which = trials.answered()
    return {
        "value": judged_, "lift": judged_ - logged, "reasons": trials.reasons(),
        "verdicts": dict(Counter(answer.verdict for answer in trials.answers)),
        "median effective clients": float(np.median(effective)),
        "held, let through": {kind: trials.held(kind, which) for kind in (DR, SNIPS, IPS)} if which else {},
        "mean se": {kind: float(np.mean([one[kind].value.se for one in trials.ungated])) for kind in (DR, SNIPS, IPS)},
    }  # fmt: skip


def _told(one: Judged) -> dict[str, object]:
    ours = {name: [found.value.value, found.value.se] for name, found in one.ungated.items()}
    return {"gate": one.gated.document(), "unclipped": ours, "obp": one.theirs}


def _holds(found: Interval, true: float) -> bool:
    return bool(found.lower <= true <= found.upper)


def _said(found: Interval) -> str:
    return f"{found.value:.4f} ({found.lower:.4f} … {found.upper:.4f})"
