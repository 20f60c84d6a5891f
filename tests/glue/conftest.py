"""The fixture of the tests of the plugin."""

from __future__ import annotations

import pytest
from team import Team


@pytest.fixture
def team(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Team:
    for variable in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_AUTO_NUM_WORKERS", "CI"):
        monkeypatch.delenv(variable, raising=False)
    return Team(pytester)
