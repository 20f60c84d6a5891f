"""The speakers by the dialect that they speak."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from pytest_subagents.testing.scripted.speakers.interface import Setting, Speaker

_HERE: Final = "pytest_subagents.testing.scripted.speakers"
ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "codex_exec": f"{_HERE}.codex_exec:CodexExec",
        "claude_stream": f"{_HERE}.claude_stream:ClaudeStream",
        "gemini_stream": f"{_HERE}.gemini_stream:GeminiStream",
        "opencode_run": f"{_HERE}.opencode_run:OpencodeRun",
        "subagents_events": f"{_HERE}.subagents_events:SubagentsEvents",
    }
)


def speaker(dialect: str, setting: Setting) -> Speaker:
    """A speaker of `dialect`, a key of `ADDRESSES`, at the beginning of a run."""
    module, _, attribute = ADDRESSES[dialect].partition(":")
    return cast(Speaker, getattr(import_module(module), attribute)(setting))
