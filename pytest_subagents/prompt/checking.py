"""What can be said of a template before anything has run: what it must not contain, and names that will never be there.

An agent may work for ten minutes before the template of the next one is rendered; a misspelt name should not wait so
long.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from jinja2 import nodes

from pytest_subagents.prompt.faults import TemplateFault, nearest, undefined
from pytest_subagents.prompt.names import NAMES, RESULT, spelled

_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Getattr, nodes.Getitem,
    nodes.Slice, nodes.If, nodes.For, nodes.CondExpr, nodes.Filter, nodes.Test, nodes.List, nodes.Tuple, nodes.Dict,
    nodes.Pair, nodes.Keyword, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub,
    nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg, nodes.Pos, nodes.Concat, nodes.Assign,
    nodes.AssignBlock, nodes.Scope, nodes.With, nodes.FilterBlock,
)  # fmt: skip

_WORDS: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.ScopedEvalContextModifier: "autoescape",
}
_RAW: Final = "text that is no template stands between {% raw %} and {% endraw %}"
_ODD_ID: Final = re.compile(r"\bresults\.([\w.]+(?:[-/][\w.]+)*)")
_BELOW_ID: Final = re.compile(rf"\.(?:{'|'.join(RESULT)})\b.*")
_PARTS: Final = re.compile(r"[-/.]")
_CALL: Final = "write a filter: '| items' goes through a map, '| upper' makes capitals; docs/prompt.md lists them"


def check(
    tree: nodes.Template,
    source: str,
    *,
    needs: Collection[str],
    others: Collection[str],
    filters: Collection[str],
    tests: Collection[str],
) -> None:
    """Raises `TemplateFault` for the first thing that can never work.

    `needs` are the ids in `depends_on`, `others` all ids of the workflow.
    """
    found = list(tree.find_all(nodes.Node))
    for node in found:
        if not isinstance(node, _ALLOWED):
            raise _refused(node)
    for node in found:
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            _check_chain(node, source, needs, others)
    _check_names(found, source, needs)
    for node in found:
        if isinstance(node, nodes.Filter) and node.name is not None and node.name not in filters:
            raise TemplateFault(node.lineno, f"there is no filter '{node.name}'", _choices(node.name, filters))
        if isinstance(node, nodes.Test) and node.name not in tests:
            raise TemplateFault(node.lineno, f"there is no test '{node.name}'", _choices(node.name, tests))


def _refused(node: nodes.Node) -> TemplateFault:
    if isinstance(node, nodes.Call):
        called = _chain(node.node)
        name = f"'{spelled(called)}(…)': " if called else ""
        return TemplateFault(node.lineno, f"{name}a template calls nothing", _CALL)
    word = _WORDS.get(type(node))
    what = f"'{{% {word} %}}' cannot be used" if word else f"'{type(node).__name__.lower()}' cannot be used"
    return TemplateFault(node.lineno, what, "a template is rendered by itself; it has if, for, set, with and filters")


def _check_chain(
    node: nodes.Getattr | nodes.Getitem, source: str, needs: Collection[str], others: Collection[str]
) -> None:
    path = _chain(node)
    if path is None or path[0] not in NAMES:
        return
    match path:
        case ("results", id) if id not in needs:
            raise TemplateFault(node.lineno, undefined(path), _of_results(id, source, needs, others))
        case ("results", id, key, *_) if id in needs and key not in RESULT:
            hint = _in_brackets(source, needs) or nearest(key, RESULT, below=path[:2])
            raise TemplateFault(node.lineno, undefined(path[:3]), hint)
        case (name, key, *_) if name != "results" and key not in NAMES[str(name)]:
            raise TemplateFault(node.lineno, undefined(path[:2]), nearest(key, NAMES[str(name)], below=path[:1]))


def _chain(node: nodes.Node) -> tuple[object, ...] | None:
    """`("results", "math", "answer")`, as far as it is known before rendering; None where it begins with no name."""
    keys: list[object] = []
    while True:
        match node:
            case nodes.Getattr():
                keys.append(node.attr)
                node = node.node
            case nodes.Getitem(arg=nodes.Const(value=str() | int() as key)):
                keys.append(key)
                node = node.node
            case nodes.Getitem():
                keys.clear()
                node = node.node
            case nodes.Name(ctx="load"):
                return (node.name, *reversed(keys))
            case _:
                return None


def _of_results(id: object, source: str, needs: Collection[str], others: Collection[str]) -> str:
    meant = _in_brackets(source, needs)
    if meant is not None:
        return meant
    if id in others:
        return f"add {id!r} to 'depends_on': only then it has run before"
    if not needs:
        return "'results' holds what 'depends_on' names, and that names nothing"
    return nearest(id, needs, below=("results",))


def _in_brackets(source: str, needs: Collection[str], *, ending: str = "") -> str | None:
    """A hint for `results.a-b`, which is a subtraction: for one of `needs`, or else for what looks like an id."""
    odd = sorted((id for id in needs if not id.isidentifier()), key=len, reverse=True)
    written = [match[1] for match in _ODD_ID.finditer(source)]
    meant = [id for id in odd if any(text == id or text.startswith(f"{id}.") for text in written)]
    meant += [id for id in (_BELOW_ID.sub("", text) for text in written) if set(id) & set("-/")]
    found = next((id for id in meant if ending in _PARTS.split(id)), None) if ending else next(iter(meant), None)
    return None if found is None else f"write {spelled(('results', found))}"


def _check_names(found: Collection[nodes.Node], source: str, needs: Collection[str]) -> None:
    names = [node for node in found if isinstance(node, nodes.Name)]
    stored = {node.name for node in names if node.ctx != "load"}
    for node in names:
        if node.ctx != "load" and node.name in NAMES:
            raise TemplateFault(node.lineno, f"'{node.name}' is there already and cannot be set", "take another name")
    local = stored | ({"loop"} if any(isinstance(node, nodes.For) for node in found) else set())
    for node in names:
        if node.ctx == "load" and node.name not in NAMES and node.name not in local:
            hint = _in_brackets(source, needs, ending=node.name) or f"{nearest(node.name, NAMES)}; {_RAW}"
            raise TemplateFault(node.lineno, undefined((node.name,)), hint)


def _choices(name: str, known: Collection[str]) -> str:
    words = [one for one in known if one[0].isalpha()]
    return nearest(name, words, listed=len(words))
