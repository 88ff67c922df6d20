"""The clinic of the web tests, a copy for each test, on both engines."""

import pytest

from tests.trust import town as towns
from tests.web.conftest import harbour, harbours


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> towns.Town:
    """Three clinics, which nobody changes; made once a test process."""
    return towns.build(tmp_path_factory.mktemp("town"))


__all__ = ["harbour", "harbours", "town"]
