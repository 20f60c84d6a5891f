"""Requests to start an agent, for the tests of the vendors' programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import McpServer, Subagent, Tool, VendorSettings
from pytest_subagents.vendors.programs.interface import Request

ROOT = Path("/run")
READER: frozenset[Tool] = frozenset(("read", "search"))
WRITER: frozenset[Tool] = frozenset(("read", "search", "edit", "shell"))


def request(
    vendor: str,
    *,
    writes: bool = False,
    tools: frozenset[Tool] | None = None,
    model: str | None = None,
    schema: JsonValue = None,
    command: Sequence[str] = (),
    args: Sequence[str] = (),
    mcp: Mapping[str, Mapping[str, JsonValue]] | None = None,
    environ: Mapping[str, str] | None = None,
    home: Mapping[str, str] | None = None,
) -> Request:
    """A request of a subagent of `vendor`, with everything below `/run`, where nothing is."""
    variables, files = dict(environ or {}), dict(home or {})
    return Request(
        subagent=Subagent(
            id="math", vendor=vendor, command=tuple(command), scope=Scope(write=("src/**",) if writes else ())
        ),
        settings=settings(vendor, args=args, mcp=mcp, env=tuple(variables)),
        prompt="Review.",
        prompt_file=ROOT / "home/prompt.md",
        workspace=ROOT / "work",
        home=ROOT / "home",
        config=ROOT / "home/config",
        temporary=ROOT / "tmp",
        output_file=ROOT / "home/answer",
        session="1d4b1c0e-6a53-4d5a-9a7c-3f2f6a1f0c11",
        tools=tools if tools is not None else WRITER if writes else READER,
        model=model,
        schema=schema,
        schema_file=None if schema is None else ROOT / "home/schema.json",
        environ=variables,
        config_text=files.get,
    )


def settings(
    vendor: str,
    *,
    args: Sequence[str] = (),
    mcp: Mapping[str, Mapping[str, JsonValue]] | None = None,
    env: Sequence[str] = (),
    model: str | None = None,
) -> VendorSettings:
    servers = tuple(McpServer(name=name, settings=one) for name, one in (mcp or {}).items())
    return VendorSettings(vendor=vendor, args=tuple(args), mcp=servers, env=tuple(env), model=model)
