"""The way into a run: nothing that a platform may lack is imported before it is known which one this is."""

from __future__ import annotations

import sys

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.platforms import must_run


def enter(config: pytest.Config, platform: str = sys.platform) -> None:
    """Take part in this pytest run; `pytest.UsageError` where that cannot be on this platform."""
    try:
        must_run(platform)
    except BadUsage as error:
        raise pytest.UsageError(str(error)) from None
    from pytest_subagents.glue.session import join

    join(config, platform)
