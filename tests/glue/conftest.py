"""The fixtures of the tests of the plugin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live_team import LiveTeam
from team import Team


@pytest.fixture
def team(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Team:
    return Team(pytester, monkeypatch)


@pytest.fixture
def live_team(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveTeam]:
    found = LiveTeam(pytester, monkeypatch, tmp_path_factory.mktemp("outside"))
    yield found
    found.close()
