"""Names for invented therapists, given and family names of many places mixed at random, as in any port."""

from __future__ import annotations

import numpy as np

WOMEN = (
    "Maren", "Tamsin", "Ilse", "Oluchi", "Priya", "Saoirse", "Noor", "Katya", "Beatriz", "Hanne", "Yuki", "Leila",
    "Dagny", "Rosalind", "Amara", "Zuzana", "Marisol", "Farida", "Greta", "Thuy", "Simone", "Nadira", "Elspeth", "Ana",
)  # fmt: skip
MEN = (
    "Idris", "Tobias", "Kwame", "Anselm", "Ravi", "Mateo", "Henrik", "Yusuf", "Piotr", "Declan", "Kenji", "Omar",
    "Silas", "Bram", "Tendai", "Luca", "Arjun", "Stellan", "Farhad", "Gil",
)  # fmt: skip
EITHER = ("Robin", "Sasha", "Kim", "Ari", "Noa", "Quinn", "Jules", "Remy", "Sol", "Wren")
FAMILY = (
    "Oduya", "Halvorsen", "Reyes-Ito", "Castellan", "Brandvik", "Marrow", "Okonjo-Lind", "Sandoval", "Thistlewood",
    "Kaplinski", "Aldous", "Venn", "Haddadi", "Whitlock", "Ferreira-Holm", "Ostby", "Quill", "Banerjee-Cole", "Tran",
    "Moreau", "Dunmore", "Akinola", "Petrakis", "Sundqvist", "Larkspur", "Vass", "Ndlovu", "Rademaker", "Ishikawa",
    "Calloway", "Demirsoy", "Fenwick", "Solberg", "Mbeki-Ross", "Ravensworth", "Toth", "Zielonka", "Ashgrove",
    "Barrientos", "Kovalenko", "Lindqvist", "Penhallow", "Sato-Brandt", "Umarov", "Vellaturi", "Yilmazer",
)  # fmt: skip
GIVEN = {"woman": WOMEN + EITHER, "man": MEN + EITHER, "non_binary": EITHER}


def draw_names(rng: np.random.Generator, genders: list[str]) -> list[str]:
    """A name for each person; two may share one, as in life."""
    return [f"{rng.choice(GIVEN[gender])} {rng.choice(FAMILY)}" for gender in genders]
