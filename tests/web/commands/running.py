"""A command as its user runs it: in a process of its own where asked for, else through click's runner."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from click.testing import CliRunner, Result

from tests import keys
from web.cli import main

Rapport = Callable[..., Result]


def rapport_on(database_url: str, **environ: str) -> Rapport:
    """``rapport …`` on a database, and nothing else of the environment."""
    kept = keys.environment()

    def run(*words: object, stdin: str | bytes | None = None) -> Result:
        environment = dict.fromkeys(os.environ, None) | kept | {"DATABASE_URL": database_url} | environ
        return CliRunner(env=environment).invoke(main, [str(word) for word in words], input=stdin)

    return run


def done(result: Result) -> str:
    """What a command printed that ended well."""
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.stdout


def as_json(result: Result) -> Any:
    """The same, as JSON."""
    return json.loads(done(result))


def refused(result: Result) -> str:
    """What a command said that refused: exit code 1, a sentence, no trace."""
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.output
