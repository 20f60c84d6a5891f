"""The MCP servers of a specification, in one form for all vendors.

A person writes the keys that most programs know: `command`, `args`, `env` and `cwd` for a program, `url` and `headers`
for a server that runs already (`type: sse` for the older transport). Every other key is the vendor's own. `${NAME}` in
`env` and `headers` stands for a variable that `env` of the vendor lets through, so that no secret is written down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import McpServer, VendorSettings
from pytest_subagents.model.value import Value

Pairs: TypeAlias = tuple[tuple[str, str], ...]


class LocalServer(Value, frozen=True, kw_only=True):
    """A program that speaks MCP on its standard input and output."""

    name: str
    command: str
    args: tuple[str, ...] = ()
    env: Pairs = ()
    cwd: str | None = None
    others: tuple[tuple[str, JsonValue], ...] = ()
    """Keys of the vendor's own, as they are."""


class RemoteServer(Value, frozen=True, kw_only=True):
    """A server that is reached by its address."""

    name: str
    url: str
    transport: Literal["http", "sse"] = "http"
    headers: Pairs = ()
    others: tuple[tuple[str, JsonValue], ...] = ()


Server: TypeAlias = LocalServer | RemoteServer

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LOCAL: Final = frozenset({"type", "command", "args", "env", "cwd"})
_REMOTE: Final = frozenset({"type", "url", "headers"})


def servers(settings: VendorSettings) -> tuple[Server, ...]:
    """The servers that can be used; `faults` names the others."""
    return tuple(found for one in settings.mcp if not isinstance(found := _read(one), str))


def faults(settings: VendorSettings) -> tuple[str, ...]:
    """What a person must mend in `vendors.<name>.mcp`, as words that follow the agent's place."""
    found: list[str] = []
    for one in settings.mcp:
        match _read(one):
            case str() as words:
                found.append(words)
            case LocalServer(env=pairs) | RemoteServer(headers=pairs):
                unknown = {name for _, text in pairs for name in references(text)} - set(settings.env)
                found += [
                    f"'vendors.{settings.vendor}.mcp.{one.name}' uses ${{{name}}}, which "
                    f"'vendors.{settings.vendor}.env' does not let through"
                    for name in sorted(unknown)
                ]
    return tuple(found)


def references(text: str) -> tuple[str, ...]:
    """The names of the variables that `text` stands for parts of."""
    return tuple(_REFERENCE.findall(text))


def replaced(text: str, by: Callable[[str], str]) -> str:
    """`text` with each `${NAME}` replaced by what `by` makes of the name."""
    return _REFERENCE.sub(lambda found: by(found[1]), text)


def filled(text: str, environ: Mapping[str, str]) -> str:
    """`text` with the values of its variables; those that are not set are empty."""
    return replaced(text, lambda name: environ.get(name, ""))


def _read(server: McpServer) -> Server | str:
    try:
        return _server(server)
    except ValueError as error:
        return f"'mcp.{server.name}' {error}"


def _server(server: McpServer) -> Server:
    settings = server.settings
    if not _NAME.fullmatch(server.name):
        raise ValueError("must have a name of letters, digits, '_' and '-', at most 64 of them")
    match settings.get("type"), "command" in settings, "url" in settings:
        case ((None | "stdio"), True, False):
            return LocalServer(
                name=server.name,
                command=_text(settings, "command"),
                args=_texts(settings, "args"),
                env=_pairs(settings, "env"),
                cwd=_text(settings, "cwd") if "cwd" in settings else None,
                others=_others(settings, _LOCAL),
            )
        case (None | "http" | "sse") as kind, False, True:
            return RemoteServer(
                name=server.name,
                url=_text(settings, "url"),
                transport="sse" if kind == "sse" else "http",
                headers=_pairs(settings, "headers"),
                others=_others(settings, _REMOTE),
            )
    raise ValueError("must have either a 'command' (type stdio) or an 'url' (type http or sse)")


def _others(settings: Mapping[str, JsonValue], ours: frozenset[str]) -> tuple[tuple[str, JsonValue], ...]:
    return tuple((key, value) for key, value in settings.items() if key not in ours)


def _text(settings: Mapping[str, JsonValue], key: str) -> str:
    match settings.get(key):
        case str() as text if text:
            return text
    raise ValueError(f"has a '{key}' that is no text")


def _texts(settings: Mapping[str, JsonValue], key: str) -> tuple[str, ...]:
    found: list[str] = []
    match settings.get(key, []):
        case list() | tuple() as items:
            for item in items:
                if not isinstance(item, str):
                    raise ValueError(f"has '{key}' that are not all text")
                found.append(item)
            return tuple(found)
    raise ValueError(f"has '{key}' that are no list of texts")


def _pairs(settings: Mapping[str, JsonValue], key: str) -> Pairs:
    found: list[tuple[str, str]] = []
    match settings.get(key, {}):
        case dict() as items:
            for name, text in items.items():
                if not isinstance(text, str):
                    raise ValueError(f"has '{key}' that are not all text")
                found.append((name, text))
            return tuple(found)
    raise ValueError(f"has '{key}' that are no map of texts")
