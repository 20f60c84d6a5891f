"""Claude Code: `claude -p --output-format stream-json`.

Facts are of version 2.1.197, seen with a model server on loopback.

Permission mode `dontAsk` refuses whatever no rule allows, so the rules say all that an agent may do; as root
`bypassPermissions` is refused by the program. A tool that `--tools` does not name is not there at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Subagent, Tool, VendorSettings
from pytest_subagents.vendors.programs import mcp
from pytest_subagents.vendors.programs.claude_parity import PARITY
from pytest_subagents.vendors.programs.claude_schema import schema_argument
from pytest_subagents.vendors.programs.interface import Launch, Parity, Request
from pytest_subagents.vendors.programs.own_arguments import taken_arguments
from pytest_subagents.vendors.programs.path_rules import without_braces

_QUIET: Final[Mapping[str, str]] = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    # One layer of retries, and it is ours: 10 attempts, and a second request without a stream, are the default.
    "CLAUDE_CODE_MAX_RETRIES": "0",
    "CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK": "1",
    # After a refusal another model would answer than the one that was asked for.
    "CLAUDE_CODE_DISABLE_REFUSAL_FALLBACK": "1",
    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
    "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",
    # Or an `@path` anywhere in a prompt, in what another agent said, say, becomes the content of that file.
    "CLAUDE_CODE_DISABLE_ATTACHMENTS": "1",
}
_TOOLS: Final[Mapping[Tool, tuple[str, ...]]] = {
    "read": ("Read",),
    "search": ("Glob", "Grep"),
    "edit": ("Edit", "Write", "NotebookEdit"),
    "shell": ("Bash",),
    "web": ("WebFetch", "WebSearch"),
    "subagents": ("Task",),
}
_SETTINGS: Final = "claude-settings.json"
_SERVERS: Final = "claude-mcp.json"
_PROMPT: Final = "claude-prompt.txt"
_OURS: Final = (
    *("-p", "--print", "--output-format", "--input-format", "--session-id", "--no-session-persistence"),
    *("-c", "--continue", "-r", "--resume", "--fork-session", "--from-pr", "--bg", "--background", "-w", "--worktree"),
    *("--permission-mode", "--dangerously-skip-permissions", "--allow-dangerously-skip-permissions", "--tools"),
    *("--settings", "--setting-sources", "--strict-mcp-config", "--mcp-config", "--json-schema", "--model"),
    *("--max-turns", "--max-budget-usd"),
)
_SPECIAL: Final = re.compile(r"[][*?\\]")


class Claude:
    """Anthropic's Claude Code."""

    vendor: ClassVar[str] = "claude"
    executable: ClassVar[str | None] = "claude"
    config_folder: ClassVar[str] = ".claude"
    version_arguments: ClassVar[tuple[str, ...] | None] = ("--version",)
    oldest: ClassVar[tuple[int, ...] | None] = (2, 1)
    keys: ClassVar[tuple[str, ...]] = ("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_AUTH_TOKEN")
    parity: ClassVar[Mapping[str, Parity]] = PARITY

    def refusals(self, subagent: Subagent, settings: VendorSettings) -> Sequence[str]:
        return (
            *taken_arguments(settings, _OURS),
            *mcp.faults(settings),
            *(
                f"'vendors.claude.mcp.{server.name}' has 'cwd', which claude does not heed; name paths in full"
                for server in mcp.servers(settings)
                if isinstance(server, mcp.LocalServer) and server.cwd is not None
            ),
        )

    def launch(self, request: Request) -> Launch:
        argv = ["claude", "-p", "--output-format", "stream-json", "--verbose", "--session-id", request.session]
        # Of the three sources of settings only the private home: neither the repository's own nor its CLAUDE.md.
        argv += ["--setting-sources", "user", "--strict-mcp-config", "--disable-slash-commands"]
        # The same system prompt wherever an agent works, so that a provider's cache hits.
        argv += ["--exclude-dynamic-system-prompt-sections"]
        argv += ["--permission-mode", "dontAsk", f"--tools={','.join(_offered(request))}"]
        files = [_as_file(request.home / _SETTINGS, _settings(request))]
        argv += ["--settings", str(request.home / _SETTINGS)]
        if servers := mcp.servers(request.settings):
            files.append(_as_file(request.home / _SERVERS, {"mcpServers": dict(map(_server, servers))}))
            argv += ["--mcp-config", str(request.home / _SERVERS)]
        if request.model:
            argv.append(f"--model={request.model}")
        bounds = request.subagent.limits
        if bounds.max_turns is not None:
            argv.append(f"--max-turns={bounds.max_turns}")
        if bounds.max_usd is not None:
            argv.append(f"--max-budget-usd={bounds.max_usd:f}")
        if schema := schema_argument(request.schema):
            argv.append(f"--json-schema={schema}")
        stdin = request.prompt_file
        if request.prompt.startswith("/"):
            # It would be a command of the program, and answered by it with exit code 0.
            stdin = request.home / _PROMPT
            files.append((stdin, f"\n{request.prompt}"))
        return Launch(
            argv=(*argv, *request.settings.args),
            env={**_QUIET, "CLAUDE_CONFIG_DIR": str(request.config)},
            files=tuple(files),
            # Not an argument: every user could read it there, and Linux takes no more than 128 KiB.
            stdin=stdin,
        )


def _edits(request: Request) -> bool:
    return request.writes and "edit" in request.tools


def _offered(request: Request) -> Iterator[str]:
    for tool, names in _TOOLS.items():
        if tool in request.tools and (tool != "edit" or _edits(request)):
            yield from names


def _settings(request: Request) -> JsonValue:
    allowed: list[JsonValue] = list(_edit_rules(request)) if _edits(request) else []
    if "shell" in request.tools and request.writes:
        # Without this rule Bash runs only what the program knows to change nothing, such as `cat` and `git log`.
        allowed.append("Bash")
    if "web" in request.tools:
        allowed += ["WebFetch", "WebSearch"]
    allowed += [f"mcp__{server.name}" for server in mcp.servers(request.settings)]
    return {"permissions": {"allow": allowed, "disableBypassPermissionsMode": "disable"}}


def _edit_rules(request: Request) -> Iterator[str]:
    """A rule for each glob, from the root of the file system; where it has a slash also from the current directory,
    which is another name of the same place if a link leads to the workspace."""
    root = _SPECIAL.sub(r"\\\g<0>", str(request.workspace))
    for glob in without_braces(request.subagent.scope.write):
        yield f"Edit(/{root}/{glob})"
        if "/" in glob or glob == "**":
            yield f"Edit({glob})"


def _server(server: mcp.Server) -> tuple[str, JsonValue]:
    """The program replaces `${NAME}` itself, from its environment, so that no secret is written down."""
    match server:
        case mcp.LocalServer():
            made: dict[str, JsonValue] = {"type": "stdio", "command": server.command, "args": list(server.args)}
            made["env"] = dict(server.env)
        case mcp.RemoteServer():
            made = {"type": server.transport, "url": server.url, "headers": dict(server.headers)}
    return server.name, made | dict(server.others)


def _as_file(path: Path, value: JsonValue) -> tuple[Path, str]:
    return path, json.dumps(value, ensure_ascii=True, indent=1)
