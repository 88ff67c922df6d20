"""The best products of one query with many vectors, in an environment of its own; writes seconds as JSON.

``python vectors.py LIBRARY OFFERED.npy TOP REPEATS OUT.json QUERIES``
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

library, top, repeats = sys.argv[1], int(sys.argv[3]), int(sys.argv[4])
offered = np.load(sys.argv[2])
rng = np.random.default_rng(0)
vectors = rng.standard_normal((len(offered), 64), dtype=np.float32)
query = rng.standard_normal((int(sys.argv[6]), 64), dtype=np.float32)

if library == "faiss":
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(64)
    index.add(vectors)
    bits = np.packbits(offered, bitorder="little")
    params = None if offered.all() else faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))

    def search() -> np.ndarray:
        return index.search(query, top, params=params)[1][0]
else:
    from implicit.cpu.topk import topk

    refused = np.flatnonzero(~offered).astype(np.int32)

    def search() -> np.ndarray:
        return topk(vectors, query, top, filter_items=refused if len(refused) else None, num_threads=1)[0][0]


best = np.argsort(-np.where(offered, vectors @ query[0], -np.inf))[:top]
if set(search().tolist()) != set(best.tolist()):
    raise SystemExit(f"{library} found others")
taken = []  # of this thread alone: under a limit of time a process is timed in ticks
for _ in range(repeats):
    start = time.thread_time()
    search()
    taken.append(time.thread_time() - start)
Path(sys.argv[5]).write_text(json.dumps({"seconds": statistics.median(taken)}))
