"""What teams in faults' tests are played with."""

from __future__ import annotations

from pathlib import Path

import pytest
from live.faults.cast import Theatre


@pytest.fixture
def theatre(request: pytest.FixtureRequest, tmp_path: Path) -> Theatre:
    """Asks for the programs, the namespace and the servers only where a play needs them."""
    return Theatre(
        serve=lambda: request.getfixturevalue("model_server"),
        clis=lambda: request.getfixturevalue("clis"),
        inside=lambda: request.getfixturevalue("in_namespace"),
        folder=tmp_path,
    )
