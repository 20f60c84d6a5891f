"""OpenCode: `opencode run --format json`. Facts are of version 1.18.33, seen with a model server on loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Subagent, VendorSettings
from pytest_subagents.vendors.programs import mcp
from pytest_subagents.vendors.programs.interface import Launch, Parity, Request
from pytest_subagents.vendors.programs.opencode_parity import PARITY
from pytest_subagents.vendors.programs.own_arguments import taken_arguments

_AGENT: Final = "subagent"
"""An agent of our own: what an agent may do wins over the rest of the configuration, and the name is nobody else's."""
_SWITCHES: Final[Mapping[str, str]] = {
    f"OPENCODE_{name}": "1"
    for name in (
        "DISABLE_AUTOUPDATE",
        "DISABLE_CLAUDE_CODE",
        "DISABLE_DEFAULT_PLUGINS",
        "DISABLE_EMBEDDED_WEB_UI",
        "DISABLE_EXTERNAL_SKILLS",
        "DISABLE_LSP_DOWNLOAD",
        "DISABLE_MODELS_FETCH",
        # A repository's own configuration may start programs (plugins, servers) and grant permissions.
        "DISABLE_PROJECT_CONFIG",
        "DISABLE_SHARE",
        "DISABLE_TERMINAL_TITLE",
        "PURE",
    )
}
_FOLDERS: Final[Mapping[str, str]] = {
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
}
_OURS: Final = (
    *("--format", "--pure", "--dir", "--agent", "--title", "-m", "--model", "--command", "--attach", "--auto"),
    *("--print-logs", "--log-level"),
    *("-c", "--continue", "-s", "--session", "--fork", "--share", "-i", "--interactive"),
)
_KEYS_FILE: Final = "auth.json"


class Opencode:
    """The OpenCode CLI."""

    vendor: ClassVar[str] = "opencode"
    executable: ClassVar[str | None] = "opencode"
    config_folder: ClassVar[str] = ".config/opencode"
    version_arguments: ClassVar[tuple[str, ...] | None] = ("--version",)
    oldest: ClassVar[tuple[int, ...] | None] = (1, 18)
    keys: ClassVar[tuple[str, ...]] = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENCODE_API_KEY", "OPENROUTER_API_KEY")
    parity: ClassVar[Mapping[str, Parity]] = PARITY

    def refusals(self, subagent: Subagent, settings: VendorSettings) -> Sequence[str]:
        found = [*taken_arguments(settings, _OURS), *mcp.faults(settings)]
        if "shell" in (subagent.tools or ()) and not subagent.scope.write:
            found.append(
                "'tools' has shell without a write scope: opencode has no sandbox, so its commands could write anywhere"
            )
        model = subagent.model or settings.model
        if model is not None and "/" not in model:
            found.append(f"the model {model!r} must be given as provider/model")
        return found

    def launch(self, request: Request) -> Launch:
        argv = ["opencode", "run", "--format", "json", "--pure", f"--dir={request.workspace}"]
        # On stderr, and the only word of what it tries again by itself, for minutes: its stream is silent meanwhile.
        argv += ["--print-logs", "--log-level=ERROR"]
        # With a title there is no second request that asks a model for one.
        argv += [f"--agent={_AGENT}", f"--title={request.session}"]
        if request.model:
            argv.append(f"--model={request.model}")
        keys = request.config_text(_KEYS_FILE)
        data = request.home / _FOLDERS["XDG_DATA_HOME"] / "opencode"
        return Launch(
            argv=(*argv, *request.settings.args),
            env={
                **_SWITCHES,
                **{name: str(request.home / folder) for name, folder in _FOLDERS.items()},
                "OPENCODE_CONFIG_CONTENT": json.dumps(_config(request), ensure_ascii=False),
            },
            # The keys of `opencode auth login` lie beside its data, not beside its configuration.
            files=() if keys is None else ((data / _KEYS_FILE, keys),),
            # An argument with a space in it would arrive in quotation marks.
            stdin=request.prompt_file,
        )


def _config(request: Request) -> dict[str, JsonValue]:
    return {
        "autoupdate": False,
        "share": "disabled",
        "snapshot": False,
        # Without the project's configuration its instructions would not be read either.
        "instructions": [str(request.workspace / "AGENTS.md")],
        "permission": _permissions(request),
        "agent": {_AGENT: {"mode": "primary", "description": "One subagent.", "permission": _permissions(request)}},
        "mcp": {server.name: _server(server) for server in mcp.servers(request.settings)},
    }


def _permissions(request: Request) -> dict[str, JsonValue]:
    """What is not named here is not offered to the model. Nothing may ask: a question that nobody answers ends the
    run with exit code 0 and no answer."""
    granted = {"glob", "grep", "list", "todowrite", "skill", "lsp"}
    granted |= {"webfetch", "websearch"} if "web" in request.tools else set()
    granted |= {"task"} if "subagents" in request.tools else set()
    if request.writes:
        granted |= {"edit"} if "edit" in request.tools else set()
        granted |= {"bash"} if "shell" in request.tools else set()
    made: dict[str, JsonValue] = {"*": "deny", **dict.fromkeys(sorted(granted), "allow")}
    made |= {f"{server.name}_*": "allow" for server in mcp.servers(request.settings)}
    # The program itself asks before these are read.
    made["read"] = {"*": "allow", "*.env": "deny", "*.env.*": "deny", "*.env.example": "allow"}
    return {**made, "external_directory": "deny", "doom_loop": "deny", "question": "deny"}


def _server(server: mcp.Server) -> JsonValue:
    """As the program wants it; it puts the value of a variable itself where `{env:NAME}` stands."""
    match server:
        case mcp.LocalServer():
            return {
                "type": "local",
                "command": [server.command, *server.args],
                "environment": {name: mcp.replaced(text, "{{env:{}}}".format) for name, text in server.env},
                **({} if server.cwd is None else {"cwd": server.cwd}),
                "enabled": True,
                **dict(server.others),
            }
        case mcp.RemoteServer():
            return {
                "type": "remote",
                "url": server.url,
                "headers": {name: mcp.replaced(text, "{{env:{}}}".format) for name, text in server.headers},
                "enabled": True,
                **dict(server.others),
            }
