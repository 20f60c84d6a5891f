"""The vendor `command`: what stands in braces, and how a program gets its prompt and gives its answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vendor_requests import request, settings

from pytest_subagents.model.spec import Subagent
from pytest_subagents.vendors.programs.command import PLACEHOLDERS, Command
from pytest_subagents.vendors.programs.interface import Launch


def launched(*command: str, **given: Any) -> Launch:
    return Command().launch(request("command", command=command, **given))


def refused(*command: str, **given: Any) -> str:
    return "\n".join(Command().refusals(Subagent(id="a", command=command), settings("command", **given)))


def test_a_program_gets_the_files_that_it_names() -> None:
    launch = launched("python3", "reviewer.py", "{prompt_file}", "{output_file}")
    assert launch.argv == ("python3", "reviewer.py", "/run/home/prompt.md", "/run/home/answer")
    assert str(launch.answer_file) == "/run/home/answer"
    assert launch.stdin is None
    assert not refused("python3", "reviewer.py", "{prompt_file}", "{output_file}")


def test_a_program_that_names_no_prompt_file_reads_the_prompt_from_its_standard_input() -> None:
    launch = launched("llm", "-m", "{model}", model="small")
    assert launch.argv == ("llm", "-m", "small")
    assert str(launch.stdin) == "/run/home/prompt.md"
    assert launch.answer_file is None


def test_the_contract_the_folder_and_the_session() -> None:
    launch = launched("x", "--schema={schema_file}", "{workspace}", "{session}", schema={"type": "object"})
    assert launch.argv[1:3] == ("--schema=/run/home/schema.json", "/run/work")
    assert launch.argv[3].count("-") == 4
    assert launch.files == ()


def test_without_a_contract_the_schema_allows_everything() -> None:
    launch = launched("x", "{schema_file}")
    ((path, text),) = launch.files
    assert launch.argv[1] == str(path)
    assert text == "true\n"


def test_arguments_of_the_settings_come_last() -> None:
    assert launched("x", "a", args=("--fast", "{session}")).argv == ("x", "a", "--fast", "{session}")


@pytest.mark.parametrize(
    ("argument", "arrives"),
    [
        ("{{prompt_file}}", "{prompt_file}"),
        ("{print $1}", "{print $1}"),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ("{}", "{}"),
        ("{1..3}", "{1..3}"),
        ("{{ x }}", "{{ x }}"),
        ("in {session}/{session}", "in S/S"),
        ("{{{session}}}", "{{session}}"),
    ],
)
def test_other_braces_are_text(argument: str, arrives: str) -> None:
    launch = launched("x", argument)
    assert launch.argv[1].replace("1d4b1c0e-6a53-4d5a-9a7c-3f2f6a1f0c11", "S") == arrives
    assert not refused("x", argument)


def test_an_unknown_word_is_refused_with_the_known_ones() -> None:
    words = refused("x", "{promt_file}", "{PORT}")
    assert "'command' has {PORT}, which is none of {model}, {output_file}, {prompt_file}" in words
    assert "write {{promt_file}} to mean just that" in words


def test_the_prompt_itself_is_no_argument() -> None:
    assert "too short for a prompt" in refused("x", "-p", "{prompt}")


def test_a_command_must_be_there_and_its_model_too() -> None:
    assert "no 'command' that says what to run" in refused()
    assert "no 'model' is given" in refused("x", "{model}")
    assert not refused("x", "{model}", model="small")


def test_mcp_servers_are_refused() -> None:
    assert "'vendors.command.mcp'" in refused("x", mcp={"lab": {"command": "lab"}})


@given(st.text(alphabet="{}ab_ $", max_size=12))
def test_an_argument_without_a_known_word_and_without_pairs_arrives_as_it_is(argument: str) -> None:
    if "{{" in argument and "}}" in argument:
        return
    assert not any(f"{{{name}}}" in argument for name in PLACEHOLDERS)
    assert launched("x", argument).argv[1] == argument
