"""The command line, the settings and the policy of Gemini CLI."""

from __future__ import annotations

import json
from typing import Any

import pytest
from launches import READING, ROOT, SESSION, WRITING, a_request, file_of, value_of

from pytest_subagents.errors import BadFile
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Limits, McpServer, Subagent, Tool, VendorSettings
from pytest_subagents.vendors.programs.gemini import Gemini
from pytest_subagents.vendors.programs.interface import Launch

GEMINI = Gemini()


def launch(*tools: Tool, **keywords: Any) -> Launch:
    return GEMINI.launch(a_request(GEMINI, *tools, **keywords))


def settings(found: Launch) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(file_of(found, "settings.json"))
    return value


def test_the_policy_is_given_twice_for_a_machine_with_one_of_its_own_ignores_ours_of_the_admin() -> None:
    found = launch()
    path = str(ROOT / "home/gemini-policy.toml")
    assert (value_of(found, "--policy"), value_of(found, "--admin-policy")) == (path, path)


def test_the_folder_is_not_trusted_and_that_is_no_error() -> None:
    found = launch()
    assert found.env["GEMINI_CLI_TRUST_WORKSPACE"] == "false"
    assert settings(found)["security"]["folderTrust"] == {"enabled": False}
    assert settings(found)["advanced"] == {"ignoreLocalEnv": True}
    assert "--skip-trust" not in found.argv
    assert value_of(found, "--approval-mode") == "default"


def test_commands_need_trust_and_yolo_and_servers_need_trust() -> None:
    shell = launch(*WRITING, "shell", write=("**",))
    assert "--skip-trust" in shell.argv
    assert value_of(shell, "--approval-mode") == "yolo"
    server = launch(mcp=(McpServer(name="lab", settings={"command": "lab"}),))
    assert "--skip-trust" in server.argv
    assert value_of(server, "--approval-mode") == "default"


def test_a_reader_gets_no_commands_whatever_its_tools_say() -> None:
    found = launch(*READING, "edit", "shell")
    assert value_of(found, "--approval-mode") == "default"
    assert "run_shell_command" not in file_of(found, "gemini-policy.toml")
    assert "write_file" not in file_of(found, "gemini-policy.toml")


def test_commands_without_a_write_scope_are_refused() -> None:
    plain = VendorSettings(vendor="gemini")
    (words,) = GEMINI.refusals(Subagent(id="a", tools=("read", "shell")), plain)
    assert "shell" in words
    assert not GEMINI.refusals(Subagent(id="a", tools=("read", "shell"), scope=Scope(write=("src/",))), plain)
    assert not GEMINI.refusals(Subagent(id="a"), plain)


def test_what_calls_home_and_what_retries_is_off() -> None:
    found = settings(launch())
    assert found["privacy"] == {"usageStatisticsEnabled": False}
    assert found["telemetry"] == {"enabled": False}
    assert found["general"]["enableAutoUpdate"] is False
    assert found["general"]["maxAttempts"] == 1
    assert found["experimental"] == {"enableAgents": False}
    assert found["hooksConfig"] == {"enabled": False}
    assert value_of(launch(), "--extensions") == "none"


def test_subagents_are_on_where_they_are_asked_for() -> None:
    assert settings(launch("read", "subagents"))["experimental"] == {"enableAgents": True}


def test_turns_are_a_setting() -> None:
    assert settings(launch(limits=Limits(max_turns=7)))["model"] == {"maxSessionTurns": 7}
    assert "model" not in settings(launch())


def test_the_copied_settings_stay_but_for_ours() -> None:
    home = {
        "settings.json": """{
            // a comment, with "quotes" in it
            "general": {"maxAttempts": 9, "vimMode": true}, /* and
            another */ "telemetry": "on",
            "mcpServers": {"theirs": {"command": "x"}}, "mcp": {"allowed": ["theirs"]},
            "security": {"auth": {"selectedType": "vertex-ai"}},
            "note": "https://example.invalid/*not a comment*/"
        }"""
    }
    found = settings(launch(home=home, environ={"GEMINI_API_KEY": "a-secret-value"}))
    assert found["general"]["maxAttempts"] == 1
    assert found["general"]["vimMode"] is True
    assert found["telemetry"] == {"enabled": False}
    assert found["mcpServers"] == {}
    assert "mcp" not in found
    assert found["security"]["auth"] == {"selectedType": "vertex-ai"}
    assert found["note"] == "https://example.invalid/*not a comment*/"


def test_a_key_that_is_let_through_is_used_where_nothing_else_is_chosen() -> None:
    found = launch(environ={"GEMINI_API_KEY": "a-secret-value"})
    assert settings(found)["security"]["auth"] == {"selectedType": "gemini-api-key"}
    assert "a-secret-value" not in str(found)
    assert "auth" not in settings(launch())["security"]


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1,}', "[" * 100_000])
def test_settings_that_are_none_are_the_persons_to_mend(text: str) -> None:
    with pytest.raises(BadFile, match=r"settings\.json"):
        launch(home={"settings.json": text})


def test_the_session_and_the_model_are_ours() -> None:
    assert value_of(launch(), "--session-id") == SESSION
    assert value_of(launch(model="gemini-9"), "--model") == "gemini-9"


def test_the_prompt_is_its_standard_input() -> None:
    assert launch().stdin == ROOT / "prompt.md"


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("see @a.txt", "see \\@a.txt"),
        ("mail a@b.c", "mail a\\@b.c"),
        ("\\@kept and @this", "\\@kept and \\@this"),
        ("@", None),
        ("a @ b\n@\n", None),
    ],
)
def test_an_at_sign_does_not_read_files(prompt: str, said: str | None) -> None:
    found = launch(prompt=prompt)
    if said is None:
        assert found.stdin == ROOT / "prompt.md"
    else:
        assert found.stdin == ROOT / "home/gemini-prompt.txt"
        assert file_of(found, "gemini-prompt.txt") == said


def test_servers_are_settings_and_secrets_stay_names() -> None:
    servers = (
        McpServer(name="lab", settings={"command": "lab", "env": {"TOKEN": "${LAB}"}, "cwd": "/srv", "timeout": 9}),
        McpServer(name="far", settings={"url": "https://example.invalid/mcp"}),
        McpServer(name="old", settings={"url": "https://example.invalid/sse", "type": "sse"}),
    )
    found = launch(mcp=servers, environ={"LAB": "a-secret-value"})
    assert settings(found)["mcpServers"] == {
        "lab": {"command": "lab", "args": [], "env": {"TOKEN": "${LAB}"}, "cwd": "/srv", "timeout": 9},
        "far": {"httpUrl": "https://example.invalid/mcp", "headers": {}},
        "old": {"url": "https://example.invalid/sse", "type": "sse", "headers": {}},
    }
    assert "a-secret-value" not in str(found)


@pytest.mark.parametrize("argument", ["--yolo", "-y", "-dy", "--approval-mode=yolo", "--admin-policy", "-o", "--"])
def test_arguments_that_the_run_says_itself_are_refused(argument: str) -> None:
    (words,) = GEMINI.refusals(Subagent(id="a"), VendorSettings(vendor="gemini", args=(argument,)))
    assert repr(argument) in words


def test_other_arguments_are_the_persons() -> None:
    given = ("--include-directories", "docs", "-d")
    assert not GEMINI.refusals(Subagent(id="a"), VendorSettings(vendor="gemini", args=given))
    assert launch(args=given).argv[-3:] == given
