"""The sections of docs/api.md: every public name with its signature, its fields and what its docstring says.

Read from the source, so that nothing is imported for it that a user need not have.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest_subagents
from pytest_subagents.specify.key_paths import agent_paths, workflow_paths

NAMES: Final = (
    ("Declaring", ("Subagent", "Scope", "Limits", "Retries", "VendorSettings", "Workflow")),
    ("Results", ("Result", "Reason", "Finding", "Report")),
    ("Agents that are functions", ("FunctionCall",)),
    ("Mistakes", ("SubagentsError", "BadFile", "BadUsage")),
)
BESIDE: Final = (
    ("pytest_subagents.model.spec", ("Dependency", "Checkpoint", "Criterion", "Attempts", "Expectation")),
    ("pytest_subagents.model.result", ("Planned", "Diagnostics")),
    ("pytest_subagents.model.outcome", ("Change", "Usage")),
    ("pytest_subagents.model.report", ("Counts", "ReportFinding", "ReportFailure", "Totals", "GateResult")),
    ("pytest_subagents.runners.function_events", ("Emit",)),
)
"""What public values are made of: they are given and met, and need not be imported."""
TESTING: Final = (
    ("scripted_agent", ("ScriptedAgent", "Call")),
    ("scripts", ("Script", "transcript_of")),
    ("steps", ()),
    ("answers", ("answers", "wrong_answers", "wrong_messages")),
    ("transcripts", ("DIALECTS", "transcripts", "steps")),
    ("damage", ("damaged",)),
    ("conformance", ("VendorConformance",)),
)
_KEYS: Final = {
    "Subagent": "", "Scope": "scope.", "Limits": "limits.", "Retries": "retries.", "VendorSettings": "vendors.*.",
}  # fmt: skip
"""Classes whose fields are keys of an agent in a workflow file, and what those are below."""


def names() -> str:
    """The section of the package's own names."""
    assert sorted(name for _, group in NAMES for name in group) == sorted(pytest_subagents.__all__)
    parts = []
    for title, group in NAMES:
        parts.append(f"## {title}\n\n" + "\n".join(_entry(pytest_subagents._HOMES[name], name) for name in group))
    return "\n".join(parts)


def beside() -> str:
    """The section of what those are made of."""
    return "\n".join(_entry(module, name, home=True) for module, group in BESIDE for name in group)


def fixtures() -> str:
    """The section of the fixtures that are functions."""
    nodes = _nodes("pytest_subagents.glue.fixtures")
    call = next(node for node in nodes["ReplayTranscript"].body if isinstance(node, ast.FunctionDef))  # type: ignore[attr-defined]
    fold = nodes["aggregate"]
    assert isinstance(fold, ast.FunctionDef)
    return _function(call, "replay_transcript") + "\n" + _function(fold, "aggregate_results")


def testing() -> str:
    """The section of `pytest_subagents.testing`."""
    parts = []
    for name, group in TESTING:
        module = f"pytest_subagents.testing.{name}"
        said = (ast.get_docstring(_tree(module)) or "").partition("\n\n")[0]
        entries = [_entry(module, each) for each in group] or [_steps(module)]
        parts.append(f"### `{module}`\n\n{_text(said)}\n\n" + "\n".join(entries).replace("### ", "#### "))
    return "\n".join(parts)


def _steps(module: str) -> str:
    """One row for each step of a scripted agent."""
    nodes = _nodes(module).values()
    steps = [each for each in nodes if isinstance(each, ast.ClassDef) and not each.name.startswith("_")]
    return _table(("step", "what it is"), ((f"`{_call(step)}`", _words(step).replace("\n", " ")) for step in steps))


def _call(step: ast.ClassDef) -> str:
    """`Run(command, *, output='', really=False)`."""
    first: list[str] = []
    others: list[str] = []
    for name, _, default, by_position in _fields(step):
        (first if by_position else others).append(f"{name}={default}" if default else name)
    return f"{step.name}({', '.join([*first, *(['*', *others] if others else [])])})"


def _entry(module: str, name: str, *, home: bool = False) -> str:
    match _nodes(module)[name]:
        case ast.FunctionDef() as node:
            return _function(node, name)
        case ast.ClassDef() as node:
            return _class(node, home=module if home else "")
    listed = ", ".join(f"`{each}`" for each in getattr(import_module(module), name))
    return f"### `{name}`\n\n{listed}\n"


def _function(node: ast.FunctionDef, name: str) -> str:
    return f"### `{name}`\n\n`{_signature(node, name=name)}`\n\n{_words(node)}\n"


