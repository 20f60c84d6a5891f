"""Whether a `function` of a subagent can be there, found out without running any code of its module."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_subagents.errors import BadUsage

_DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def function_fault(address: str, rootdir: Path, where: str) -> BadUsage | None:
    """What is wrong with `package.module:function`; None where nothing is seen.

    A module that assigns names or takes them from elsewhere may still not have it: then its run says so.
    """
    name, _, attribute = address.partition(":")
    parts = name.split(".")
    if not attribute.isidentifier() or not all(part.isidentifier() for part in parts):
        return BadUsage(where, f"function: {address!r} is no function", hint="the form is package.module:function")
    base = rootdir.joinpath(*parts)
    path = next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
    if path is None:
        shown = base.with_suffix(".py").relative_to(rootdir).as_posix()
        return BadUsage(
            where,
            f"function: {address!r} is not code of this repository: there is no {shown}",
            hint="name it from the rootdir: package.module:function",
        )
    try:
        names = set(_bound(ast.parse(path.read_bytes(), filename=str(path)).body))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return BadUsage(where, f"function: {address!r} cannot be read: {error}")
    if attribute in names or "*" in names:
        return None
    near = difflib.get_close_matches(attribute, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "the form is package.module:function"
    return BadUsage(where, f"function: {path.relative_to(rootdir).as_posix()} has no {attribute!r}", hint=hint)


def _bound(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The names that a module may have; `*` where that cannot be told."""
    for statement in body:
        for node in ast.walk(statement) if not isinstance(statement, _DEFINED) else (statement,):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    yield name
                case ast.Name(id=name, ctx=ast.Store()):
                    yield name
                case ast.alias(name=name, asname=alias):
                    yield alias or name.partition(".")[0]
                case ast.Call(func=ast.Name(id="globals" | "setattr" | "exec")):
                    yield "*"
