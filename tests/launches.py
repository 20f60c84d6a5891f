"""Requests to the programs of vendors, made quickly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Limits, McpServer, Subagent, Tool, VendorSettings
from pytest_subagents.vendors.programs.interface import Launch, Program, Request

ROOT = Path("/srv/run")
SESSION = "1d4b1c0e-6a53-4d5a-9a7c-3f2f6a1f0c11"
READING: tuple[Tool, ...] = ("read", "search")
WRITING: tuple[Tool, ...] = ("read", "search", "edit")


def a_request(
    program: Program,
    *tools: Tool,
    write: tuple[str, ...] = (),
    limits: Limits | None = None,
    mcp: tuple[McpServer, ...] = (),
    args: tuple[str, ...] = (),
    home: Mapping[str, str] | None = None,
    **keywords: Any,
) -> Request:
    """A reader's, unless `tools` and `write` say more; `home` has the texts of the copied configuration by name."""
    given: dict[str, Any] = {
        "subagent": Subagent(id="fix", scope=Scope(write=write), limits=limits or Limits()),
        "settings": VendorSettings(vendor=program.vendor, mcp=mcp, args=args),
        "prompt": "Find gaps.",
        "prompt_file": ROOT / "prompt.md",
        "workspace": ROOT / "checkout",
        "home": ROOT / "home",
        "config": ROOT / "home" / program.config_folder,
        "temporary": ROOT / "tmp",
        "output_file": ROOT / "answer",
        "session": SESSION,
        "tools": frozenset(tools or READING),
        "config_text": (home or {}).get,
    }
    return Request(**{**given, **keywords})


def file_of(launch: Launch, name: str) -> str:
    """The text of the file of that name."""
    (text,) = (text for path, text in launch.files if path.name == name)
    return text


def value_of(launch: Launch, option: str) -> str:
    """What follows `option`, behind a `=` or as the next argument."""
    for index, argument in enumerate(launch.argv):
        if argument == option:
            return launch.argv[index + 1]
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
    raise AssertionError(f"{option} is not in {launch.argv}")
