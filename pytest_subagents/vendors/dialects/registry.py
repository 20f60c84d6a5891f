"""The dialects by name, in the order in which a line of none known yet is offered to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from pytest_subagents.vendors.dialects.interface import Dialect

ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "codex_exec": "pytest_subagents.vendors.dialects.codex_exec:CodexExec",
        "claude_stream": "pytest_subagents.vendors.dialects.claude_stream:ClaudeStream",
        "gemini_stream": "pytest_subagents.vendors.dialects.gemini_stream:GeminiStream",
        "opencode_run": "pytest_subagents.vendors.dialects.opencode_run:OpencodeRun",
        "codex_session": "pytest_subagents.vendors.dialects.codex_session:CodexSession",
        "claude_session": "pytest_subagents.vendors.dialects.claude_session:ClaudeSession",
        "codex_msg": "pytest_subagents.vendors.dialects.codex_msg:CodexMsg",
        "cursor_stream": "pytest_subagents.vendors.dialects.cursor_stream:CursorStream",
        "copilot_events": "pytest_subagents.vendors.dialects.copilot_events:CopilotEvents",
        "agent_cli": "pytest_subagents.vendors.dialects.agent_cli:AgentCli",
        "qwen_session": "pytest_subagents.vendors.dialects.qwen_session:QwenSession",
        "pi_session": "pytest_subagents.vendors.dialects.pi_session:PiSession",
        "role_messages": "pytest_subagents.vendors.dialects.role_messages:RoleMessages",
    }
)


def dialect(name: str) -> Dialect:
    """A fresh reader of the dialect `name`, a key of `ADDRESSES`, for one file."""
    return _class_of(name)()


@cache
def _class_of(name: str) -> Callable[[], Dialect]:
    module, _, attribute = ADDRESSES[name].partition(":")
    return cast("Callable[[], Dialect]", getattr(import_module(module), attribute))
