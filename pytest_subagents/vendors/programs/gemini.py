"""Gemini CLI: `gemini --output-format stream-json`.

Facts are of version 0.61.0, seen with a model server on loopback.

Its approval modes do not hold an agent: in `default`, without a person, `enter_plan_mode` and then `exit_plan_mode` are
allowed, and after that so are shell and writing. What holds is a policy that denies every tool but those named; as an
admin policy it wins over everything else, `yolo` included.

The repository's own `.gemini`, `GEMINI.md` and `.env` can start programs and send the conversation elsewhere. They are
read in a trusted folder only, so the folder is not trusted; without `folderTrust.enabled: false` that is exit code 55.
MCP servers, git and `rm` need a trusted folder, the last also `yolo`. There `--skip-trust` is given: it is heard when
the repository's settings have been left out already, and lets in its GEMINI.md only.
A settings file of the system, which would win over the person's, is skipped unless root owns it and all folders above
it, so the person's copied settings are written anew with ours in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from pytest_subagents.errors import BadFile
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Subagent, Tool, VendorSettings
from pytest_subagents.vendors.programs import mcp
from pytest_subagents.vendors.programs.gemini_parity import PARITY
from pytest_subagents.vendors.programs.gemini_policy import policy
from pytest_subagents.vendors.programs.interface import Launch, Parity, Request
from pytest_subagents.vendors.programs.own_arguments import taken_arguments

_ENVIRONMENT: Final[Mapping[str, str]] = {
    # Or it starts itself again as a child, which no signal reaches.
    "GEMINI_CLI_NO_RELAUNCH": "true",
    "GEMINI_CLI_TRUST_WORKSPACE": "false",
    "GEMINI_TELEMETRY_ENABLED": "false",
    "NO_BROWSER": "1",
}
_TOOLS: Final[Mapping[Tool, tuple[str, ...]]] = {
    "read": ("read_file", "read_many_files", "list_directory"),
    "search": ("glob", "grep_search", "search_file_content"),
    "edit": ("write_file", "replace"),
    "shell": ("run_shell_command",),
    "web": ("google_web_search", "web_fetch"),
    # The second is how a subagent hands over its answer.
    "subagents": ("invoke_agent", "complete_task"),
}
_QUIET: Final[dict[str, JsonValue]] = {
    "privacy": {"usageStatisticsEnabled": False},
    "telemetry": {"enabled": False},
    "general": {
        "enableAutoUpdate": False,
        "enableAutoUpdateNotification": False,
        # One layer of retries, and it is ours.
        "maxAttempts": 1,
        "retryFetchErrors": False,
        "plan": {"enabled": False},
    },
    "ide": {"enabled": False},
    "skills": {"enabled": False},
    "hooksConfig": {"enabled": False},
    "security": {"folderTrust": {"enabled": False}},
    "advanced": {"ignoreLocalEnv": True},
}
_SETTINGS: Final = "settings.json"
_POLICY: Final = "gemini-policy.toml"
_PROMPT: Final = "gemini-prompt.txt"
_OURS: Final = (
    *("-p", "--prompt", "-i", "--prompt-interactive", "-o", "--output-format", "-m", "--model", "-w", "--worktree"),
    *("-y", "--yolo", "--approval-mode", "--policy", "--admin-policy", "--allowed-tools", "--skip-trust"),
    *("-r", "--resume", "--session-id", "--session-file", "--acp", "--experimental-acp", "--raw-output"),
)
_AT: Final = re.compile(r"(?<!\\)@(?=\S)")
_COMMENTS: Final = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


class Gemini:
    """Google's Gemini CLI."""

    vendor: ClassVar[str] = "gemini"
    executable: ClassVar[str | None] = "gemini"
    config_folder: ClassVar[str] = ".gemini"
    version_arguments: ClassVar[tuple[str, ...] | None] = ("--version",)
    oldest: ClassVar[tuple[int, ...] | None] = (0, 61)
    keys: ClassVar[tuple[str, ...]] = ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS")
    parity: ClassVar[Mapping[str, Parity]] = PARITY

    def refusals(self, subagent: Subagent, settings: VendorSettings) -> Sequence[str]:
        words = [*taken_arguments(settings, _OURS), *mcp.faults(settings)]
        if "shell" in (subagent.tools or ()) and not subagent.scope.write:
            words.append("'tools' has 'shell' without a write scope; gemini cannot keep a command from writing")
        return words

    def launch(self, request: Request) -> Launch:
        argv = ["gemini", "--output-format", "stream-json", "--session-id", request.session]
        argv += ["--approval-mode", "yolo" if _commands(request) else "default", "--extensions", "none"]
        # Both: an admin policy of the machine switches off the one that is named as such here.
        argv += ["--policy", str(request.home / _POLICY), "--admin-policy", str(request.home / _POLICY)]
        if request.model:
            argv.append(f"--model={request.model}")
        servers = mcp.servers(request.settings)
        if servers or _commands(request):
            argv.append("--skip-trust")
        settings = json.dumps(_settings(request, servers), ensure_ascii=True, indent=1)
        scope = request.subagent.scope.write if _edits(request) else ()
        rules = policy(tuple(_offered(request)), scope, request.workspace, tuple(server.name for server in servers))
        files = [(request.config / _SETTINGS, settings), (request.home / _POLICY, rules)]
        stdin = request.prompt_file
        if _AT.search(request.prompt):
            # It would read the file that is named, and tear `a@b` apart; it knows this way to write an @.
            stdin = request.home / _PROMPT
            files.append((stdin, _AT.sub(r"\\@", request.prompt)))
        return Launch(argv=(*argv, *request.settings.args), env=_ENVIRONMENT, files=tuple(files), stdin=stdin)


