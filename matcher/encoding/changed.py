"""A directory in which some therapists are new or have changed, without encoding all the others again."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from matcher.encoding.bits import WORD, Bits
from matcher.encoding.directory import Directory


def changed(directory: Directory, others: Directory) -> Directory:
    """``directory`` with the therapists of ``others`` in place of those with the same ids, and beside the rest."""
    regions = tuple(sorted({*directory.regions, *others.regions}))
    rows = [directory.row(id_) for id_ in others.ids]
    there, known = np.array([row is not None for row in rows], dtype=np.bool_), [row for row in rows if row is not None]
    before = np.searchsorted(directory.ids, others.ids[~there])
    columns = {}
    for name in (field.name for field in fields(directory) if field.name != "regions"):
        old, new = getattr(directory, name), getattr(others, name)
        if name == "licences":
            old, new = (_recoded(each, regions) for each in (directory, others))
        column = old.copy()
        column[known] = new[there]
        columns[name] = np.insert(column, before, new[~there], axis=0)
    return Directory(regions=regions, **columns)


def _recoded(directory: Directory, regions: tuple[str, ...]) -> Bits:
    """Licences as bits of other regions, among which all of the directory's are."""
    if directory.regions == regions:
        return directory.licences
    licences = np.zeros((len(directory), max(1, -(-len(regions) // WORD))), dtype=np.uint64)
    for k, region in enumerate(directory.regions):
        at = regions.index(region)
        held = directory.licences[:, k // WORD] >> np.uint64(k % WORD) & np.uint64(1)
        licences[:, at // WORD] |= held << np.uint64(at % WORD)
    return licences
