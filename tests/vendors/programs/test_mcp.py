"""MCP servers as a person writes them, in one form for all vendors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from vendor_requests import settings

from pytest_subagents.vendors.programs.mcp import LocalServer, RemoteServer, faults, filled, servers


def one_of(given: Mapping[str, Any], *, env: tuple[str, ...] = ()) -> LocalServer | RemoteServer:
    (found,) = servers(settings("claude", mcp={"lab": given}, env=env))
    assert not faults(settings("claude", mcp={"lab": given}, env=env))
    return found


def test_a_program() -> None:
    given = {"command": "lab", "args": ["-v"], "env": {"A": "b"}, "cwd": "tools", "startup_timeout_sec": 3}
    assert one_of(given) == LocalServer(
        name="lab", command="lab", args=("-v",), env=(("A", "b"),), cwd="tools", others=(("startup_timeout_sec", 3),)
    )
    assert one_of({"type": "stdio", "command": "lab"}) == LocalServer(name="lab", command="lab")


def test_an_address() -> None:
    given = {"url": "https://a.invalid", "headers": {"A": "b"}, "timeout": 9}
    assert one_of(given) == RemoteServer(
        name="lab", url="https://a.invalid", headers=(("A", "b"),), others=(("timeout", 9),)
    )
    assert one_of({"type": "sse", "url": "https://a.invalid"}) == RemoteServer(
        name="lab", url="https://a.invalid", transport="sse"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "either a 'command'"),
        ({"command": "a", "url": "b"}, "either a 'command'"),
        ({"type": "http", "command": "a"}, "either a 'command'"),
        ({"type": "websocket", "url": "a"}, "either a 'command'"),
        ({"command": ["a", "b"]}, "'command' that is no text"),
        ({"command": ""}, "'command' that is no text"),
        ({"command": "a", "args": "b"}, "'args' that are no list of texts"),
        ({"command": "a", "args": [1]}, "'args' that are not all text"),
        ({"command": "a", "env": ["A"]}, "'env' that are no map of texts"),
        ({"command": "a", "env": {"A": 1}}, "'env' that are not all text"),
        ({"command": "a", "cwd": 1}, "'cwd' that is no text"),
        ({"url": "a", "headers": {"A": None}}, "'headers' that are not all text"),
    ],
)
def test_what_is_no_server_is_said(given: Mapping[str, Any], words: str) -> None:
    wrong = settings("claude", mcp={"lab": given})
    assert servers(wrong) == ()
    (said,) = faults(wrong)
    assert said.startswith("'mcp.lab' ")
    assert words in said


@pytest.mark.parametrize("name", ["a.b", "a b", "", "ü", "x" * 65])
def test_a_name_must_fit_into_every_configuration(name: str) -> None:
    (said,) = faults(settings("claude", mcp={name: {"command": "x"}}))
    assert "must have a name" in said


def test_a_variable_must_be_let_through() -> None:
    given: dict[str, dict[str, Any]] = {"lab": {"command": "x", "env": {"T": "${TOKEN}", "U": "a${OTHER}b"}}}
    assert faults(settings("claude", mcp=given, env=("TOKEN",))) == (
        "'vendors.claude.mcp.lab' uses ${OTHER}, which 'vendors.claude.env' does not let through",
    )


def test_variables_are_filled_once() -> None:
    assert filled("Bearer ${A}${B}$C", {"A": "${B}", "B": "b"}) == "Bearer ${B}b$C"
    assert filled("${NONE}", {}) == ""
