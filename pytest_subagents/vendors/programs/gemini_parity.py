"""What Gemini CLI honours of a specification, as the documentation says it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.vendors.programs.interface import Parity

PARITY: Final[Mapping[str, Parity]] = MappingProxyType(
    {
        "model": Parity(honoured="yes", how="`-m`; without one it chooses among its own, by a request of its own"),
        "prompt": Parity(
            honoured="partly",
            how="on standard input; an `@` that text follows arrives as `\\@`, or it would read a file of that name",
        ),
        "working directory": Parity(honoured="yes", how="the process's own; it may read nowhere else without `shell`"),
        "read-only": Parity(
            honoured="yes",
            how="an admin policy that denies every tool but those that read. The approval mode `default` alone does "
            "not hold: plan mode leads out of it. `shell` without a write scope is refused",
        ),
        "write scope": Parity(
            honoured="partly",
            how="policy rules on the paths of write_file and replace (a class such as `[ab]` counts as `?`). What a "
            "command of `shell` writes, or what is written over a link to another place in the workspace, is not held "
            "back but found by the audit. `.git` is never written by the tools, nor is what lies outside the workspace",
        ),
        "tools": Parity(
            honoured="yes",
            how="read: read_file, read_many_files, list_directory; search: glob, grep_search; edit: write_file, "
            "replace; shell: run_shell_command; web: google_web_search, web_fetch; subagents: invoke_agent",
        ),
        "mcp": Parity(
            honoured="yes",
            how="`mcpServers`, all tools of a server allowed, also those that write; no other server is started. "
            "A `$NAME` within the value of a variable is replaced once more",
        ),
        "contract": Parity(honoured="no", how="it has no option for a schema; the prompt says it"),
        "private home": Parity(honoured="yes", how="HOME, with `.gemini` in it"),
        "home": Parity(
            honoured="yes",
            how="copied as `.gemini`: settings (ours win), GEMINI.md, agents; its hooks, extensions, skills and MCP "
            "servers are not used. The repository's own `.gemini` and `.env` are not read, and its GEMINI.md only "
            "with `mcp` or `shell`; name what agents should know under `context.files`. Settings and policies of the "
            "system apply",
        ),
        "env": Parity(honoured="yes", how="the variables that are named; commands of `shell` see them too"),
        "session id": Parity(honoured="yes", how="`--session-id`; the first event of the stream bears it"),
        "telemetry off": Parity(
            honoured="yes",
            how="GEMINI_TELEMETRY_ENABLED, `privacy.usageStatisticsEnabled`, `general.enableAutoUpdate`",
        ),
        "plugins off": Parity(honoured="yes", how="`--extensions none`, `skills.enabled`, `hooksConfig.enabled`"),
        "subagents off": Parity(
            honoured="yes", how="`experimental.enableAgents` and the policy, unless `tools` has `subagents`"
        ),
        "limits.max_turns": Parity(honoured="yes", how="`model.maxSessionTurns`; exit code 53"),
        "limits.max_tokens": Parity(
            honoured="no", how="its stream tells tokens at the end only, so nothing stops a run before"
        ),
        "limits.max_usd": Parity(
            honoured="no", how="its stream tells tokens at the end only, so nothing stops a run before"
        ),
        "own retries": Parity(honoured="yes", how="off: `general.maxAttempts: 1`, `general.retryFetchErrors`"),
        "usage": Parity(honoured="yes", how="as reported at the end, subagents included"),
        "cost": Parity(honoured="partly", how="not reported; reckoned from a price list where one knows the model"),
    }
)
