"""Codex: `codex exec --json`. Facts are of version 0.169.0, seen with a model server on loopback."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Subagent, VendorSettings
from pytest_subagents.vendors.programs import mcp
from pytest_subagents.vendors.programs.codex_parity import PARITY
from pytest_subagents.vendors.programs.interface import Launch, Parity, Request
from pytest_subagents.vendors.programs.own_arguments import taken_arguments
from pytest_subagents.vendors.programs.strict_schema import strict_schema
from pytest_subagents.vendors.programs.toml_text import inline, key_text

_QUIET: Final[tuple[tuple[str, JsonValue], ...]] = (
    ("check_for_update_on_startup", False),
    ("analytics.enabled", False),
    ("feedback.enabled", False),
    ("history.persistence", "none"),
    ("approval_policy", "never"),
    # Without the first a fresh home looks up two hosts of the vendor's and lists a repository of plugins.
    ("features.plugins", False),
    ("features.apps", False),
    ("features.image_generation", False),
    ("features.skill_mcp_dependency_install", False),
    # Or a connection that is refused is tried again for ever.
    ("features.unbounded_connection_retries", False),
)
_OURS: Final = (
    *("--json", "-C", "--cd", "-s", "--sandbox", "--dangerously-bypass-approvals-and-sandbox", "--approve-for-me"),
    *("--ignore-rules", "--output-schema", "-m", "--model", "--color", "--worktree", "--trust"),
)
_SCHEMA: Final = "answer.schema.json"


class Codex:
    """OpenAI's Codex CLI."""

    vendor: ClassVar[str] = "codex"
    executable: ClassVar[str | None] = "codex"
    config_folder: ClassVar[str] = ".codex"
    version_arguments: ClassVar[tuple[str, ...] | None] = ("--version",)
    oldest: ClassVar[tuple[int, ...] | None] = (0, 169)
    keys: ClassVar[tuple[str, ...]] = ("CODEX_API_KEY", "OPENAI_API_KEY")
    parity: ClassVar[Mapping[str, Parity]] = PARITY

    def refusals(self, subagent: Subagent, settings: VendorSettings) -> Sequence[str]:
        servers = mcp.servers(settings)
        return (
            *taken_arguments(settings, _OURS),
            *mcp.faults(settings),
            *_contended(servers),
            *(
                f"'vendors.codex.mcp.{server.name}' is of type sse, which codex does not speak; use one of type http"
                for server in servers
                if isinstance(server, mcp.RemoteServer) and server.transport == "sse"
            ),
        )

    def launch(self, request: Request) -> Launch:
        env: dict[str, str] = {"CODEX_HOME": str(request.config)}
        argv = ["codex", "exec", "--json", "--skip-git-repo-check", "--color", "never", "-C", str(request.workspace)]
        # A rule that allows a command runs it outside the sandbox, and people collect such rules by a keystroke.
        argv += ["-s", "workspace-write" if _may_write(request) else "read-only", "--ignore-rules"]
        if request.model:
            argv.append(f"--model={request.model}")
        schema = strict_schema(request.schema)
        schema_file = request.home / _SCHEMA
        if schema is not None:
            argv += ["--output-schema", str(schema_file)]
        servers = tuple(_servers(request, env))
        hidden = sorted({*self.keys, *_key_variables(request), *env} - {"CODEX_HOME"})
        for key, value in (*_QUIET, *_confined(request, hidden), *_providers(request), *servers):
            argv += ["-c", f"{key}={inline(value)}"]
        return Launch(
            # The prompt comes on standard input, whole: an argument could be seen by every user of the machine, and
            # on Linux is at most 128 KiB long.
            argv=(*argv, *request.settings.args, "--", "-"),
            env=env,
            files=() if schema is None else ((schema_file, json.dumps(schema, ensure_ascii=False)),),
            stdin=request.prompt_file,
        )


def _may_write(request: Request) -> bool:
    return request.writes and not request.tools.isdisjoint(("edit", "shell"))


