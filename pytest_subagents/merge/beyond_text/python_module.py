"""What a Python file defines, binds, imports and uses, by its syntax tree alone: nothing of it is run."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from pytest_subagents.model.integration import Fault
from pytest_subagents.model.value import Value, field

_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_AGAIN: Final = frozenset({"overload", "setter", "getter", "deleter", "register"})
"""Decorators with which one name is defined several times on purpose."""


class Import(Value, frozen=True, kw_only=True):
    """One name that one statement imports: `from MODULE import NAME`, or `import MODULE` without a name."""

    module: str
    level: int
    name: str | None
    bound: str
    """The name that it is used by."""
    line: int
    guarded: bool
    """It stands in a `try`, which may expect that it fails."""

    @property
    def said(self) -> tuple[str, int, str | None]:
        return self.module, self.level, self.name


class Module(Value, frozen=True, kw_only=True):
    definitions: frozenset[str] = frozenset()
    """Functions and classes of the top level."""
    bound: Mapping[str, int] = field(default_factory=dict)
    """How often each name is bound, in any scope."""
    dynamic: bool = False
    """It may have names that its text does not say: `from x import *`, or a `__getattr__`."""
    imports: tuple[Import, ...] = ()
    loads: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The lines on which each name is read."""
    attributes: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    """The lines on which an attribute of a plain name is read."""
    repeated: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """How often one body defines a name, where that is more than once (`Class.method`), and the line of the last."""


NOTHING: Final = Module()


def parsed(data: bytes) -> Module | Fault | None:
    """None where nobody can tell: it is too deep, or has an encoding that is not known."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that is none warns
            tree = ast.parse(data)
    except SyntaxError as error:
        return Fault(kind="syntax", line=error.lineno, about=error.msg)
    except (ValueError, RecursionError, MemoryError, LookupError):
        return None
    return _module(tree)


def python_faults(data: bytes) -> tuple[Fault, ...]:
    """That it is no Python; what one body defines several times, each with how often that is."""
    found = parsed(data)
    match found:
        case Fault():
            return (found,)
        case Module(repeated=repeated):
            return tuple(
                Fault(kind="duplicate definition", line=line, about=name, times=times)
                for name, (times, line) in repeated.items()
            )
        case None:
            return ()


def _module(tree: ast.Module) -> Module:
    bound: Counter[str] = Counter()
    loads: dict[str, list[int]] = {}
    attributes: dict[tuple[str, str], list[int]] = {}
    imports: list[Import] = []
    guarded = {id(node) for each in ast.walk(tree) if isinstance(each, ast.Try) for node in _below(each)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                loads.setdefault(name, []).append(node.lineno)
            case ast.Name(id=name):
                bound[name] += 1
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Load()):
                attributes.setdefault((name, attribute), []).append(node.lineno)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound[name] += 1
            case ast.arg(arg=name):
                bound[name] += 1
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bound[name] += 1
            case ast.Import() | ast.ImportFrom():
                found = list(_imports(node, id(node) in guarded))
                imports += found
                bound.update(each.bound for each in found)
    return Module(
        definitions=frozenset(node.name for node in tree.body if isinstance(node, _DEFINITIONS)),
        bound=bound,
        dynamic="*" in bound or "__getattr__" in bound or "globals" in loads,
        imports=tuple(imports),
        loads={name: tuple(lines) for name, lines in loads.items()},
        attributes={name: tuple(lines) for name, lines in attributes.items()},
        repeated=dict(_repeated(tree)),
    )


def _below(node: ast.Try) -> Iterator[ast.AST]:
    for statement in (*node.body, *node.handlers):
        yield from ast.walk(statement)


def _imports(node: ast.Import | ast.ImportFrom, guarded: bool) -> Iterator[Import]:
    for alias in node.names:
        match node:
            case ast.ImportFrom(module=module, level=level):
                bound = alias.asname or alias.name
                yield Import(
                    module=module or "", level=level, name=alias.name, bound=bound, line=node.lineno, guarded=guarded
                )
            case ast.Import():
                bound = alias.asname or alias.name.partition(".")[0]
                yield Import(module=alias.name, level=0, name=None, bound=bound, line=node.lineno, guarded=guarded)


def _repeated(tree: ast.Module) -> Iterator[tuple[str, tuple[int, int]]]:
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bodies: list[ast.Module | ast.ClassDef] = [tree, *classes]
    for node in bodies:
        found: dict[str, list[int]] = {}
        for statement in node.body:
            if isinstance(statement, _DEFINITIONS) and not _may_repeat(statement):
                found.setdefault(statement.name, []).append(statement.lineno)
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        yield from ((prefix + name, (len(lines), lines[-1])) for name, lines in found.items() if len(lines) > 1)


def _may_repeat(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    if node.name == "_":
        return True
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _AGAIN:
            return True
    return False
