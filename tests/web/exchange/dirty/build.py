"""Builds the files of this folder: ``python -m tests.web.exchange.dirty.build``.

``therapists.csv`` holds 300 therapists; every third row from the fifth on has one kind of dirt. The others are clean,
but written in every way that must not be mistaken for dirt. ``clean.csv`` holds the same rows before the dirt.
"""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

from matcher import vocabulary as v
from tests.web.exchange.dirty.kinds import KINDS, Dirt
from web.exchange.sheet.columns import THERAPISTS

HERE = Path(__file__).parent
NAMES = [column.name for column in THERAPISTS.columns]
N_ROWS = 300
FIRST, EVERY = 5, 3
GIVEN = ("Mara", "Jörg", "Zoë", "Ayşe", "Nguyễn", "Søren", "Inés", "O'Brien", "Łucja", "Ibrahim", "Null", "Chloé")
FAMILY = ("Lindqvist", "Straße-Okafor", "Müller", "García", "D'Angelo", "van der Berg", "Þórsdóttir", "李", "Ionescu")
STATEMENTS = (
    "I like to begin with what has already helped you.",
    '"We begin where you are, not where a book says; and we may laugh, too."',
    '"First line.\nSecond line, with ""quotation marks"".\r\n- and a dash"',
    "'=not a formula any more",
    "",
    "  I leave room for silence.  ",
)


def clean_row(k: int, rng: random.Random) -> dict[str, str]:
    """A therapist in the words of a file, in one of the spellings that are all right."""
    labels = k % 4 == 0
    word = v.MODALITIES.label if labels else str
    return {
        "therapist_id": f"{k:03}",
        "name": f"{GIVEN[k % len(GIVEN)]} {FAMILY[k % len(FAMILY)]}",
        "profession": rng.choice(v.PROFESSIONS.codes) if not labels else rng.choice(v.PROFESSIONS.terms).label.upper(),
        "licence_regions": rng.choice(["DE", "de", "DE-BE|AT", "US-CA; US-NY", "GB"]),
        "concerns": "|".join(
            f"{concern}:{rng.randint(1, 3)}" for concern in rng.sample(v.CONCERNS.codes, rng.randint(1, 6))
        ),
        "languages": rng.choice(["de", "German", "de|en", '"en, fr"', "de;en;"]),
        "formats": rng.choice(["online", "In person", "online|in_person"]),
        "capacity": rng.choice(["0", "1", "2.0", " 3 ", "12"]),
        "statement": STATEMENTS[k % len(STATEMENTS)],
        "latitude": f"{rng.uniform(47, 54):.4f}",
        "longitude": f"{rng.uniform(7, 14):.4f}",
        "openings": rng.choice(
            ["", "thu 18:30 online", "Thursday 9:00 In person|fri 17:00 online", "mon 08:00:00 online"]
        ),
        "available_from": rng.choice(["", "2026-03-02"]),
        "fee_cents": rng.choice(["", "9500", "9500.0", "0"]),
        "sliding_fee_cents": rng.choice(["", "5000"]),
        "insurances": rng.choice(["", "statutory|private", "Clinic hardship fund"]),
        "age_groups": rng.choice(["", "adults", "Adults|Older adults"]),
        "modalities": "|".join(word(code) for code in rng.sample(v.MODALITIES.codes, 2)),
        **{f"style_{scale}": rng.choice(["", "-3", "-1", "0", "+2", "3"]) for scale in v.STYLES.codes},
        "trainings": rng.choice(["", "masters|accredited"]),
        "years": rng.choice(["", "0", "7", "12.5"]),
        "gender": rng.choice(["", "woman", "Man", "non-binary"]),
        "age_band": rng.choice(["", "from_35", "50 to 64"]),
        "background": rng.choice(["", "mixed", "Middle Eastern or North African"]),
        "faith": rng.choice(["", "none", "Not religious", "buddhist"]),
        "communities": rng.choice(["", "migrants", "LGBTQ+ people|carers"]),
        "portrait": rng.choice(["", "skin=brown|hair=short"]),
    }


def rows() -> list[tuple[dict[str, str], Dirt | None]]:
    """300 therapists, and the dirt that falls on each."""
    rng = random.Random(17)
    dirt = {FIRST + EVERY * k: kind for k, kind in enumerate(KINDS)}
    return [(clean_row(k, rng), dirt.get(k)) for k in range(N_ROWS)]


def build(*, dirty: bool) -> tuple[bytes, list[tuple[int, str, str]]]:
    """The bytes of the file, and what must be found in it: (row, column, code)."""
    lines = [
        "\ufeff" + ",".join(_heading(name) for name in NAMES) + (",favourite_colour,capacity\r\n" if dirty else "\n")
    ]
    expected = [(1, "favourite_colour", "unknown_column"), (1, "capacity", "repeated_column")] if dirty else []
    for k, (row, dirt) in enumerate(rows()):
        if k % 50 == 49:
            lines.append(("\n", ",,,\n", "\r\n")[k % 3])
        cells = row | ({dirt.column: dirt.cell} if dirty and dirt else {})
        if dirty and dirt:
            expected.append((len(lines) + 1, dirt.column if dirt.place != "*" else "", dirt.code))
        text = ",".join(cells[name] for name in NAMES) + (",blue,1" if dirty else "")
        if dirty and dirt and dirt.code == "too_few_cells":
            text = text.removesuffix(",blue,1")
        lines.append(text + ("\r\n" if k % 7 else "\n"))
    return "".join(lines).encode("utf-8", "surrogateescape"), expected


def _heading(name: str) -> str:
    return {"licence_regions": "Licence Regions", "age_groups": "AGE-GROUPS", "name": " Name "}.get(name, name)


def main() -> None:
    dirty, expected = build(dirty=True)
    (HERE / "therapists.csv").write_bytes(dirty)
    (HERE / "clean.csv").write_bytes(build(dirty=False)[0])
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([("row", "column", "code"), *expected])
    (HERE / "expected.csv").write_text(stream.getvalue(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
