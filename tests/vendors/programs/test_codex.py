"""Codex: what stands on its command line, and why."""

from __future__ import annotations

import tomllib
from typing import Any

from vendor_requests import request, settings

from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Subagent
from pytest_subagents.vendors.programs.codex import Codex
from pytest_subagents.vendors.programs.interface import Launch, Request

LOCAL = """
model_provider = "local"
[shell_environment_policy]
exclude = ["AWS_*"]
[model_providers.local]
name = "Local"
env_key = "LOCAL_KEY"
request_max_retries = 7
[model_providers."with.dots"]
name = "Dots"
"""


def launched(asked: Request) -> Launch:
    return Codex().launch(asked)


def configured(launch: Launch) -> dict[str, Any]:
    """The `-c` settings, as Codex would read them."""
    pairs = [launch.argv[index + 1] for index, part in enumerate(launch.argv) if part == "-c"]
    found: dict[str, Any] = {}
    for pair in pairs:
        key, _, text = pair.partition("=")
        found[key] = tomllib.loads(f"value = {text}")["value"]
    return found


def test_the_command_line_of_a_reader() -> None:
    launch = launched(request("codex", model="gpt-5.5"))
    assert launch.argv[:9] == (
        "codex",
        "exec",
        "--json",
        "--skip-git-repo-check",
        "--color",
        "never",
        "-C",
        "/run/work",
        "-s",
    )
    assert launch.argv[9:12] == ("read-only", "--ignore-rules", "--model=gpt-5.5")
    assert launch.argv[-2:] == ("--", "-")
    assert str(launch.stdin) == "/run/home/prompt.md"
    assert launch.env == {"CODEX_HOME": "/run/home/config"}


def test_nothing_of_the_vendors_own_runs_beside_it() -> None:
    config = configured(launched(request("codex")))
    assert config["check_for_update_on_startup"] is False
    assert config["analytics.enabled"] is False
    assert config["feedback.enabled"] is False
    assert config["history.persistence"] == "none"
    assert config["features.plugins"] is False
    assert config["features.unbounded_connection_retries"] is False
    assert config["agents.enabled"] is False
    assert config["web_search"] == "disabled"
    assert config["projects"] == {"/run/work": {"trust_level": "untrusted"}}


def test_a_writer_may_write_in_its_checkout_and_its_private_folder_alone() -> None:
    launch = launched(request("codex", writes=True))
    config = configured(launch)
    assert launch.argv[9] == "workspace-write"
    assert config["sandbox_workspace_write.exclude_slash_tmp"] is True
    assert config["sandbox_workspace_write.exclude_tmpdir_env_var"] is True
    assert config["sandbox_workspace_write.writable_roots"] == ["/run/tmp"]
    assert config["sandbox_workspace_write.network_access"] is False


def test_a_write_scope_without_a_tool_that_writes_is_read_only() -> None:
    launch = launched(request("codex", writes=True, tools=frozenset(("read",))))
    assert launch.argv[9] == "read-only"


def test_web_and_subagents_are_there_when_asked_for() -> None:
    config = configured(launched(request("codex", writes=True, tools=frozenset(("edit", "web", "subagents")))))
    assert config["web_search"] == "live"
    assert config["sandbox_workspace_write.network_access"] is True
    assert config["agents.enabled"] is True


def test_its_own_retries_are_off_for_every_provider_of_the_home() -> None:
    config = configured(launched(request("codex", home={"config.toml": LOCAL})))
    assert config["model_providers.local.request_max_retries"] == 0
    assert config["model_providers.local.stream_max_retries"] == 0
    assert config["model_providers.local.supports_websockets"] is False
    assert not any("dots" in key for key in config), "-c cannot name a key with a dot"


def test_a_built_in_provider_is_left_alone() -> None:
    """Codex refuses to start when one is set: 'Built-in providers cannot be overridden'."""
    assert not any(key.startswith("model_providers") for key in configured(launched(request("codex"))))


