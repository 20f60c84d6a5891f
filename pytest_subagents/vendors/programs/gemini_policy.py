"""What an agent may do, as a policy file of Gemini CLI.

Of the rules that fit a call the one with the highest priority decides. A tool that is denied whatever its arguments are
is not even offered. A regular expression is matched against the arguments as JSON with NULs between the pairs. 0.61.0
drops a rule, with a line on standard error and no more, if its expression has a group with a quantifier both in it and
behind it, or more than 2,048 characters; so here expressions have no groups and a bound.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.vendors.programs.path_rules import EVERYTHING, without_braces
from pytest_subagents.vendors.programs.toml_text import inline

_DENY_ALL: Final = 900
_OFFER: Final = 910
_DENY_PATHS: Final = 920
_ALLOW_PATHS: Final = 930
_DENY_CLIMBING: Final = 940
_LONGEST: Final = 2_000
_OUTSIDE: Final = "This path is outside the write scope."
_WRITING: Final = frozenset({"write_file", "replace"})
_ANY: Final = r"[^\x00]"
_ONE: Final = r"[^/\x00]"


def policy(tools: Sequence[str], scope: Sequence[str], workspace: Path, servers: Sequence[str]) -> str:
    """A TOML file that allows `tools`, writing in `scope` only, and all tools of the MCP `servers`; nothing else."""
    rules = [_rule("*", "deny", _DENY_ALL)]
    rules += [_rule("*", "allow", _OFFER, mcpName=server) for server in servers]
    for tool in tools:
        if tool == "run_shell_command":
            rules.append(_rule(tool, "allow", _OFFER, allowRedirection=True))
        elif tool not in _WRITING:
            rules.append(_rule(tool, "allow", _OFFER))
        elif scope:
            rules.append(_rule(tool, "allow", _OFFER))
            rules += _within(tool, _patterns(scope, workspace))
    return "\n".join(rules)


def _within(tool: str, patterns: Sequence[str] | None) -> Iterator[str]:
    """A tool that writes, held to paths; None where rules cannot say which."""
    if patterns is None:
        return
    yield _rule(tool, "deny", _DENY_PATHS, argsPattern='"file_path":', denyMessage=_OUTSIDE)
    for pattern in patterns:
        yield _rule(tool, "allow", _ALLOW_PATHS, argsPattern=pattern)
    for climbing in (r'\x00"file_path":"\.\./', rf'\x00"file_path":"{_ANY}*/\.\./'):
        yield _rule(tool, "deny", _DENY_CLIMBING, argsPattern=climbing, denyMessage=_OUTSIDE)


def _patterns(scope: Sequence[str], workspace: Path) -> tuple[str, ...] | None:
    """An expression for each way to name a path of `scope`; None for all of the workspace."""
    found: list[str] = []
    for glob in without_braces(scope):
        bodies = _bodies(glob)
        if glob == EVERYTHING or bodies is None:
            return None
        for body in bodies:
            roots = (f"{workspace}/", "./", "")
            found += [rf'\x00"file_path":"{_literal(root)}{body}"\x00' for root in roots]
    if len(found) > limits.SCOPE_RULES or any(len(one) > _LONGEST for one in found):
        return None
    return tuple(found)


def _bodies(glob: str) -> list[str] | None:
    """`glob` as expressions without groups: `**/` is none or some folders, so one becomes two."""
    bodies = [""]
    segments = glob.split("/")
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "**" and last:
            bodies = [f"{body}{_ANY}+" for body in bodies]
        elif segment == "**":
            bodies = [more for body in bodies for more in (body, f"{body}{_ANY}+/")]
        else:
            bodies = [f"{body}{_segment(segment)}{'' if last else '/'}" for body in bodies]
        if len(bodies) > limits.SCOPE_RULES:
            return None
    return bodies


def _segment(segment: str) -> str:
    out, index = [], 0
    while index < len(segment):
        char = segment[index]
        index += 1
        end = segment.find("]", index + (2 if segment[index : index + 1] in ("!", "^", "]") else 1))
        if char == "*":
            out.append(f"{_ONE}*")
        elif char == "?" or (char == "[" and end > 0):
            # A class would need the escapes of two languages; any one character is a little more than it says. In
            # JSON it may have a backslash before it.
            out.append(rf"\\?{_ONE}")
            index = end + 1 if char == "[" else index
        else:
            out.append(_literal(char))
    return "".join(out)


def _literal(text: str) -> str:
    """`text` as a regular expression of JavaScript, for a text within JSON."""
    return re.sub(r"[\\^$.*+?()[\]{}|]", r"\\\g<0>", json.dumps(text, ensure_ascii=False)[1:-1])


def _rule(tool: str, decision: str, priority: int, **more: str | bool) -> str:
    pairs = {"toolName": tool, "decision": decision, "priority": priority, **more}
    return "[[rule]]\n" + "".join(f"{key} = {inline(value)}\n" for key, value in pairs.items())
