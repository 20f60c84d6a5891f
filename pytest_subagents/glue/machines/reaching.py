"""Places that cannot be reached, or where no worker begins: told whoever named them, once."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Final

import execnet
import pytest

from pytest_subagents.glue.machines.gateways import OWN, plain_spec

_RESTARTS: Final = 4
"""For each worker, as xdist has it for those of `-n`; for others it knows no limit."""
_CANNOT: Final = (execnet.HostNotFound, execnet.RemoteError, OSError, EOFError, ValueError)


class Reaching:
    """Registered in xdist's controller."""

    def __init__(self) -> None:
        self._open: list[Any] = []
        """The specifications of the gateways of which there is no worker yet."""

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None, object, object]:
        """`pytest.UsageError` for what would be an internal error of xdist."""
        try:
            return (yield)
        except _CANNOT as error:
            if not self._open:
                raise
            spec = plain_spec(self._open[0])
            hint = "try it by hand: 'ssh HOST PYTHON -V' and the like, with the folder of chdir= there"
            message = f"--tx: no worker can be started at {spec!r}: {_why(error)}\n  hint: {hint}"
            raise pytest.UsageError(message) from None

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, specs: Sequence[Any]) -> None:
        self._open = list(specs)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self) -> None:
        """Of the first that is open."""
        del self._open[:1]


def limit_restarts(config: pytest.Config, workers: int) -> None:
    """Workers that cannot begin, say as pytest is not installed there, are not started for ever."""
    if config.option.maxworkerrestart is None and not config.option.numprocesses:
        config.option.maxworkerrestart = str(_RESTARTS * workers)


def _why(error: Exception) -> str:
    if isinstance(error, execnet.HostNotFound):
        return f"{error} cannot be reached, or runs no Python"
    words = str(error).strip().splitlines()
    return words[-1].replace(OWN, "") if words else type(error).__name__