def test_a_home_that_is_no_toml_is_for_codex_to_refuse() -> None:
    config = configured(launched(request("codex", home={"config.toml": "this is not toml\n"})))
    assert not any(key.startswith("model_providers") for key in config)


def test_commands_of_the_agent_do_not_see_the_keys() -> None:
    config = configured(launched(request("codex", home={"config.toml": LOCAL})))
    assert config["shell_environment_policy.exclude"] == ["AWS_*", "CODEX_API_KEY", "LOCAL_KEY", "OPENAI_API_KEY"]


def test_the_contract_goes_as_strict_mode_wants_it() -> None:
    launch = launched(request("codex", schema={"type": "object", "properties": {"note": {"type": "string"}}}))
    ((path, text),) = launch.files
    assert launch.argv[launch.argv.index("--output-schema") + 1] == str(path) == "/run/home/answer.schema.json"
    assert '"required": ["note"], "additionalProperties": false' in text


def test_a_contract_that_strict_mode_would_refuse_is_not_handed_over() -> None:
    launch = launched(request("codex", schema={"type": "object", "additionalProperties": {"type": "string"}}))
    assert "--output-schema" not in launch.argv
    assert launch.files == ()


def test_mcp_servers_and_their_secrets() -> None:
    servers: dict[str, dict[str, Any]] = {
        "issues": {
            "command": "issues-mcp",
            "args": ["--mode", 'a "quoted" \\ one', "ü\x7f"],
            "env": {"MODE": "fast", "TOKEN": "${ISSUES}"},
            "cwd": "tools",
            "tool_timeout_sec": 20,
        },
        "docs-1": {"url": "https://docs.invalid/mcp", "headers": {"X-Team": "a", "Authorization": "Bearer ${ISSUES}"}},
    }
    asked = request("codex", mcp=servers, environ={"ISSUES": "s3cret"})
    launch = launched(asked)
    config = configured(launch)
    assert config["mcp_servers.issues"] == {
        "command": "issues-mcp",
        "args": ["--mode", 'a "quoted" \\ one', "ü\x7f"],
        "cwd": "tools",
        "env": {"MODE": "fast"},
        "env_vars": ["TOKEN"],
        "required": True,
        "default_tools_approval_mode": "approve",
        "tool_timeout_sec": 20,
    }
    assert config["mcp_servers.docs-1"]["http_headers"] == {"X-Team": "a"}
    assert config["mcp_servers.docs-1"]["env_http_headers"] == {"Authorization": "SUBAGENTS_MCP_DOCS_1_1"}
    assert launch.env["TOKEN"] == "s3cret"
    assert launch.env["SUBAGENTS_MCP_DOCS_1_1"] == "Bearer s3cret"
    assert "s3cret" not in "".join(launch.argv)
    assert {"TOKEN", "SUBAGENTS_MCP_DOCS_1_1"} <= set(config["shell_environment_policy.exclude"])
    assert not Codex().refusals(asked.subagent, asked.settings)


def test_what_codex_cannot_do_is_refused() -> None:
    subagent = Subagent(id="a", scope=Scope())

    def refused(**given: Any) -> str:
        return "\n".join(Codex().refusals(subagent, settings("codex", **given)))

    assert "type sse" in refused(mcp={"old": {"type": "sse", "url": "http://a.invalid"}})
    assert "'command'" in refused(mcp={"none": {}})
    assert "'--sandbox=danger-full-access', which the run says itself" in refused(
        args=("--sandbox=danger-full-access",)
    )
    assert "-m" in refused(args=("-m", "x"))
    two = {name: {"command": "x", "env": {"T": f"${{{name}}}"}} for name in ("A", "B")}
    assert "sets T to another variable" in refused(mcp=two, env=("A", "B"))
    assert not refused(args=("-c", "model_reasoning_effort=high", "--profile", "ci"))
