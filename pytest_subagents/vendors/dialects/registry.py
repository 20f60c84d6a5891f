"""The dialects by name, in the order in which a line of none known yet is offered to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Final, cast

from pytest_subagents.errors import BadUsage
from pytest_subagents.vendors.dialects.interface import Dialect
from pytest_subagents.vendors.third_parties import DIALECTS_GROUP, OpenRegistry, Registered


def _address(one: Registered) -> str:
    return one.address


ADDRESSES: Final = OpenRegistry(
    {
        "codex_exec": "pytest_subagents.vendors.dialects.codex_exec:CodexExec",
        "claude_stream": "pytest_subagents.vendors.dialects.claude_stream:ClaudeStream",
        "gemini_stream": "pytest_subagents.vendors.dialects.gemini_stream:GeminiStream",
        "opencode_run": "pytest_subagents.vendors.dialects.opencode_run:OpencodeRun",
        "subagents_events": "pytest_subagents.vendors.dialects.subagents_events:SubagentsEvents",
        "codex_session": "pytest_subagents.vendors.dialects.codex_session:CodexSession",
        "claude_session": "pytest_subagents.vendors.dialects.claude_session:ClaudeSession",
        "codex_msg": "pytest_subagents.vendors.dialects.codex_msg:CodexMsg",
        "cursor_stream": "pytest_subagents.vendors.dialects.cursor_stream:CursorStream",
        "copilot_events": "pytest_subagents.vendors.dialects.copilot_events:CopilotEvents",
        "agent_cli": "pytest_subagents.vendors.dialects.agent_cli:AgentCli",
        "qwen_session": "pytest_subagents.vendors.dialects.qwen_session:QwenSession",
        "pi_session": "pytest_subagents.vendors.dialects.pi_session:PiSession",
        "role_messages": "pytest_subagents.vendors.dialects.role_messages:RoleMessages",
    },
    DIALECTS_GROUP,
    _address,
)
"""`module:Class` by name. Those that other packages add by entry points of `DIALECTS_GROUP` come after ours, and are
looked for only when a line is none of ours."""


def dialect(name: str) -> Dialect:
    """A fresh reader of the dialect `name`, a key of `ADDRESSES`, for one file.

    Raises `BadUsage` where another package registers what cannot be used.
    """
    return _class_of(name)()


@cache
def _class_of(name: str) -> Callable[[], Dialect]:
    if name not in ADDRESSES.ours:
        return _class_of_another(ADDRESSES.theirs()[name])
    module, _, attribute = ADDRESSES[name].partition(":")
    return cast("Callable[[], Dialect]", getattr(import_module(module), attribute))


def _class_of_another(one: Registered) -> Callable[[], Dialect]:
    match one.load():
        case type() as found:
            return cast("Callable[[], Dialect]", found)
    raise BadUsage(one.where, f"{one.address!r} is no Dialect class")