def _edits(request: Request) -> bool:
    return request.writes and "edit" in request.tools


def _commands(request: Request) -> bool:
    return request.writes and "shell" in request.tools


def _offered(request: Request) -> Iterator[str]:
    for tool, names in _TOOLS.items():
        if tool in request.tools and (request.writes or tool not in ("edit", "shell")):
            yield from names


def _settings(request: Request, servers: Sequence[mcp.Server]) -> JsonValue:
    """The person's settings with ours over them."""
    made = _over(_persons(request), _QUIET)
    made["mcpServers"] = dict(map(_server, servers))
    made.pop("mcp", None)
    ours: dict[str, JsonValue] = {"experimental": {"enableAgents": "subagents" in request.tools}}
    if request.subagent.limits.max_turns is not None:
        ours["model"] = {"maxSessionTurns": request.subagent.limits.max_turns}
    made = _over(made, ours)
    security = made["security"]
    if "GEMINI_API_KEY" in request.environ and isinstance(security, dict) and "auth" not in security:
        made = _over(made, {"security": {"auth": {"selectedType": "gemini-api-key"}}})
    return made


def _persons(request: Request) -> dict[str, JsonValue]:
    text = request.config_text(_SETTINGS)
    if text is None:
        return {}
    where = f"vendors.gemini.home: {_SETTINGS}"
    try:
        # The program takes comments out as well.
        found = json.loads(_COMMENTS.sub(lambda piece: piece[1] or " ", text))
    except (ValueError, RecursionError) as error:
        raise BadFile(where, f"it is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadFile(where, "it is no JSON object")
    return found


def _over(below: Mapping[str, JsonValue], above: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """`below` with all of `above` in it, maps within maps merged."""
    made = dict(below)
    for key, value in above.items():
        match made.get(key), value:
            case dict() as old, dict() as new:
                made[key] = _over(old, new)
            case _, dict() as new:
                made[key] = _over({}, new)
            case _:
                made[key] = value
    return made


def _server(server: mcp.Server) -> tuple[str, JsonValue]:
    """The program replaces `${NAME}` itself, from its environment, so that no secret is written down."""
    match server:
        case mcp.LocalServer():
            made: dict[str, JsonValue] = {"command": server.command, "args": list(server.args), "env": dict(server.env)}
            if server.cwd is not None:
                made["cwd"] = server.cwd
        case mcp.RemoteServer(transport="sse"):
            made = {"url": server.url, "type": "sse", "headers": dict(server.headers)}
        case mcp.RemoteServer():
            made = {"httpUrl": server.url, "headers": dict(server.headers)}
    return server.name, made | dict(server.others)
