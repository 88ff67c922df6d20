"""What may not stand in the source at all, and where it may stand for a reason."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.test_imports import ROOT, sources

# (file, what) → why it may stand there; one that is not needed any more fails
REASONS: dict[tuple[str, str], str] = {
    ("web/qr.py", "Markup"): "an SVG of squares that is drawn here from bits; no text of anybody is in it",
    ("web/jobs/beside.py", "subprocess"): "starts the worker beside the server, with words of our own and no shell",
    ("web/db/schema.py", "SQL"): "the key of a lock and the name of an empty table, both written in the source",
    ("templates/people/own.html", "https://"): "a link to another clinic of this person's, by the host in its own row",
    ("templates/goals/home.html", "| safe"): "the form's token field, as Flask-WTF makes it, kept in a variable",
}
NAMES = {
    "Markup": "marks text as markup: nothing that somebody wrote is escaped any more",
    "pickle": "runs what it reads",
    "cPickle": "runs what it reads",
    "dill": "runs what it reads",
    "joblib": "runs what it reads",
    "shelve": "runs what it reads",
    "marshal": "runs what it reads",
    "subprocess": "starts other programs",
    "yaml": "may build objects of any kind",
    "eval": "runs text",
    "exec": "runs text",
    "__import__": "runs text",
    "os.system": "runs a shell",
    "os.popen": "runs a shell",
    "tempfile.mktemp": "a name that somebody else may take first",
    "render_template_string": "a template made of text",
    "from_string": "a template made of text",
    "extractall": "writes wherever an archive says",
    "unpack_archive": "writes wherever an archive says",
    "xml.etree": "reads entities without end",
    "telnetlib": "speaks in the clear",
    "ftplib": "speaks in the clear",
    "md5": "is broken",
    "sha1": "is broken",
    "assert_never_verify": "trusts any certificate",
    "_create_unverified_context": "trusts any certificate",
    "allow_pickle=True": "runs what it reads",
    "shell=True": "runs a shell",
    "verify=False": "trusts any certificate",
    "debug=True": "shows a console to anybody",
    "autoescape=False": "escapes nothing",
}
MADE_UP = {"text", "literal_column", "exec_driver_sql"}  # SQL as text, which may not be put together
PLANTED = "x.py"
TEMPLATES = (
    r"\|\s*safe\b",
    r"\{%-?\s*autoescape",
    r"\bon[a-z]+\s*=\s*[\"'{]",
    r"javascript:",
    r"<style",
    r"\bstyle\s*=",
    r"<script(?![^>]*\bsrc=)",
    r"<[a-z][^<>]*\s[a-z-]+=\{\{",
    r"\bsrcdoc\b",
    r"https?://(?!www\.wikipedia\.org/|www\.w3\.org/)",
)
SECRETS = (
    r"AKIA[0-9A-Z]{16}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY",
    r"gh[pousr]_[A-Za-z0-9]{30,}",
    r"xox[abprs]-[A-Za-z0-9-]{10,}",
    r"sk_live_[A-Za-z0-9]{16,}",
    r"AIza[0-9A-Za-z_-]{35}",
    r"eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.",
    r"://[^/\s:@{}<>\"']+:[^/\s@{}<>\"']{3,}@(?!mail\.example|localhost|127\.0\.0\.1|db|clinic|host|x)",
    r"rapport_(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{40,}",
)


def found_in(text: str, name: str) -> Iterator[tuple[str, str]]:
    """(what, where) of everything in a Python file that needs a reason."""
    tree = ast.parse(text)
    fixed = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    has_sql = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    has_sql |= {"text", "literal_column"} if name == PLANTED else set()
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for what in _names(node) & NAMES.keys():
            yield what, f"{name}:{line}: {what} {NAMES[what]}"
        if (
            isinstance(node, ast.Call)
            and _is_sql(node.func, has_sql)
            and node.args
            and not _is_fixed(node.args[0], fixed)
        ):
            yield "SQL", f"{name}:{line}: SQL that is put together as text"


def _names(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {part for alias in node.names for part in (alias.name, alias.name.split(".")[0])}
    if isinstance(node, ast.ImportFrom):
        return {node.module or "", (node.module or "").split(".")[0], *(alias.name for alias in node.names)}
    if isinstance(node, ast.Call):
        told = {f"{word.arg}={ast.unparse(word.value)}" for word in node.keywords if word.arg}
        whole = ast.unparse(node.func)
        return {_last(node.func), whole, whole.split(".")[0], *told} if not _is_method_of_ours(node.func) else told
    return set()


def _is_method_of_ours(function: ast.expr) -> bool:
    """``session.exec(…)`` and the like are no ``exec``."""
    return isinstance(function, ast.Attribute) and function.attr in {"eval", "exec", "text"}


def _last(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_sql(function: ast.expr, imported: set[str]) -> bool:
    """``text`` of SQLAlchemy by itself, or of ``sa``; any other object may have a text of its own."""
    if isinstance(function, ast.Name):
        return function.id in MADE_UP & imported
    return _last(function) == "exec_driver_sql" or ast.unparse(function) in {"sa.text", "sqlalchemy.text", "sql.text"}


def _is_fixed(told: ast.expr, fixed: set[str]) -> bool:
    """A literal, one of two, or a name that the file gives to one; what is formatted or added up is none."""
    if isinstance(told, ast.IfExp):
        return _is_fixed(told.body, fixed) and _is_fixed(told.orelse, fixed)
    return isinstance(told, ast.Constant) or (isinstance(told, ast.Name) and told.id in fixed)


def in_templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.*")):
        name, text = path.relative_to(ROOT).as_posix(), path.read_text()
        for pattern in TEMPLATES:
            for match in re.finditer(pattern, text):
                what = "| safe" if "safe" in match[0] else match[0]
                yield what, f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"


@pytest.mark.S22
def test_nothing_stands_in_the_source_that_may_not_without_a_reason(tried: Callable[[int], None]) -> None:
    found = [(path, what, where) for path, what, where in everything() if (path, what) not in REASONS]
    assert not found, "mend it, or say why in REASONS:\n" + "\n".join(where for *_, where in found)
    tried(len(list(sources("matcher", "web"))) + len(list((ROOT / "templates").rglob("*.*"))))


@pytest.mark.S22
def test_every_reason_is_needed_and_says_something(tried: Callable[[int], None]) -> None:
    stale = REASONS.keys() - {(path, what) for path, what, _ in everything()}
    assert not stale, f"not needed any more: {sorted(stale)}"
    assert all(len(why.split()) > 5 for why in REASONS.values())
    tried(len(REASONS))


@cache
def everything() -> tuple[tuple[str, str, str], ...]:
    """(file, what, where) of everything that needs a reason."""
    return tuple(_everything())


def _everything() -> Iterator[tuple[str, str, str]]:
    for path in sources("matcher", "web"):
        name = path.relative_to(ROOT).as_posix()
        yield from ((name, what, where) for what, where in found_in(path.read_text(), name))
    yield from ((where.split(":")[0], what, where) for what, where in in_templates())


@pytest.mark.S22
@pytest.mark.parametrize(
    "line",
    [
        "Markup(words)",
        "import pickle",
        "from joblib import load",
        "subprocess.run(x)",
        "yaml.load(x)",
        "eval(x)",
        "exec(x)",
        "run(x, shell=True)",
        'session.execute(text(f"SELECT {x}"))',
        'text("SELECT " + x)',
        'text("SELECT %s" % x)',
        "text(words)",
        "connection.exec_driver_sql(f'DROP {x}')",
        "numpy.load(x, allow_pickle=True)",
        "hashlib.md5(x)",
        "archive.extractall()",
    ],
)
def test_what_may_not_stand_there_would_be_found(line: str) -> None:
    """The planted holes."""
    assert list(found_in(line, PLANTED))


@pytest.mark.S22
def test_no_secret_is_in_the_tree(tried: Callable[[int], None]) -> None:
    from tests.architecture.test_house import tracked

    found, n = [], 0
    for path in tracked():
        if (
            path.suffix in {".png", ".woff2", ".ico", ".npz", ".lock"}
            or "vendor" in path.parts
            or path == Path(__file__)
        ):
            continue
        text = path.read_text(errors="replace")
        n += 1
        found += [
            f"{path.relative_to(ROOT)}: {match[0][:30]}" for pattern in SECRETS for match in re.finditer(pattern, text)
        ]
    assert not found, "\n".join(found)
    tried(n)


@pytest.mark.S22
def test_no_package_has_a_known_vulnerability(trials: Callable[[int, int], int], tried: Callable[[int], None]) -> None:
    """At length alone, for it asks the registry; without a way there it is skipped loudly, or fails in CI."""
    tried(1)
    if not trials(0, 1):
        assert (Path(sys.executable).with_name("pip-audit")).exists()
        return
    audit = Path(sys.executable).with_name("pip-audit")
    done = subprocess.run(
        [audit, "--progress-spinner", "off", "--skip-editable", "--local"], capture_output=True, text=True
    )
    if "Found " not in done.stderr and "No known" not in done.stdout + done.stderr:
        if os.environ.get("CI"):
            pytest.fail(f"the registry could not be asked:\n{done.stderr[-2000:]}")
        pytest.skip("THE REGISTRY IS OUT OF REACH: nobody has looked for known vulnerabilities")
    assert done.returncode == 0, done.stdout + done.stderr
