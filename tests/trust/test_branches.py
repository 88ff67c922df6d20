"""Every branch of the code that lets in, places, keeps consent and writes the trail is taken by some test.

The tests of those rooms are run once more in a process of their own, which counts; at length alone: it takes minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNTED = (
    "matcher/assignment/*", "web/access.py", "web/reads.py", "web/services/audit.py", "web/services/audit_trail.py",
    "web/services/audit_pages.py", "web/services/client_reads.py", "web/services/emergencies.py",
    "web/services/placing.py", "web/services/casework.py", "web/services/proposal_commits.py",
    "web/services/handovers.py", "web/db/audit_chain.py", "web/db/queries/audit.py", "web/audit/*",
    "web/exchange/audit_files.py", "web/jobs/anchoring.py",
)  # fmt: skip
TESTS = (
    "tests/matcher/assignment", "tests/contracts", "tests/web/services/test_placing.py",
    "tests/web/services/test_casework.py", "tests/web/services/test_proposals.py",
    "tests/web/services/test_departures.py", "tests/web/departures", "tests/web/commands/test_solve.py",
    "tests/web/commands/test_audit.py", "tests/web/db/test_audit_chain.py", "tests/web/test_access.py",
    "tests/web/audit", "tests/web/queue", "tests/trust/test_audit_trail.py", "tests/trust/test_emergencies.py",
    "tests/trust/test_client_reads.py", "tests/trust/test_authorisation.py", "tests/trust/test_things_of_others.py",
)  # fmt: skip


@pytest.mark.P8
def test_every_branch_is_taken(trials: Callable[[int, int], int], tried: Callable[[int], None], tmp_path: Path) -> None:
    missing = [name for name in TESTS if not (ROOT / name).exists()]
    assert not missing and all(any(ROOT.glob(name)) for name in COUNTED), missing
    tried(1)
    if trials(0, 1) == 0:
        return
    settings = tmp_path / "coverage.ini"
    include = "\n    ".join(COUNTED)
    settings.write_text(f"[run]\nbranch = True\ndata_file = {tmp_path}/data\ninclude =\n    {include}\n")
    by = [sys.executable, "-m", "coverage"]
    tests = [*by, "run", f"--rcfile={settings}", "-m", "pytest", "-q", "-p", "no:xdist", *TESTS]
    subprocess.run(tests, cwd=ROOT, env=os.environ, check=True, capture_output=True)
    report = tmp_path / "report.json"
    subprocess.run([*by, "json", f"--rcfile={settings}", "-o", str(report)], cwd=ROOT, check=True, capture_output=True)
    found = json.loads(report.read_text())
    gaps = {
        name: one["missing_branches"] + [[line] for line in one["missing_lines"]]
        for name, one in found["files"].items()
        if one["missing_branches"] or one["missing_lines"]
    }
    assert not gaps, "\n".join(f"{name}: {lines}" for name, lines in gaps.items())
