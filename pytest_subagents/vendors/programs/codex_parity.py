"""What Codex honours of a specification, as the documentation says it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.vendors.programs.interface import Parity

PARITY: Final[Mapping[str, Parity]] = MappingProxyType(
    {
        "model": Parity(honoured="yes", how="`--model`"),
        "prompt": Parity(
            honoured="yes", how="on standard input (`-`), byte for byte; it takes at most 1,048,576 characters"
        ),
        "working directory": Parity(honoured="yes", how="`-C`"),
        "read-only": Parity(
            honoured="yes",
            how="`-s read-only`: commands run in a sandbox of the operating system in which nothing can be written, "
            "and patches are refused; `--ignore-rules`, since a rule that allows a command runs it outside",
        ),
        "write scope": Parity(
            honoured="partly",
            how="`-s workspace-write`: the private checkout and the private TMPDIR, not `/tmp`, no network without "
            "`web`; `.git`, `.codex` and `.agents` stay read-only. Which globs of the checkout is for the audit",
        ),
        "tools": Parity(
            honoured="partly",
            how="edit and shell: the sandbox; web: web search and the sandbox's network; subagents: "
            "`agents.enabled`. It reads and searches by shell commands, so the shell stays without `shell` too, inside "
            "the same sandbox",
        ),
        "mcp": Parity(
            honoured="yes",
            how="`-c mcp_servers.NAME`, each required and its tools approved; a server runs outside the sandbox. Not "
            "of type sse",
        ),
        "contract": Parity(
            honoured="partly",
            how="`--output-schema`, as the strict mode of the provider wants it: every property required, no other "
            "allowed. A contract that cannot be said so (`allOf`, open maps) is in the prompt alone",
        ),
        "private home": Parity(honoured="yes", how="HOME, and CODEX_HOME in it"),
        "home": Parity(
            honoured="yes",
            how="copied as CODEX_HOME: `config.toml`, `auth.json`, `AGENTS.md`; its exec-policy rules are not used. Of "
            "the repository `AGENTS.md` is read, and `.codex` is not. An administrator's configuration in `/etc/codex` "
            "applies",
        ),
        "env": Parity(
            honoured="yes",
            how="the variables that are named; commands see them too, but for the provider's keys and those of MCP "
            "servers",
        ),
        "session id": Parity(
            honoured="partly", how="Codex chooses it; the session file lies in the private home, so it is this run's"
        ),
        "telemetry off": Parity(
            honoured="yes", how="analytics, feedback, update check and history are off; traced: loopback only"
        ),
        "plugins off": Parity(honoured="yes", how="`features.plugins`, `features.apps`, and the repository's `.codex`"),
        "subagents off": Parity(honoured="yes", how="`agents.enabled=false`, unless `tools` has `subagents`"),
        "limits.max_turns": Parity(
            honoured="partly", how="no option of its own; counted while it streams, by items, since a run is one turn"
        ),
        "limits.max_tokens": Parity(
            honoured="partly", how="no option of its own, and its stream tells the usage only at the end"
        ),
        "limits.max_usd": Parity(honoured="partly", how="as `limits.max_tokens`, by the price of the model"),
        "own retries": Parity(
            honoured="partly",
            how="none for the providers that `config.toml` of `home` defines; those that are built in cannot be set "
            "(four for a request, five for a stream), but a refused connection is not tried for ever",
        ),
        "usage": Parity(honoured="partly", how="at the end of a turn that completes; without that of its sub-agents"),
        "cost": Parity(honoured="no", how="not reported; computed from the price of the model, where that is known"),
    }
)
