"""Debian's chromium, driven against a served demo; without one the tests say so loudly, and fail where CI is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.serving import chromium, served_demo

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-quic")  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chromium() or os.environ.get("CI"):
        return
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.skip(reason="NO CHROMIUM ON THIS MACHINE: the browser tests did not run"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Never a browser that was downloaded: one of the system."""
    return {"executable_path": chromium(), "args": list(QUIET)}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Iterator[str]:
    with served_demo(tmp_path_factory.mktemp("served"), demo) as address:
        yield address
