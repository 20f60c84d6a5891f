"""What OpenCode honours of a specification, as the documentation says it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.vendors.programs.interface import Parity

PARITY: Final[Mapping[str, Parity]] = MappingProxyType(
    {
        "model": Parity(honoured="yes", how="`--model=provider/model`"),
        "prompt": Parity(honoured="yes", how="on standard input, byte for byte, whatever its length"),
        "working directory": Parity(honoured="yes", how="`--dir`"),
        "read-only": Parity(
            honoured="yes",
            how="the tools that edit and the one that runs commands are not offered, and `shell` is refused without a "
            "write scope: there is no sandbox of the operating system",
        ),
        "write scope": Parity(
            honoured="partly",
            how="its tools write nowhere outside the private checkout; a command that is not seen through can. Which "
            "globs of the checkout is for the audit",
        ),
        "tools": Parity(
            honoured="yes",
            how="read and search: read, glob, grep, always; edit: edit, write; shell: bash; web: webfetch, websearch; "
            "subagents: task. What is not granted is not offered, and nothing asks",
        ),
        "mcp": Parity(honoured="yes", how="`mcp` of its configuration, all tools of a server allowed"),
        "contract": Parity(honoured="no", how="it has no option for a schema; the contract is in the prompt"),
        "private home": Parity(honoured="yes", how="HOME and all four XDG folders"),
        "home": Parity(
            honoured="yes",
            how="copied as `~/.config/opencode`; its `auth.json` goes where `opencode auth login` writes it. Of the "
            "repository `AGENTS.md` is read, its `opencode.json` is not",
        ),
        "env": Parity(honoured="yes", how="the variables that are named; commands of `shell` see them too"),
        "session id": Parity(
            honoured="partly", how="OpenCode chooses it, and ours is the title; its data lie in the private home"
        ),
        "telemetry off": Parity(
            honoured="partly",
            how="updates, sharing, the list of models and downloads of language servers are off; a fetch of a package "
            "of its own on the first start is not, for want of a switch",
        ),
        "plugins off": Parity(
            honoured="partly",
            how="`--pure`, OPENCODE_PURE, OPENCODE_DISABLE_PROJECT_CONFIG; seen with 1.18.33: plugins in "
            "`.opencode/plugin/` of the repository, and of `home`, are run all the same, outside all permissions",
        ),
        "subagents off": Parity(honoured="yes", how="the tool `task` is not offered, unless `tools` has `subagents`"),
        "limits.max_turns": Parity(honoured="partly", how="no option that holds; counted while it streams, by steps"),
        "limits.max_tokens": Parity(honoured="partly", how="no option; counted while it streams, after each step"),
        "limits.max_usd": Parity(honoured="partly", how="no option; added up while it streams, after each step"),
        "own retries": Parity(
            honoured="no",
            how="five after a 429, a 5xx, any error with the words `try again`, a refused connection or a stream that "
            "breaks off, written into the program: 23 s to 84 s without an event, told on standard error only. Where "
            "an answer ends in order but gives no reason, it asks again, for ever: `limits.max_turns` ends that",
        ),
        "usage": Parity(honoured="partly", how="the sum of its steps; without that of its sub-agents"),
        "cost": Parity(
            honoured="yes", how="the sum of its steps, by the prices of its list of models or of its configuration"
        ),
    }
)
