"""The rules of the house that a test can hold (DESIGN 3, ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_subagents

PACKAGE = Path(pytest_subagents.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))
OURS = MODULES + sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "benchmarks").rglob("*.py"))
STARTERS = {
    "pytest_subagents/git/command.py",
    "pytest_subagents/git/program.py",
    "pytest_subagents/prompt/confined.py",
    "pytest_subagents/runners/supervision/supervise.py",
    "pytest_subagents/testing/scripted/play.py",
}
"""All that start a process: git, a sandbox for templates, the wardens of agents, and an agent that is scripted."""
PRIVATE_NAMES = "pytest_subagents/glue/private_names.py"
"""All that leans on what pytest and xdist do not promise."""
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "base", "core", "types", "misc"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("path", OURS, ids=_name)
def test_a_file_has_at_most_400_lines_and_a_name_that_says_what_it_holds(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert path.stem not in GRAB_BAGS


def test_folders_have_names_that_say_what_they_hold() -> None:
    assert not {path.name for path in PACKAGE.rglob("*") if path.is_dir()} & GRAB_BAGS


def test_no_two_test_modules_have_one_name() -> None:
    """pytest imports them by it, and would collect only the first."""
    names = Counter(path.name for path in Path(__file__).parents[1].rglob("test_*.py"))
    assert [name for name, number in names.items() if number > 1] == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*/__init__.py")), ids=_name)
def test_package_inits_hold_nothing(path: Path) -> None:
    if path.parent != PACKAGE:
        assert path.read_text(encoding="utf-8").strip() == ""


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "__init__.py"], ids=_name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_module_imports_alone() -> None:
    """What is imported at the top of modules goes in no circle, so that any of them may come first."""
    names = {_module(path): path for path in MODULES}
    graph = {name: set(_at_the_top(path)) & names.keys() - {name} for name, path in names.items()}
    assert sum(map(len, graph.values())) > 2 * len(names)
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_every_module_imports_without_a_warning() -> None:
    names = [_module(path) for path in MODULES]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    command = [sys.executable, "-W", "error", "-c", code, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_replay_loads_nothing_that_starts_processes_or_redacts(tmp_path: Path) -> None:
    """Each of them would take longer to load than the replay of a hundred recordings."""
    transcripts = tmp_path / "transcripts"
    transcripts.mkdir()
    (transcripts / "a.jsonl").write_text("{}", encoding="utf-8")
    added = _loaded(tmp_path, "--subagents")
    assert "pytest_subagents.runners.replay" in added
    loaded = {".".join(name.split(".")[:3]) for name in added}
    assert not loaded & {
        "pytest_subagents.transcript.redaction",
        "pytest_subagents.runners.supervision",
        "pytest_subagents.git.command",
        "pytest_subagents.conduct.live",
        "pytest_subagents.prompt.rendering",
        "psutil",
        "jinja2",
    }


def test_unused_the_plugin_adds_at_most_three_modules(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
    added = _loaded(tmp_path) - _loaded(tmp_path, "-p", "no:subagents")
    assert added == {"pytest_subagents", "pytest_subagents.plugin"}


def test_the_face_agrees_with_its_homes() -> None:
    """What type checkers see (the imports under TYPE_CHECKING) is what users get (the table)."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    seen = {
        str(alias.asname): node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pytest_subagents")
        for alias in node.names
    }
    assert seen == pytest_subagents._HOMES
    assert sorted(pytest_subagents.__all__) == sorted(seen)
    for name, home in seen.items():
        assert getattr(pytest_subagents, name).__module__ == home


def _calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_nothing_private_or_dangerous_is_imported(path: Path) -> None:
    forbidden = {"pickle", "marshal", "shelve", "_pytest", "subprocess", "socket", "multiprocessing"}
    if _name(path) in STARTERS:
        forbidden.remove("subprocess")
    if _name(path) == PRIVATE_NAMES:
        forbidden.remove("_pytest")
    assert not {name for name in _imports(path) if name.split(".")[0] in forbidden}


def test_there_is_one_place_that_loads_yaml_and_it_is_the_guarded_one() -> None:
    places = {_name(path) for path in MODULES if "yaml" in {name.split(".")[0] for name in _imports(path)}}
    assert places == {"pytest_subagents/specify/yaml_source.py"}
    calls = {call for path in MODULES for call in _calls(path)}
    assert not calls & {"yaml.load", "yaml.safe_load", "yaml.full_load", "yaml.unsafe_load", "yaml.load_all"}


def test_schemas_are_compiled_in_the_contract_stage_only() -> None:
    libraries = {"jsonschema", "jsonschema_rs", "referencing"}
    places = {path.parent.name for path in MODULES if {name.split(".")[0] for name in _imports(path)} & libraries}
    assert places == {"contract"}


def test_imports_fall() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _loaded(folder: Path, *options: str) -> set[str]:
    """The modules that a run of pytest there has loaded in the end."""
    (folder / "conftest.py").write_text(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    with open('modules.txt', 'w') as file: file.write('\\n'.join(sorted(sys.modules)))\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True)
    assert done.returncode in (0, 1), done.stdout.decode()
    return set((folder / "modules.txt").read_text(encoding="utf-8").split("\n"))


def _at_the_top(path: Path) -> Iterator[str]:
    """Every name that importing this module imports: those in functions and for type checkers are left out."""
    todo: list[ast.stmt] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while todo:
        match todo.pop():
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{name.name}" for name in names)
            case ast.If(test=test, body=body, orelse=other):
                todo += other if ast.unparse(test) == "TYPE_CHECKING" else [*body, *other]
            case ast.Try(body=body, handlers=handlers, orelse=other, finalbody=last):
                todo += [*body, *(line for handler in handlers for line in handler.body), *other, *last]
            case ast.ClassDef(body=body) | ast.With(body=body):
                todo += body
            case _:
                pass


def test_frozen_values_are_values() -> None:
    """What is frozen and takes its fields by name is a `Value`; a dataclass is for what makes some of them itself, and
    for what programs of ours run that have nothing but the standard library: wardens and scripted agents."""
    frozen = "@dataclass(frozen=True, slots=True, kw_only=True)"
    own = ("field(init=False", "def __post_init__")
    found = {
        f"{_module(path)}: {line}"
        for path in MODULES
        if not path.is_relative_to(PACKAGE / "testing") and not path.is_relative_to(PACKAGE / "runners/supervision")
        for part in path.read_text(encoding="utf-8").split(frozen)[1:]
        for line, body in [part.lstrip().split("\n", 1)]
        if not any(word in body.split("\n@", 1)[0].split("\nclass ", 1)[0] for word in own)
    }
    assert found == set()