def _confined(request: Request, hidden: Sequence[str]) -> Iterator[tuple[str, JsonValue]]:
    """What the sandbox lets through, whatever the copied configuration says; `hidden` are variables with secrets."""
    web = "web" in request.tools
    yield "web_search", "live" if web else "disabled"
    yield "agents.enabled", "subagents" in request.tools
    # A repository's own `.codex` may start programs outside the sandbox.
    yield "projects", {str(request.workspace): {"trust_level": "untrusted"}}
    yield "shell_environment_policy.exclude", [*_texts_at(request, "shell_environment_policy", "exclude"), *hidden]
    if _may_write(request):
        yield "sandbox_workspace_write.network_access", web
        yield "sandbox_workspace_write.exclude_slash_tmp", True
        yield "sandbox_workspace_write.exclude_tmpdir_env_var", True
        # The private folder is no secret way out, and without one neither compilers nor test runners start.
        yield "sandbox_workspace_write.writable_roots", [str(request.temporary)]


def _providers(request: Request) -> Iterator[tuple[str, JsonValue]]:
    """No retries of the program's own, as far as it lets us: its built-in providers cannot be set."""
    for name in _table(_config(request), "model_providers"):
        place = f"model_providers.{name}"
        if name != key_text(name) or "." in name:
            continue  # `-c` splits keys at every dot, quoted or not
        yield f"{place}.request_max_retries", 0
        yield f"{place}.stream_max_retries", 0
        yield f"{place}.supports_websockets", False


def _servers(request: Request, env: dict[str, str]) -> Iterator[tuple[str, JsonValue]]:
    """The MCP servers; values that name a variable go by `env`, for arguments can be seen by everybody."""
    for server in mcp.servers(request.settings):
        table: dict[str, JsonValue] = {"required": True, "default_tools_approval_mode": "approve"}
        match server:
            case mcp.LocalServer():
                table |= {"command": server.command, "args": list(server.args), "cwd": server.cwd}
                secret = [name for name, text in server.env if mcp.references(text)]
                table["env"] = {name: text for name, text in server.env if name not in secret}
                table["env_vars"] = list(secret)
                env |= {name: mcp.filled(text, request.environ) for name, text in server.env if name in secret}
            case mcp.RemoteServer():
                table["url"] = server.url
                table["http_headers"] = {name: text for name, text in server.headers if not mcp.references(text)}
                named: dict[str, JsonValue] = {}
                for number, (name, text) in enumerate(server.headers):
                    if mcp.references(text):
                        variable = f"SUBAGENTS_MCP_{server.name.upper().replace('-', '_')}_{number}"
                        named[name] = variable
                        env[variable] = mcp.filled(text, request.environ)
                table["env_http_headers"] = named
        yield f"mcp_servers.{server.name}", {**table, **dict(server.others)}


def _contended(servers: Sequence[mcp.Server]) -> Iterator[str]:
    """Variables that two servers want to be different: they go by the environment of the program, which has but one."""
    seen: dict[str, str] = {}
    for server in servers:
        if isinstance(server, mcp.LocalServer):
            for name, text in server.env:
                if mcp.references(text) and seen.setdefault(name, text) != text:
                    yield f"'vendors.codex.mcp.{server.name}' sets {name} to another variable than a server before it"


def _key_variables(request: Request) -> Iterator[str]:
    """The variables that hold the keys of the configured providers."""
    for provider in _table(_config(request), "model_providers").values():
        match provider:
            case {"env_key": str() as name}:
                yield name


def _texts_at(request: Request, *path: str) -> list[str]:
    found: object = _config(request)
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _table(config: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = config.get(name)
    return found if isinstance(found, dict) else {}


def _config(request: Request) -> Mapping[str, object]:
    """The copied `config.toml`; what is no TOML is refused by the program itself."""
    try:
        return tomllib.loads(request.config_text("config.toml") or "")
    except (tomllib.TOMLDecodeError, RecursionError):
        return MappingProxyType({})
