"""The fixtures of the tests of the plugin."""

from __future__ import annotations

import pytest
from live_team import LiveTeam
from team import Team


@pytest.fixture
def team(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Team:
    for variable in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_AUTO_NUM_WORKERS", "CI"):
        monkeypatch.delenv(variable, raising=False)
    return Team(pytester)


@pytest.fixture
def live_team(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> LiveTeam:
    for variable in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_AUTO_NUM_WORKERS", "CI"):
        monkeypatch.delenv(variable, raising=False)
    return LiveTeam(pytester, tmp_path_factory.mktemp("outside"))
