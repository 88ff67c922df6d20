"""Make clients.csv and ratings.csv of the demo clinic anew, from therapists.csv: ``python seed_data/make.py``.

Prints the figures that README.md holds. ``--out`` writes into another folder, to look before anything is replaced.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from matcher import SimulatedClinic, simulate
from web.exchange.reading import read_therapists
from web.exchange.writing import write_clients, write_ratings

HERE = Path(__file__).resolve().parent
SEED = 2607
N_CLIENTS = 900
DYAD_SHARE = 0.15
NEWCOMERS = ("t02", "t16", "t35", "t39", "t40")  # t02, t35 and t40 have met nobody yet, the other two a few


def demo_clinic() -> SimulatedClinic:
    """900 past clients of the therapists written down in therapists.csv."""
    return simulate(
        np.random.default_rng(SEED),
        therapists=read_therapists(HERE / "therapists.csv").entities,
        newcomers=NEWCOMERS,
        n_clients=N_CLIENTS,
        dyad_share=DYAD_SHARE,
        new_client_share=0,
    )


def figures(clinic: SimulatedClinic) -> dict[str, float]:
    """What the clinic is like, for README.md."""
    courses, shares = clinic.courses, clinic.truth.shares
    usual = np.array([row[:n].mean() for row, n in zip(courses.alliance, courses.n_held, strict=True)])
    stayed, left = usual[~courses.left], usual[courses.left]
    form = courses.form[courses.held]
    felt = courses.alliance[courses.held]
    per_client = np.bincount(courses.client, minlength=len(clinic.intakes))
    return {
        "clients": len(clinic.intakes),
        "clients without a therapist who could see them": int((per_client == 0).sum()),
        "clients who saw two therapists": int((per_client == 2).sum()),
        "dyads": len(courses),
        "ratings": len(clinic.ratings),
        "ratings per dyad": len(clinic.ratings) / len(courses),
        "top scores": clinic.ceiling_share,
        "courses that ended early": float(courses.left.mean()),
        "d between those who stayed and left": float(
            (stayed.mean() - left.mean()) / np.sqrt((stayed.var() + left.var()) / 2)
        ),
        "missing forms": 1 - float(form.mean()),
        "missing after the weakest fifth of sessions": 1 - float(form[felt < np.quantile(felt, 0.2)].mean()),
        "missing after the best fifth": 1 - float(form[felt > np.quantile(felt, 0.8)].mean()),
        "share of therapists": shares.therapist,
        "share of dyads, explained": shares.match,
        "share of dyads, unexplained": shares.dyad,
        "share of clients": shares.client,
        "share of sessions": shares.session,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=HERE, help="the folder to write to")
    out = options.parse_args().out
    clinic = demo_clinic()
    write_clients(out / "clients.csv", clinic.intakes)
    write_ratings(out / "ratings.csv", clinic.ratings)
    for name, value in figures(clinic).items():
        print(f"{name:<48} {value:.3f}" if isinstance(value, float) else f"{name:<48} {value}")  # noqa: T201


if __name__ == "__main__":
    main()
