"""``make bench`` and ``make bench ONLY=name``: each benchmark is a module with a ``main() -> bool``."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "alerts",
    "alliance",
    "accuracy",
    "assignment",
    "at_rest",
    "check_ins",
    "coverage",
    "drift",
    "index",
    "insteval",
    "movielens",
    "offpolicy",
    "predictive",
    "proposals",
    "ranking",
    "refit",
    "scale",
    "scarcity",
    "sign_in",
    "signals",
    "tuning",
    "waiting_list",
    "web",
    "weights",
)


def run(names: list[str]) -> int:
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    met = [importlib.import_module(f"benchmarks.{name}").main() for name in names or NAMES]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(run([word for word in sys.argv[1:] if not word.startswith("-")]))
