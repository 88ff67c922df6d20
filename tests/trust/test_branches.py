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
    # access: who may call what, who is here, and the ways in
    "web/access.py", "web/visits.py", "web/forgery.py", "web/edge.py", "web/limits.py", "web/browsers.py",
    "web/cookies.py", "web/people/*.py", "web/services/passwords.py", "web/services/people.py",
    "web/services/memberships.py", "web/services/invitations.py", "web/services/resets.py",
    "web/services/staff_links.py", "web/services/second_factors.py", "web/services/passkeys.py",
    "web/services/sign_in_policy.py", "web/services/own_sign_ins.py", "web/db/queries/sign_ins.py",
    # assignment
    "matcher/assignment/*", "web/services/placing.py", "web/services/casework.py", "web/services/proposal_commits.py",
    # consent: what was agreed to, to whom it is shown, and that it goes
    "web/services/intakes.py", "web/services/handovers.py", "web/services/check_ins.py", "web/services/measures.py",
    "web/services/goals.py", "web/services/shared_courses.py", "web/services/erasing.py", "web/services/my_data.py",
    "web/db/queries/erasure.py", "web/db/queries/reach.py",
    # the trail, and openings in an emergency
    "web/reads.py", "web/services/audit.py", "web/services/audit_trail.py", "web/services/audit_pages.py",
    "web/services/client_reads.py", "web/services/emergencies.py", "web/db/queries/emergencies.py",
    "web/db/audit_chain.py", "web/db/queries/audit.py", "web/audit/*", "web/emergency/*",
    "web/exchange/audit_files.py", "web/jobs/anchoring.py",
    # what makes it unreadable to whoever has the disk
    "web/db/crypto.py", "web/db/sealing.py", "web/db/tables/sealed.py", "web/db/queries/sealing.py",
    "web/services/sealing.py", "web/key_file.py", "web/commands/keys.py", "web/services/backups.py",
    "web/exchange/backup_file.py",
)  # fmt: skip
TESTS = (
    "tests/matcher/assignment", "tests/contracts", "tests/architecture/test_docstrings.py", "tests/web/tour",
    "tests/trust/test_of_two.py", "tests/web/services/test_ways_in.py", "tests/web/services/test_invitations.py",
    "tests/web/test_cookies.py", "tests/web/services/test_safety.py", "tests/web/services/test_placing.py",
    "tests/web/services/test_casework.py", "tests/web/services/test_proposals.py",
    "tests/web/services/test_departures.py", "tests/web/services/test_intakes.py",
    "tests/web/services/test_check_ins.py", "tests/web/services/test_measures.py",
    "tests/web/services/test_shared_measures.py", "tests/web/services/test_goals.py",
    "tests/web/services/test_people.py", "tests/web/departures", "tests/web/people", "tests/web/mydata",
    "tests/web/keeping", "tests/web/checkins", "tests/web/wellbeing", "tests/web/goals", "tests/web/intake",
    "tests/web/courses", "tests/web/commands/test_solve.py", "tests/web/commands/test_audit.py",
    "tests/web/commands/test_keys.py", "tests/web/commands/test_people.py", "tests/web/commands/test_erase.py",
    "tests/web/db", "tests/web/test_access.py", "tests/web/test_visits.py", "tests/web/test_forgery.py",
    "tests/web/test_key_file.py", "tests/web/audit", "tests/web/queue", "tests/trust/test_audit_trail.py",
    "tests/trust/test_emergencies.py", "tests/trust/test_client_reads.py", "tests/trust/test_authorisation.py",
    "tests/trust/test_things_of_others.py", "tests/trust/test_at_rest.py", "tests/trust/test_crossing.py",
    "tests/trust/test_erasure.py", "tests/trust/test_forged.py", "tests/trust/test_guessing.py",
    "tests/trust/test_refit.py", "tests/trust/test_replay.py", "tests/trust/test_replaced_keys.py",
    "tests/trust/test_sign_ins.py", "tests/web/services/test_acknowledging.py", "tests/web/services/test_backups.py",
    "tests/web/exchange/test_backup_file.py", "tests/web/test_problems.py",
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
    ran = subprocess.run(tests, cwd=ROOT, env=os.environ, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-3_000:]
    report = tmp_path / "report.json"
    subprocess.run([*by, "json", f"--rcfile={settings}", "-o", str(report)], cwd=ROOT, check=True, capture_output=True)
    found = json.loads(report.read_text())
    gaps = {
        name: one["missing_branches"] + [[line] for line in one["missing_lines"]]
        for name, one in found["files"].items()
        if one["missing_branches"] or one["missing_lines"]
    }
    assert not gaps, "\n".join(f"{name}: {lines}" for name, lines in gaps.items())
