"""What Claude Code honours of a specification, as the documentation says it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.vendors.programs.interface import Parity

PARITY: Final[Mapping[str, Parity]] = MappingProxyType(
    {
        "model": Parity(honoured="yes", how="`--model`; another one after a refusal is switched off"),
        "prompt": Parity(
            honoured="yes",
            how="on standard input, byte for byte; one that begins with `/` gets a line break before it, and `@path` "
            "stays text",
        ),
        "working directory": Parity(honoured="yes", how="the process's own; it may read nowhere else without `shell`"),
        "read-only": Parity(
            honoured="yes",
            how="`--tools` without Edit, Write and NotebookEdit, permission mode `dontAsk`; with `shell` it has Bash, "
            "but only for commands that Claude Code itself knows to change nothing",
        ),
        "write scope": Parity(
            honoured="partly",
            how="an `Edit(...)` rule for each glob; names are compared without regard to case, and what a command of "
            "`shell` writes is not held back but found by the audit. `.git`, `.claude`, `.mcp.json`, `.vscode` and a "
            "shell's start files are never written by the tools",
        ),
        "tools": Parity(
            honoured="yes",
            how="read: Read; search: Glob, Grep; edit: Edit, Write, NotebookEdit; shell: Bash; web: WebFetch, "
            "WebSearch; subagents: Agent",
        ),
        "mcp": Parity(
            honoured="yes",
            how="`--strict-mcp-config --mcp-config`, all tools of a server allowed, also those that write; no other "
            "server is started",
        ),
        "contract": Parity(
            honoured="partly",
            how="`--json-schema`, less what a strict validator of draft 07 does not know; not for contracts whose "
            "answer is no object, nor for those of 128 KiB and more. A model that never calls the tool ends with exit "
            "code 0: its text is judged then",
        ),
        "private home": Parity(honoured="yes", how="HOME, and CLAUDE_CONFIG_DIR in it"),
        "home": Parity(
            honoured="yes",
            how="copied as `.claude`: settings, hooks, CLAUDE.md, agents; its MCP servers and skills are not used. "
            "The repository's own CLAUDE.md, `.claude` and `.mcp.json` are not read; name them under `context.files`. "
            "An administrator's policy settings apply",
        ),
        "env": Parity(honoured="yes", how="the variables that are named; commands of `shell` see them too"),
        "session id": Parity(honoured="yes", how="`--session-id`; every event of the stream bears it"),
        "telemetry off": Parity(
            honoured="yes",
            how="CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC, DISABLE_TELEMETRY, DISABLE_ERROR_REPORTING, "
            "DISABLE_AUTOUPDATER",
        ),
        "plugins off": Parity(
            honoured="yes", how="`--setting-sources user`, which is the private home, and `--disable-slash-commands`"
        ),
        "subagents off": Parity(honoured="yes", how="the Agent tool is not offered, unless `tools` has `subagents`"),
        "limits.max_turns": Parity(honoured="yes", how="`--max-turns`"),
        "limits.max_tokens": Parity(
            honoured="partly",
            how="counted while it streams, turn by turn; the stream tells what a turn wrote only with its end",
        ),
        "limits.max_usd": Parity(
            honoured="partly",
            how="`--max-budget-usd`: it ends after the turn that goes beyond; a model that it has no price for is "
            "counted at another model's",
        ),
        "own retries": Parity(
            honoured="yes", how="off: CLAUDE_CODE_MAX_RETRIES=0, CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK"
        ),
        "usage": Parity(honoured="yes", how="as reported at the end, subagents included"),
        "cost": Parity(honoured="yes", how="as reported at the end, by its own price list"),
    }
)
