"""A fashion shop's logs, from the wheel of obp: ten thousand showings by Thompson sampling, as many evenly at random.

What the even policy is worth is known from its own log. Judged from the other log it is what an off-policy estimate
must find. Nothing of the data is in this repository.
"""

from __future__ import annotations

import csv
import json
import math
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.peers.environment import ONE_THREAD, PYTHON, Floats
from matcher import Expectations, cross_fitted, policy_value
from matcher.evaluation.checked import Rows
from matcher.evaluation.off_policy import Estimate, PolicyValue, estimates

CAMPAIGNS = ("women", "men", "all")
LOGS = Path("obp") / "dataset" / "obd"
SCRIPT = Path(__file__).parent / "peers" / "open_bandit.py"
PRIOR = 100.0  # showings of a usual item that an item's own clicks are weighed against
N_PLACES = 3


@dataclass(frozen=True, eq=False)
class Shop:
    """One campaign: the bts log, (n,) each, and the click rate of the log that was drawn evenly."""

    item: Rows
    place: Rows
    click: Floats
    propensity: Floats
    n_items: int
    even_rate: float

    @property
    def even(self) -> Floats:
        """The chance of each showing under the even policy."""
        return np.full(len(self.item), 1 / self.n_items)


@dataclass(frozen=True, eq=False)
class Judged:
    """The even policy judged from the bts log: behind the gate, without it, and by obp."""

    gated: PolicyValue
    ungated: dict[str, Estimate]
    theirs: dict[str, float]

    @property
    def farthest(self) -> float:
        """The largest relative difference between ours and obp's."""
        return max(abs(self.ungated[name].value.value / value - 1) for name, value in self.theirs.items())


def read(folder: Path, campaign: str) -> Shop:
    logged, even = (rows(folder / LOGS / policy / campaign / f"{campaign}.csv") for policy in ("bts", "random"))
    item, place, click, propensity = (
        np.array([float(row[name]) for row in logged]) for name in ("item_id", "position", "click", "propensity_score")
    )
    n_items = round(1 / float(even[0]["propensity_score"]))
    rate = np.mean([float(row["click"]) for row in even])
    return Shop(item.astype(np.intp), place.astype(np.intp) - 1, click, propensity, n_items, float(rate))


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def judged(folder: Path, shop: Shop) -> Judged:
    """Each showing counts as a client of its own: the log does not say whose it was."""
    table, expected = believed(shop)
    client = np.arange(len(shop.item))
    return Judged(
        policy_value(client, shop.click, shop.propensity, shop.even, expected=expected),
        estimates(client, shop.click, shop.even / shop.propensity, expected.rows(len(client)), math.inf),
        by_obp(folder, shop, table),
    )


def believed(shop: Shop) -> tuple[Floats, Expectations]:
    """Click rates by item from other showings, drawn towards the mean: (n, items), and what comes of them.

    What bts would have shown instead is not in the log, so that the mean rate stands for what was to be expected of it.
    """
    table = np.empty((len(shop.item), shop.n_items))

    def predict(train: Rows, test: Rows) -> Expectations:
        shown, clicked = (np.bincount(shop.item[train], by, shop.n_items) for by in (None, shop.click[train]))
        rate = (clicked + PRIOR * shop.click[train].mean()) / (shown + PRIOR)
        table[test] = rate
        judged, logged = (np.full(len(test), mean) for mean in (rate.mean(), shop.click[train].mean()))
        return Expectations(rate[shop.item[test]], judged, logged)

    return table, cross_fitted(np.arange(len(shop.item)), predict)


def by_obp(folder: Path, shop: Shop, table: Floats) -> dict[str, float]:
    """IPS, SNIPS and DR by obp's own code, in a process of its own, on the same arrays."""
    even = np.full((len(shop.item), shop.n_items, N_PLACES), 1 / shop.n_items)
    arrays = {
        "reward": shop.click, "action": shop.item, "pscore": shop.propensity, "position": shop.place,
        "action_dist": even, "estimated_rewards": np.repeat(table[..., None], N_PLACES, axis=2),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        given, found = Path(place) / "given.npz", Path(place) / "found.json"
        np.savez(given, **arrays)
        words = [str(PYTHON), str(SCRIPT), str(folder), str(given), str(found)]
        done = subprocess.run(words, capture_output=True, text=True, env=ONE_THREAD)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(found.read_text())
