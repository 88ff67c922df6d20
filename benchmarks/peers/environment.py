"""The peers' own environment, ``.bench-env/``: libraries that Rapport does without, and a data set that one ships.

Made with uv at first use. A library that cannot be installed is named with its reason, and its rows say "not run".
Peers run in a process of their own, on one thread, and exchange arrays by file; one that takes more than ten minutes
is cut. Time is the processor's, so that a busy machine cuts nobody.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FOLDER = Path(".bench-env")
PYTHON = FOLDER / "bin" / "python"
LIBRARIES = {
    "gpboost": "gpboost==1.8.0",
    "catboost": "catboost==1.2.10",
    "surprise": "scikit-surprise==1.1.5",
    "lightfm": "lightfm-next==1.19.0",
    "faiss": "faiss-cpu==1.15.1",
    "implicit": "implicit==0.7.3",
    "ortools": "ortools==9.15.6755",
}
MOVIELENS = "recbole==1.2.1"  # its wheel holds MovieLens-100k; nothing else of it is used
OPEN_BANDIT = "obp==0.4.1"  # its wheel holds a sample of the Open Bandit Dataset, and the estimators beside ours
SCRIPT = Path(__file__).parent / "elsewhere.py"
LONGEST = 600  # seconds
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Answer:
    """A peer's predictions and how long they took; without predictions, why there are none."""

    scores: Floats | None
    seconds: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class Question:
    """Ratings as columns: codes (client and therapist first), numbers, and scores, NaN where one is asked for."""

    codes: NDArray[np.int64]
    numbers: Floats
    score: Floats

    @property
    def asked(self) -> NDArray[np.bool_]:
        return np.isnan(self.score)


def ask(method: str, question: Question, /, **setting: object) -> Answer:
    """What ``elsewhere.method`` predicts for the rows whose score is NaN."""
    library = method.partition("_")[0]
    if why := missing(library):
        return Answer(None, why=why)
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npy"
        np.savez(given, codes=question.codes, numbers=question.numbers, score=question.score)
        answer = timed([str(PYTHON), str(SCRIPT), method, str(given), str(found), json.dumps(setting)])
        return answer if answer.why else Answer(np.load(found), answer.seconds)


def timed(words: list[str]) -> Answer:
    """A command run to its end, or to the longest that it may take; what it found is in a file of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **ONE_THREAD}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, preexec_fn=_bounded)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode == -signal.SIGXCPU:
        return Answer(None, taken, f"> {LONGEST} s")
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
        return Answer(None, taken, f"not run: {last[0][:200]}")
    return Answer(None, taken)


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST + 5))


def worked(work: Callable[[], object]) -> float:
    """Seconds of this process's own work."""
    start = time.process_time()
    work()
    return time.process_time() - start


@cache
def missing(library: str) -> str:
    """Why a library is not there, after trying to install it; empty if it is."""
    return _environment() or _installed(LIBRARIES[library])


@cache
def movielens() -> Path | str:
    """The folder of MovieLens-100k, or why there is none."""
    target = FOLDER / "data"
    folder = target / "recbole" / "dataset_example" / "ml-100k"
    if not folder.exists() and (why := _environment() or _uv("pip", "install", *_to(target), "--no-deps", MOVIELENS)):
        return why
    return folder


@cache
def open_bandit() -> Path | str:
    """Where obp was unpacked, its logs under ``obp/dataset/obd``, or why it was not."""
    target = FOLDER / "data"
    wanted = ("pip", "install", *_to(target), "--no-deps", OPEN_BANDIT)
    if not (target / "obp").exists() and (why := _environment() or _uv(*wanted)):
        return why
    return target


@cache
def versions() -> dict[str, str]:
    """Name to version of the libraries that are there."""
    return {name: pin.partition("==")[2] for name, pin in LIBRARIES.items() if not missing(name)}


def _to(target: Path) -> tuple[str, ...]:
    return ("--python", str(PYTHON), "--target", str(target))


@cache
def _environment() -> str:
    """Make the environment where there is none; why it could not be made, or nothing."""
    return "" if PYTHON.exists() else _uv("venv", "--quiet", str(FOLDER))


@cache
def _installed(pin: str) -> str:
    return _uv("pip", "install", "--python", str(PYTHON), pin)


def _uv(*words: str) -> str:
    """Run uv; its last complaint, or nothing."""
    uv = shutil.which("uv") or ".tools/bin/uv"
    if not Path(uv).exists():
        return "not run: uv is not here, make fetches it"
    done = subprocess.run([uv, *words], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"not run: {' '.join(done.stderr.split())[:200]}"
