"""Every fenced block of every page is run or held against what reads its kind; no option that is named is missing."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shlex
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import click
import pytest
import yaml
from fenced import PAGES, ROOT, Block, blocks_of, commands_of
from jsonschema import Draft202012Validator
from walked_pages import NOT_RUN_HERE, WALKED

from pytest_subagents.cli.main import commands
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.vendors.reading import read_transcript
from pytest_subagents.vendors.registry import VENDORS

OTHER_PROGRAMS: Final = {
    "cd",
    "cp",
    "echo",
    "find",
    "git",
    "mkdir",
    "pip",
    "python",
    "python3",
    "rm",
    "sed",
    "sort",
    ".",
}
SHOWN: Final = {"", "text", "diff"}
"""What is only looked at: output, and prompts."""
SCHEMAS: Final = {"pytest-subagents/event": "event.schema.json", "pytest-subagents/report": "report.schema.json"}
BLOCKS: Final = [block for page in PAGES for block in blocks_of(page)]


def of(*languages: str) -> list[Any]:
    return [pytest.param(block, id=block.place) for block in BLOCKS if block.language in languages]


def test_every_language_is_one_that_is_checked() -> None:
    checked = {"bash", "console", "ini", "json", "jsonl", "python", "toml", "yaml"}
    assert {block.place: block.language for block in BLOCKS if block.language not in SHOWN | checked} == {}


def test_commands_are_run_or_said_why_not() -> None:
    with_commands = {block.page for block in BLOCKS if block.language in ("bash", "console")}
    walked = {f"docs/{page}.md" for page in WALKED}
    single = {command.text for block in BLOCKS if block.page in walked for command in commands_of(block)}
    assert with_commands - walked == {name for name in NOT_RUN_HERE if name.endswith(".md")}
    assert single >= {name for name in NOT_RUN_HERE if not name.endswith(".md")}


@pytest.mark.parametrize("block", [pytest.param(each, id=each.place) for each in BLOCKS if each.mark[0] == "file"])
def test_a_file_of_an_example_is_that_file(block: Block) -> None:
    assert block.text == (ROOT / block.mark[1]).read_text(encoding="utf-8")


@pytest.mark.parametrize("block", of("python"))
def test_python_compiles_and_finds_what_it_imports(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text, filename=block.place)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pytest_subagents":
            module = import_module(str(node.module))
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


@pytest.mark.parametrize("block", of("yaml"))
def test_yaml_is_what_its_reader_reads(block: Block, tmp_path: Path) -> None:
    data = yaml.safe_load(block.text)
    if data is None:
        assert block.text.startswith("# yaml-language-server")
    elif block.title.startswith(".github/") or "jobs" in data:
        assert data["jobs"]
    elif block.title == ".gitlab-ci.yml":
        assert data["subagents"]["script"]
    elif block.title.endswith("expect.yaml"):
        assert f"docs/{Path(block.page).stem}.md" == block.page
        assert Path(block.page).stem in WALKED
    else:
        path = tmp_path / "subagents.json"
        path.write_text(json.dumps(_completed(data)), encoding="utf-8")
        vendors = (*VENDORS, "reviewbot")
        read_workflow(path, rootdir=tmp_path, vendors=vendors, contracts=built_in_names())


def _completed(data: dict[str, Any]) -> dict[str, Any]:
    """An excerpt with what its reader demands of a whole file besides: agents, and something for each to do."""
    stages = data.get("workflow", {}).get("merge", {}).get("stages", [])
    agents = data.get("agents") or [{"id": name} for stage in stages for name in stage["agents"]] or [{"id": "a"}]
    return data | {
        "agents": [each if {"task", "instructions"} & set(each) else each | {"task": "x"} for each in agents]
    }


@pytest.mark.parametrize("block", of("json"))
def test_json_is_what_it_says_it_is(block: Block) -> None:
    text = block.text.strip()
    data = json.loads(text if text.startswith(("{", "[")) else f"{{{text}}}")
    if data.get("format") in SCHEMAS:
        schema = (files("pytest_subagents.reports") / SCHEMAS[data["format"]]).read_text(encoding="utf-8")
        Draft202012Validator(json.loads(schema)).validate(data)
    if "pass_rate" in data or "merges" in data:  # excerpts of a report
        schema = json.loads((files("pytest_subagents.reports") / "report.schema.json").read_text(encoding="utf-8"))
        name, value = ("pass_rate", data["pass_rate"]) if "pass_rate" in data else ("merge", data["merges"][0])
        Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"}).validate(value)


@pytest.mark.parametrize("block", of("jsonl"))
def test_lines_of_events_are_read(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(block.text, encoding="utf-8")
    outcome = read_transcript(path)
    assert outcome.dialects
    assert outcome.final is not None


@pytest.mark.parametrize("block", of("toml", "ini"))
def test_settings_are_read(block: Block) -> None:
    if block.language == "toml":
        assert tomllib.loads(block.text)
    else:
        parser = configparser.ConfigParser()
        parser.read_string(block.text)
        assert parser.sections() == ["pytest"]


@pytest.fixture(scope="module")
def known() -> set[str]:
    """All long options of pytest with the plugins that are installed."""
    command = [sys.executable, "-m", "pytest", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"--[a-z][a-z-]*", shown))


@pytest.mark.parametrize("block", of("bash", "console"))
def test_commands_have_options_that_exist(block: Block, known: set[str]) -> None:
    for command in commands_of(block):
        for words in _simple_commands(command.text):
            program, arguments = words[0].rpartition("/")[2], words[1:]
            if program == "pytest":
                given = {word.partition("=")[0] for word in arguments if word.startswith("--")}
                assert given <= known, f"{command.block.place}: {sorted(given - known)}"
            elif program == "subagents":
                _parse(commands, arguments)
            else:
                assert program in OTHER_PROGRAMS, command.block.place


def _simple_commands(text: str) -> list[list[str]]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set(";&|<>"):
            found.append([])
        elif found[-1] or not re.match(r"[A-Z_]+=", word):
            found[-1].append(word)
    return [words for words in found if words and words[0] != "pytest.ini"]


def _parse(command: click.Command, words: list[str]) -> None:
    """As the command would take them, without doing it; that a file is not here is no fault."""
    context = click.Context(command)
    if isinstance(command, click.Group):
        inner = command.get_command(context, words[0])
        assert inner is not None, f"subagents {words[0]}"
        _parse(inner, words[1:])
    else:
        try:
            command.make_context(command.name, list(words))
        except click.MissingParameter:
            raise
        except click.BadParameter:
            pass


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_and_command_that_is_named_exists(page: Path, known: set[str]) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"--(?:no-)?subagents[a-z-]*(?<!-)", text)) <= known
    named = set(re.findall(r"(?:`|^    |^\$ )subagents ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named <= set(commands.list_commands(click.Context(commands)))
