"""The way in: nothing that a platform may lack is imported before it is known which one this is."""

from __future__ import annotations

import sys

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.platforms import must_run

HERE = sys.platform


def enter(config: pytest.Config) -> None:
    """Take part in this pytest run; `pytest.UsageError` where that cannot be on this platform."""
    try:
        must_run(HERE)
    except BadUsage as error:
        raise pytest.UsageError(str(error)) from None
    from pytest_subagents.glue.session import join

    join(config, HERE)


def parametrize_marked(metafunc: pytest.Metafunc) -> None:
    """One item for each subagent of a marked test; one that is skipped where nothing can be run."""
    try:
        must_run(HERE)
    except BadUsage as error:
        metafunc.fixturenames.append("subagent")
        metafunc.parametrize("subagent", [pytest.param(None, marks=pytest.mark.skip(reason=error.what))], indirect=True)
        return
    from pytest_subagents.glue.marks import parametrize

    parametrize(metafunc)


def need_platform() -> None:
    """For fixtures of plain tests: fails the test where they cannot work."""
    try:
        must_run(HERE)
    except BadUsage as error:
        pytest.fail(str(error), pytrace=False)