def _class(node: ast.ClassDef, *, home: str) -> str:
    bases = [base for base in map(ast.unparse, node.bases) if base != "Value" and not base.startswith("_")]
    docs = _docs(node)
    rows = [
        (f"`{field}`", f"`{kind}`", f"`{default}`" if default else "", docs.get(field, ""))
        for field, kind, default, _ in _fields(node)
    ]
    parts = [f"### `{node.name}`", f"In `{home}`." if home else "", _words(node)]
    parts += [f"A kind of `{base}`." for base in bases]
    parts += [_table(("field", "type", "default", "meaning"), rows).rstrip()] if rows else []
    parts += ["\n".join(f"* {line}" for line in _methods(node))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _methods(node: ast.ClassDef) -> Iterator[str]:
    """What it has besides: its constructor where that is written out, properties and methods, each in one line."""
    for each in node.body:
        if not isinstance(each, ast.FunctionDef) or (each.name.startswith(("_", "test_")) and each.name != "__init__"):
            continue
        marks = [ast.unparse(mark) for mark in each.decorator_list]
        said = " ".join(_words(each).split())
        if "classmethod" not in marks and (said or "property" not in marks):
            shown = each.name if "property" in marks else _signature(each, name=_called(node, each))
            yield f"`{shown}`" + (f": {said}" if said else "")


def _called(node: ast.ClassDef, method: ast.FunctionDef) -> str:
    return node.name if method.name == "__init__" else method.name


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str, str, bool]]:
    """Name, type, default and whether it may be given by its position."""
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            made = each.value
            by_position = False
            if isinstance(made, ast.Call) and ast.unparse(made.func) == "field":
                given = {str(keyword.arg): keyword.value for keyword in made.keywords}
                by_position = "kw_only" in given
                factory = given.get("default_factory")
                made = given.get("default")
                default = f"{ast.unparse(factory)}()" if isinstance(factory, ast.Name) else "{}" if factory else ""
            else:
                default = ""
            yield each.target.id, _type(each.annotation), ast.unparse(made) if made else default, by_position


def _docs(node: ast.ClassDef) -> dict[str, str]:
    """What is said of each field: below it, else by the workflow file's key of its name."""
    keys = workflow_paths() if node.name == "Workflow" else agent_paths() if node.name in _KEYS else ()
    below = _KEYS.get(node.name, "")
    found = {path.removeprefix(below): key.doc for path, key in keys if path.startswith(below)}
    for field, said in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant):
            found[ast.unparse(field.target)] = _text(str(said.value.value))
    return found


def _signature(node: ast.FunctionDef, *, name: str = "") -> str:
    arguments = re.sub(r"^self(, )?", "", ast.unparse(node.args))
    arguments = re.sub(r"(?<=[\w\]])=(?=\S)", " = ", re.sub(r"=_[\w.]+", "=...", arguments))
    gives = f" -> {ast.unparse(node.returns)}" if node.returns is not None and node.name != "__init__" else ""
    return f"{name or node.name}({arguments}){gives}"


def _type(annotation: ast.expr) -> str:
    """An annotation, with the words that a name of ours stands for."""
    return re.sub(r"\b[A-Z]\w+\b", lambda found: _words_of_types().get(found[0], found[0]), ast.unparse(annotation))


@cache
def _words_of_types() -> dict[str, str]:
    modules = [f"pytest_subagents.model.{name}" for name in ("status", "spec", "report", "outcome", "event")]
    found = {name: node for module in modules for name, node in _nodes(module).items()}
    values = {
        name: ast.unparse(node.value) for name, node in found.items() if isinstance(node, ast.AnnAssign) and node.value
    }
    return {name: value for name, value in values.items() if value.startswith("Literal[")}


def _words(node: ast.FunctionDef | ast.ClassDef) -> str:
    return _text(ast.get_docstring(node) or "")


def _text(said: str) -> str:
    """A docstring as Markdown, without where the project's own plan says so."""
    return re.sub(r" \(DESIGN [\d.]+\)", "", "\n".join(line.strip() for line in said.strip().splitlines()))


@cache
def _tree(module: str) -> ast.Module:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


@cache
def _nodes(module: str) -> dict[str, ast.stmt]:
    """What a module defines, by name."""
    found: dict[str, ast.stmt] = {}
    for node in _tree(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign):
            found[ast.unparse(node.target)] = node
    return found


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(' '.join(cell.replace('|', chr(92) + '|').split()) for cell in row)} |" for row in rows]
    return "".join(f"{line}\n" for line in lines)
