"""OpenCode: its command line, and the configuration that says what an agent may do."""

from __future__ import annotations

import json
from typing import Any

from vendor_requests import request, settings

from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Subagent
from pytest_subagents.vendors.programs.interface import Request
from pytest_subagents.vendors.programs.opencode import Opencode


def configured(asked: Request) -> dict[str, Any]:
    config = json.loads(Opencode().launch(asked).env["OPENCODE_CONFIG_CONTENT"])
    assert isinstance(config, dict)
    return config


def permissions(asked: Request) -> dict[str, Any]:
    config = configured(asked)
    found: dict[str, Any] = config["agent"]["subagent"]["permission"]
    assert config["permission"] == found, "what holds for the agent holds for its sub-agents"
    return found


def test_the_command_line() -> None:
    launch = Opencode().launch(request("opencode", model="local/small", args=("--variant", "high")))
    assert launch.argv[:6] == ("opencode", "run", "--format", "json", "--pure", "--dir=/run/work")
    assert launch.argv[6:8] == ("--print-logs", "--log-level=ERROR")
    assert launch.argv[8] == "--agent=subagent"
    assert launch.argv[9].startswith("--title=")
    assert launch.argv[10:] == ("--model=local/small", "--variant", "high")
    assert str(launch.stdin) == "/run/home/prompt.md"


def test_its_folders_lie_in_the_private_home_and_its_switches_are_off() -> None:
    env = Opencode().launch(request("opencode")).env
    assert env["XDG_CONFIG_HOME"] == "/run/home/.config"
    assert env["XDG_DATA_HOME"] == "/run/home/.local/share"
    assert {env[f"XDG_{name}_HOME"].startswith("/run/home/") for name in ("CACHE", "STATE")} == {True}
    for name in ("DISABLE_AUTOUPDATE", "DISABLE_PROJECT_CONFIG", "DISABLE_MODELS_FETCH", "PURE"):
        assert env[f"OPENCODE_{name}"] == "1"
    config = configured(request("opencode"))
    assert (config["share"], config["autoupdate"]) == ("disabled", False)


def test_a_reader_is_offered_no_tool_that_writes() -> None:
    found = permissions(request("opencode"))
    assert found["*"] == "deny"
    assert {name for name, effect in found.items() if effect == "allow"} == {
        *("glob", "grep", "list", "lsp", "skill", "todowrite")
    }
    assert found["read"] == {"*": "allow", "*.env": "deny", "*.env.*": "deny", "*.env.example": "allow"}


def test_the_rule_for_everything_comes_first_because_the_last_that_matches_wins() -> None:
    assert next(iter(permissions(request("opencode")))) == "*"


def test_nothing_asks_because_nobody_answers() -> None:
    found = permissions(request("opencode", writes=True))
    assert (found["external_directory"], found["doom_loop"], found["question"]) == ("deny", "deny", "deny")
    assert "ask" not in json.dumps(found)


def test_a_writer_edits_and_runs_commands_as_its_tools_say() -> None:
    both = permissions(request("opencode", writes=True))
    assert (both["edit"], both["bash"]) == ("allow", "allow")
    edits = permissions(request("opencode", writes=True, tools=frozenset(("edit",))))
    assert edits["edit"] == "allow"
    assert "bash" not in edits
    rest = permissions(request("opencode", tools=frozenset(("web", "subagents"))))
    assert (rest["webfetch"], rest["websearch"], rest["task"]) == ("allow", "allow", "allow")


def test_mcp_servers_take_their_secrets_from_the_environment() -> None:
    asked = request(
        "opencode",
        mcp={
            "lab": {"command": "lab-mcp", "args": ["-v"], "env": {"T": "x${TOKEN}"}, "timeout": 9000},
            "web": {"url": "https://docs.invalid", "headers": {"A": "Bearer ${TOKEN}"}},
        },
        environ={"TOKEN": "s3cret"},
    )
    config = configured(asked)
    assert config["mcp"]["lab"] == {
        "type": "local",
        "command": ["lab-mcp", "-v"],
        "environment": {"T": "x{env:TOKEN}"},
        "enabled": True,
        "timeout": 9000,
    }
    assert config["mcp"]["web"]["headers"] == {"A": "Bearer {env:TOKEN}"}
    assert permissions(asked)["lab_*"] == "allow"
    assert "s3cret" not in json.dumps(config)


def test_the_instructions_of_the_repository_are_read_although_its_configuration_is_not() -> None:
    assert configured(request("opencode"))["instructions"] == ["/run/work/AGENTS.md"]


def test_the_keys_of_a_login_go_where_it_looks_for_them() -> None:
    launch = Opencode().launch(request("opencode", home={"auth.json": '{"local": {}}'}))
    assert [(str(path), text) for path, text in launch.files] == [
        ("/run/home/.local/share/opencode/auth.json", '{"local": {}}')
    ]


def test_what_opencode_cannot_do_is_refused() -> None:
    def refused(subagent: Subagent, **given: Any) -> str:
        return "\n".join(Opencode().refusals(subagent, settings("opencode", **given)))

    assert "no sandbox" in refused(Subagent(id="a", tools=("read", "shell")))
    assert not refused(Subagent(id="a", tools=("read", "shell"), scope=Scope(write=("src/**",))))
    assert "provider/model" in refused(Subagent(id="a", model="gpt-5.5"))
    assert "provider/model" in refused(Subagent(id="a"), model="gpt-5.5")
    assert "'--agent'" in refused(Subagent(id="a"), args=("--agent", "build"))
    assert "'--auto'" in refused(Subagent(id="a"), args=("--auto",))
