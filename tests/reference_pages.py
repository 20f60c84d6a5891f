"""The generated sections of the reference: options, fixtures, marks, reasons, metrics, the report.

`PYTHONPATH=tests python tests/reference_pages.py` writes them anew into their pages.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import api_page
from reference_words import AS_IT_SAYS, METRICS, REASONS

from pytest_subagents import plugin
from pytest_subagents.glue import options
from pytest_subagents.model.status import CEILING

DOCS: Final = Path(__file__).parents[1] / "docs"
_SECTION: Final = r"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)"
_ON: Final = ("`--subagents`<br>`--no-subagents`", "`subagents` (bool)<br>`SUBAGENTS`")


def sections() -> dict[str, dict[str, str]]:
    """Each generated section, by page and name."""
    return {
        "options.md": {"options": _options(), "fixtures": _fixtures(), "marks": _marks()},
        "verdicts.md": {"reasons": _reasons(), "metrics": _metrics()},
        "report.md": {"report": _report()},
        "api.md": {
            "names": api_page.names(),
            "fixtures": api_page.fixtures(),
            "beside": api_page.beside(),
            "testing": api_page.testing(),
        },
    }


def renewed(page: str, tables: Mapping[str, str]) -> str:
    """The page with every generated section as it must be."""
    for name, table in tables.items():
        pattern = re.compile(_SECTION.format(name=name), re.DOTALL)
        assert pattern.search(page), f"there is no section {name}"
        page = pattern.sub(lambda found, table=table: f"{found[1]}{table}{found[2]}", page)  # type: ignore[misc]
    return page


def _options() -> str:
    variables = set(re.findall(r'source\.\w+\("(\w+)"', inspect.getsource(options)))
    rows = [(*_ON, "Switch subagents on (or off, whatever the ini file says); off, marked tests are skipped.")]
    for name in dict.fromkeys((*(key.replace("-", "_") for key in plugin._OPTIONS), *_ini_names())):
        option = plugin._OPTIONS.get(name.replace("_", "-"))
        ini = plugin._INI.get(f"subagents_{name}")
        metavar = f"={option['metavar']}" if option and "metavar" in option else ""
        elsewhere = [f"`subagents_{name}` ({ini[0]})"] if ini else []
        elsewhere += [f"`SUBAGENTS_{name.upper()}`"] if name in variables else []
        shown = f"`--subagents-{name.replace('_', '-')}{metavar}`" if option else ""
        rows.append((shown, "<br>".join(elsewhere), option["help"] if option else ini[1] if ini else ""))
    return _table(("option", "ini key (type), variable", "meaning"), rows)


def _ini_names() -> Iterator[str]:
    return (key.removeprefix("subagents_") for key in plugin._INI if key != "subagents")


def _fixtures() -> str:
    found = [
        node
        for node in ast.parse(inspect.getsource(plugin)).body
        if isinstance(node, ast.FunctionDef) and "pytest.fixture" in map(ast.unparse, node.decorator_list)
    ]
    return _table(("fixture", "meaning"), ((f"`{node.name}`", ast.get_docstring(node) or "") for node in found))


def _marks() -> str:
    marks = re.findall(r'"markers", "(\w+)(\(.*?\)): (.*?)"\)', inspect.getsource(plugin))
    return _table(("mark", "meaning"), ((f"`@pytest.mark.{name}{call}`", text) for name, call, text in marks))


def _reasons() -> str:
    assert sorted(kind for kinds, _ in REASONS for kind in kinds) == sorted(CEILING), "say what each kind means"
    rows = []
    for kinds, words in REASONS:
        (ceiling,) = {CEILING[kind] for kind in kinds}
        status = "what it says" if kinds[0] in AS_IT_SAYS else "no change" if ceiling == "success" else ceiling
        rows.append((", ".join(f"`{kind}`" for kind in kinds), words, status))
    return _table(("reason", "when", "status at most"), rows)


def _metrics() -> str:
    return _table(("metric", "meaning"), ((f"`{name}`", words) for name, words in METRICS))


def _report() -> str:
    schema = json.loads((files("pytest_subagents.reports") / "report.schema.json").read_text(encoding="utf-8"))
    parts = [_object("The report", schema)]
    parts += [_object(f"`{name}`", each) for name, each in schema["$defs"].items() if "properties" in each]
    return "\n".join(parts)


def _object(title: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = (
        (f"`{name}`", _type(each), ("" if name in required else "optional. ") + each.get("description", ""))
        for name, each in schema["properties"].items()
    )
    said = f"{schema['description']}\n\n" if "description" in schema else ""
    return f"### {title}\n\n{said}{_table(('key', 'type', 'meaning'), rows)}"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"]) if len(schema["enum"]) < 8 else "a kind of reason"
    kinds = schema.get("type", "any JSON value")
    words = " or ".join(kinds) if isinstance(kinds, list) else kinds
    return f"{words} of {_type(schema['items'])}" if "items" in schema else words


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(' '.join(cell.replace('|', chr(92) + '|').split()) for cell in row)} |" for row in rows]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    for name, tables in sections().items():
        path = DOCS / name
        path.write_text(renewed(path.read_text(encoding="utf-8"), tables), encoding="utf-8")
