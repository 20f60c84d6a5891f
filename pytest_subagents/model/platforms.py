"""Where this package runs: the platform is handed in, as `sys.platform` names it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.errors import BadUsage

_NAMES: Final[Mapping[str, str]] = MappingProxyType({"darwin": "macOS", "win32": "Windows", "cygwin": "Cygwin"})
_UNSUPPORTED: Final = ("win32", "cygwin", "emscripten", "wasi")
"""What cannot hold a file by its folder, without which nothing is read or written below a rootdir."""


def must_run(platform: str) -> None:
    """Raises `BadUsage` where nothing of this package works, replay included."""
    if platform in _UNSUPPORTED:
        raise BadUsage(
            "pytest-subagents",
            f"{_name(platform)} is not supported",
            hint="run it on Linux: in WSL 2, a container or CI; without --subagents, pytest runs here as ever",
        )


def must_start(platform: str, where: str) -> None:
    """Raises `BadUsage` where agents and commands cannot be started such that all they start ends with them."""
    if platform != "linux":
        raise BadUsage(
            where,
            f"agents and commands are started on Linux only, and this is {_name(platform)}",
            hint="replay works here; for the rest use a container, a virtual machine or CI on Linux",
        )


def _name(platform: str) -> str:
    return _NAMES.get(platform, platform)
