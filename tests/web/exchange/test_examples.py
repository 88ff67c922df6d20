"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import web.exchange


def test_examples_run() -> None:
    names = [module.name for module in pkgutil.walk_packages(web.exchange.__path__, "web.exchange.")]
    results = [doctest.testmod(importlib.import_module(name)) for name in names]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) >= 8
