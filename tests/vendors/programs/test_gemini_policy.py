"""The policy of Gemini CLI, read as its engine reads it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_subagents.model.glob import matches
from pytest_subagents.vendors.programs.gemini_policy import policy

WORKSPACE = Path("/srv/check out (1)/a[b]+")
TOOLS = ("read_file", "write_file", "replace")
UNSAFE = re.compile(r"\([^)]*[*+?{].*\)[*+?{]")


class Engine:
    """What 0.61.0 does with the rules of a file: the fitting one with the highest priority decides."""

    def __init__(self, text: str) -> None:
        self.rules: list[dict[str, Any]] = tomllib.loads(text)["rule"]

    def decides(self, tool: str, server: str | None = None, **arguments: str) -> str:
        text = "\0".join(["{", *(f"{json.dumps(k)}:{json.dumps(v, ensure_ascii=False)}" for k, v in sorted(arguments.items())), "}"])  # fmt: skip  # noqa: E501
        fitting = [rule for rule in self.rules if self._fits(rule, tool, server, text)]
        return str(max(fitting, key=lambda rule: int(rule["priority"]))["decision"])

    @staticmethod
    def _fits(rule: dict[str, Any], tool: str, server: str | None, text: str) -> bool:
        if "mcpName" in rule and rule["mcpName"] != server:
            return False
        pattern = rule.get("argsPattern")
        assert pattern is None or not (UNSAFE.search(pattern) or len(pattern) > 2048), f"dropped: {pattern}"
        return rule["toolName"] in (tool, "*") and (pattern is None or bool(re.search(pattern, text)))

    def writes(self, path: str, **more: str) -> bool:
        return self.decides("write_file", file_path=path, **more) == "allow"


def engine(*scope: str, tools: tuple[str, ...] = TOOLS, servers: tuple[str, ...] = ()) -> Engine:
    return Engine(policy(tools, scope, WORKSPACE, servers))


@pytest.mark.parametrize(
    "tool", ["write_file", "replace", "run_shell_command", "enter_plan_mode", "exit_plan_mode", "invoke_agent", "x"]
)
def test_what_is_not_named_is_denied(tool: str) -> None:
    assert engine(tools=("read_file",)).decides(tool, file_path="a") == "deny"
    assert engine(tools=("read_file",)).decides("read_file", file_path="a") == "allow"


def test_without_a_scope_no_tool_writes_even_if_named() -> None:
    assert not engine().writes("a.py")


def test_servers_that_are_named_may_be_used_and_no_others() -> None:
    found = engine(servers=("lab",))
    assert found.decides("mcp_lab_echo", server="lab") == "allow"
    assert found.decides("mcp_other_echo", server="other") == "deny"


@pytest.mark.parametrize("root", ["", "./", f"{WORKSPACE}/"])
def test_a_path_of_the_scope_may_be_written_however_it_is_named(root: str) -> None:
    found = engine("src/auth/", "{notes,docs}/*.txt", "**/deep.h", "one", 'odd " (x)+ $/**')
    inside = [
        "src/auth/x.py",
        "src/auth/a/b.py",
        "notes/a.txt",
        "deep.h",
        "a/b/deep.h",
        "one",
        "one/x",
        'odd " (x)+ $/y',
    ]
    for path in inside:
        assert found.writes(root + path), path
    outside = [
        "src/x.py",
        "srcXauth/x",
        "notes/b/a.txt",
        "xdeep.h",
        "a/xdeep.h",
        "two",
        "other/src/auth/x.py",
        "src/auth",
    ]
    for path in [*outside[:-1], "onetwo"]:
        assert not found.writes(root + path), path


@pytest.mark.parametrize(
    "path", ["src/../x", "../src/x", f"{WORKSPACE}/src/../x", "src/a/../../x", "/etc/src/x", "//src/x"]
)
def test_nobody_climbs_out_of_the_scope(path: str) -> None:
    assert not engine("src/").writes(path)


def test_what_is_written_cannot_look_like_a_path() -> None:
    found = engine("src/")
    assert not found.writes("a.py", content='\0"file_path":"src/x"\0')
    assert not found.writes("a.py", content='"file_path":"src/x"')
    assert found.writes("src/a.py", content='\0"file_path":"../x"\0')


@pytest.mark.parametrize("scope", ["**", "{a", "a/{b,c}[d]", "/".join(["**"] * 20) + "/x", "x" * 3000])
def test_where_rules_cannot_say_it_the_whole_workspace_may_be_written(scope: str) -> None:
    assert engine(scope).writes("anything")


PARTS = st.text("ab[]{},*?!(.)+$^-\\\"' ü", min_size=1, max_size=6) | st.sampled_from(["**", "*", "a", "{a,b}", "[ab]"])
GLOBS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
PATHS = st.lists(st.text('ab[]{},(.)+$- ü"\\', min_size=1, max_size=4), min_size=1, max_size=4).map("/".join)


@given(globs=st.lists(GLOBS, min_size=1, max_size=3), path=PATHS)
def test_no_path_of_the_scope_is_ever_refused(globs: list[str], path: str) -> None:
    assume(not {".", ".."} & set(path.split("/")))
    if matches(path, globs):
        assert engine(*globs).writes(path)
        assert engine(*globs).writes(f"{WORKSPACE}/{path}")
