"""The runners by name; an address is imported only when its runner is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from pytest_subagents.runners.interface import Runner

if TYPE_CHECKING:
    from pytest_subagents.runners.live_interface import LiveRunner

ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "replay": "pytest_subagents.runners.replay:ReplayRunner",
    }
)
LIVE_ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "process": "pytest_subagents.runners.process:ProcessRunner",
        "function": "pytest_subagents.runners.function:FunctionRunner",
    }
)


def runner(name: str) -> Runner:
    """The runner of recordings called `name`, a key of `ADDRESSES`."""
    return cast(Runner, _made(ADDRESSES[name]))


def live_runner(name: str) -> LiveRunner:
    """The runner of agents called `name`, a key of `LIVE_ADDRESSES`."""
    return cast("LiveRunner", _made(LIVE_ADDRESSES[name]))


def _made(address: str) -> Any:
    module, _, attribute = address.partition(":")
    return getattr(import_module(module), attribute)()
