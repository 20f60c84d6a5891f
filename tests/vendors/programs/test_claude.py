"""The command line, the settings and the environment of Claude Code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from launches import READING, ROOT, SESSION, WRITING, a_request, file_of, value_of

from pytest_subagents.model.spec import Limits, McpServer, Subagent, Tool, VendorSettings
from pytest_subagents.vendors.programs.claude import Claude
from pytest_subagents.vendors.programs.interface import Launch, Request

CLAUDE = Claude()


def launch(*tools: Tool, **keywords: Any) -> Launch:
    return CLAUDE.launch(a_request(CLAUDE, *tools, **keywords))


def offered(found: Launch) -> list[str]:
    return value_of(found, "--tools").split(",")


def allowed(found: Launch) -> list[str]:
    rules: list[str] = json.loads(file_of(found, "claude-settings.json"))["permissions"]["allow"]
    return rules


def test_a_reader_has_no_tool_that_writes_and_no_rule_that_allows_one() -> None:
    found = launch()
    assert offered(found) == ["Read", "Glob", "Grep"]
    assert allowed(found) == []
    assert value_of(found, "--permission-mode") == "dontAsk"


@pytest.mark.parametrize("tools", [("read", "edit"), ("read", "edit", "shell")])
def test_without_a_write_scope_editing_is_off_even_where_tools_ask_for_it(tools: tuple[Tool, ...]) -> None:
    found = launch(*tools)
    assert not {"Edit", "Write", "NotebookEdit"} & set(offered(found))
    assert allowed(found) == []


def test_a_readers_shell_has_no_rule_so_only_commands_that_change_nothing_run() -> None:
    found = launch("read", "shell")
    assert "Bash" in offered(found)
    assert "Bash" not in allowed(found)


def test_a_writer_may_edit_within_its_scope() -> None:
    found = launch(*WRITING, write=("src/auth/", "*.md"))
    assert offered(found) == ["Read", "Glob", "Grep", "Edit", "Write", "NotebookEdit"]
    assert allowed(found) == [
        "Edit(//srv/run/checkout/src/auth/**)",
        "Edit(src/auth/**)",
        "Edit(//srv/run/checkout/*.md)",
    ]


def test_a_glob_without_a_slash_is_not_given_from_the_current_directory_where_it_would_fit_at_any_depth() -> None:
    assert "Edit(*.md)" not in allowed(launch(*WRITING, write=("*.md",)))


def test_a_workspace_with_special_characters_stays_a_plain_path() -> None:
    found = launch(*WRITING, write=("a.py",), workspace=ROOT / "test[math]*")
    assert "Edit(//srv/run/test\\[math\\]\\*/a.py)" in allowed(found)


def test_a_writers_shell_may_run_everything() -> None:
    found = launch(*WRITING, "shell", write=("**",))
    assert allowed(found) == ["Edit(//srv/run/checkout/**)", "Edit(**)", "Bash"]


def test_web_and_subagents_are_offered_only_where_they_are_asked_for() -> None:
    found = launch("read", "web", "subagents")
    assert offered(found) == ["Read", "WebFetch", "WebSearch", "Task"]
    assert allowed(found) == ["WebFetch", "WebSearch"]


def test_without_any_tool_the_list_is_empty_and_not_left_out() -> None:
    assert offered(CLAUDE.launch(a_request(CLAUDE, tools=frozenset()))) == [""]


def test_only_the_private_configuration_is_read() -> None:
    found = launch()
    assert value_of(found, "--setting-sources") == "user"
    assert found.env["CLAUDE_CONFIG_DIR"] == str(ROOT / "home/.claude")
    assert {"--strict-mcp-config", "--disable-slash-commands"} <= set(found.argv)


def test_the_session_is_ours() -> None:
    assert value_of(launch(), "--session-id") == SESSION


def test_limits_are_handed_over() -> None:
    found = launch(limits=Limits(max_turns=7, max_usd=0.05))
    assert value_of(found, "--max-turns") == "7"
    assert float(value_of(found, "--max-budget-usd")) == 0.05
    assert not any(part.startswith(("--max-turns", "--max-budget-usd")) for part in launch().argv)


def test_it_has_no_retries_of_its_own() -> None:
    assert launch().env["CLAUDE_CODE_MAX_RETRIES"] == "0"
    assert launch().env["CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK"] == "1"


def test_the_prompt_is_its_standard_input() -> None:
    assert launch().stdin == ROOT / "prompt.md"


def test_a_prompt_that_looks_like_a_command_is_no_command() -> None:
    found = launch(prompt="/compact now")
    assert found.stdin == ROOT / "home/claude-prompt.txt"
    assert file_of(found, "claude-prompt.txt") == "\n/compact now"


def test_the_contract_goes_with_it_without_what_the_program_does_not_know() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"status": {"enum": ["success"]}},
        "required": ["status"],
        "x-note": 1,
    }
    assert json.loads(value_of(launch(schema=schema), "--json-schema")) == {
        "type": "object",
        "properties": {"status": {"enum": ["success"]}},
        "required": ["status"],
    }


def test_servers_get_their_file_and_their_rule_and_secrets_stay_names() -> None:
    local = McpServer(name="lab", settings={"command": "lab", "args": ["-v"], "env": {"TOKEN": "${LAB_TOKEN}"}})
    remote = McpServer(name="far", settings={"url": "https://example.invalid/mcp", "headers": {"X-Key": "${KEY}"}})
    found = launch(mcp=(local, remote), environ={"LAB_TOKEN": "a-secret-value"})
    assert json.loads(file_of(found, "claude-mcp.json")) == {
        "mcpServers": {
            "lab": {"type": "stdio", "command": "lab", "args": ["-v"], "env": {"TOKEN": "${LAB_TOKEN}"}},
            "far": {"type": "http", "url": "https://example.invalid/mcp", "headers": {"X-Key": "${KEY}"}},
        }
    }
    assert allowed(found) == ["mcp__lab", "mcp__far"]
    assert "a-secret-value" not in str(found)


@pytest.mark.parametrize(
    "argument",
    [
        *("--dangerously-skip-permissions", "--permission-mode=bypassPermissions", "--tools", "--output-format"),
        *("-c", "-rX", "--", "--setting-sources=user,project", "-p"),
    ],
)
def test_arguments_that_the_run_says_itself_are_refused(argument: str) -> None:
    settings = VendorSettings(vendor="claude", args=("--betas", "x", argument))
    (words,) = CLAUDE.refusals(Subagent(id="a"), settings)
    assert repr(argument) in words


def test_other_arguments_are_the_persons() -> None:
    given = ("--effort", "high", "--betas=x", "-d")
    assert CLAUDE.refusals(Subagent(id="a"), VendorSettings(vendor="claude", args=given)) == ()
    assert launch(args=given).argv[-4:] == given


def test_a_folder_for_a_server_is_refused_as_it_would_be_ignored() -> None:
    server = McpServer(name="lab", settings={"command": "lab", "cwd": "/srv"})
    (words,) = CLAUDE.refusals(Subagent(id="a"), VendorSettings(vendor="claude", mcp=(server,)))
    assert "cwd" in words


def test_a_reader_with_every_tool_still_gets_no_writing_tool() -> None:
    request: Request = a_request(CLAUDE, *READING, "edit", "shell", "web", "subagents")
    assert offered(CLAUDE.launch(request)) == ["Read", "Glob", "Grep", "Bash", "WebFetch", "WebSearch", "Task"]
