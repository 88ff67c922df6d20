"""obp's own estimators on arrays, run by the python of ``.bench-env``: ``open_bandit.py OBP GIVEN FOUND``.

OBP is the folder that holds the package. Of it ``obp.ope.estimators`` alone is loaded: the rest of ``obp.ope`` asks for
torch and for libraries that draw. torch's name stands in its annotations; an empty module is enough for that.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np


def estimated(given):
    from obp.ope.estimators import (
        DoublyRobust,
        InverseProbabilityWeighting,
        SelfNormalizedInverseProbabilityWeighting,
    )

    shared = {name: given[name] for name in ("reward", "action", "pscore", "action_dist", "position")}
    return {
        "ips": InverseProbabilityWeighting().estimate_policy_value(**shared),
        "snips": SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**shared),
        "dr": DoublyRobust().estimate_policy_value(**shared, estimated_rewards_by_reg_model=given["estimated_rewards"]),
    }


if __name__ == "__main__":
    folder, given, found = sys.argv[1:]
    sys.path.insert(0, folder)
    sys.modules["torch"], sys.modules["obp.ope"] = ModuleType("torch"), ModuleType("obp.ope")
    sys.modules["torch"].Tensor = type("Tensor", (), {})
    sys.modules["obp.ope"].__path__ = [f"{folder}/obp/ope"]
    Path(found).write_text(json.dumps({name: float(value) for name, value in estimated(np.load(given)).items()}))
