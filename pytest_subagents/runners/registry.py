"""The runners by name; an address is imported only when its runner is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from pytest_subagents.runners.interface import Runner

ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "replay": "pytest_subagents.runners.replay:ReplayRunner",
    }
)


def runner(name: str) -> Runner:
    """The runner called `name`, a key of `ADDRESSES`."""
    module, _, attribute = ADDRESSES[name].partition(":")
    return cast(Runner, getattr(import_module(module), attribute)())
