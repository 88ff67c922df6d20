"""gpboost on the simulated crossed ratings, in an environment of its own; prints what it found as JSON.

``python crossed_gpboost.py FOLDER SLOPES METHOD``, METHOD one of gpboost's own ``matrix_inversion_method``
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import gpboost
import numpy as np

folder, slopes, method = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
client, therapist = (np.fromfile(folder / f"{name}.bin", dtype=np.int32) for name in ("client", "therapist"))
score = np.fromfile(folder / "score.bin")
covariates = np.fromfile(folder / "covariates.bin").reshape(-1, len(score))
start = time.process_time()
group = np.column_stack([client, therapist])
design = np.column_stack([np.ones(len(score)), *covariates])
varying = {}
if slopes:
    varying = {"group_rand_coef_data": covariates[:slopes].T, "ind_effect_group_rand_coef": [2] * slopes}
model = gpboost.GPModel(group_data=group, likelihood="gaussian", matrix_inversion_method=method, **varying)
model.fit(y=score, X=design)
seconds = time.process_time() - start
print(
    json.dumps(
        {
            "seconds": seconds,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "variances": np.asarray(model.get_cov_pars(format_pandas=False)).ravel().tolist(),
            "version": gpboost.__version__,
        }
    )
)
