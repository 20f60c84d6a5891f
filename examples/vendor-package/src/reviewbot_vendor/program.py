"""How reviewbot is started, and what it honours of a specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pytest_subagents.model.spec import Subagent, VendorSettings
from pytest_subagents.vendors.programs.interface import Launch, Parity, Request
from pytest_subagents.vendors.registry import Vendor

REVIEWBOT = Vendor(
    name="reviewbot",
    program="reviewbot_vendor.program:Reviewbot",
    exit_meanings=((2, "launch"), (7, "rate_limit")),
)


class Reviewbot:
    vendor: ClassVar[str] = "reviewbot"
    executable: ClassVar[str | None] = "reviewbot"
    config_folder: ClassVar[str] = ".reviewbot"
    version_arguments: ClassVar[tuple[str, ...] | None] = ("--version",)
    oldest: ClassVar[tuple[int, ...] | None] = (1, 2)
    keys: ClassVar[tuple[str, ...]] = ("REVIEWBOT_KEY",)
    parity: ClassVar[Mapping[str, Parity]] = {
        "model": Parity(honoured="yes", how="`--model`"),
        "prompt": Parity(honoured="yes", how="on standard input"),
        "working directory": Parity(honoured="yes", how="the process's own"),
        "read-only": Parity(honoured="yes", how="it writes with `--allow-writes` only"),
        "write scope": Parity(honoured="partly", how="it writes TODOS.txt, which the audit compares with the scope"),
        "tools": Parity(honoured="yes", how="`--allow-writes`, `--web`, `--helpers`"),
        "mcp": Parity(honoured="no", how="it has none; refused"),
        "contract": Parity(honoured="yes", how="`--schema`"),
        "private home": Parity(honoured="yes", how="HOME"),
        "home": Parity(honoured="yes", how="copied as `~/.reviewbot`"),
        "env": Parity(honoured="yes", how="the variables that are named"),
        "session id": Parity(honoured="yes", how="`--session`"),
        "telemetry off": Parity(honoured="yes", how="it has none"),
        "plugins off": Parity(honoured="yes", how="it has none"),
        "subagents off": Parity(honoured="yes", how="`--helpers` is not given, unless `tools` has `subagents`"),
        "limits.max_turns": Parity(honoured="partly", how="no option of its own"),
        "limits.max_tokens": Parity(honoured="partly", how="no option of its own"),
        "limits.max_usd": Parity(honoured="partly", how="no option of its own"),
        "own retries": Parity(honoured="yes", how="it makes none"),
        "usage": Parity(honoured="yes", how="at the end"),
        "cost": Parity(honoured="no", how="not reported"),
    }

    def refusals(self, subagent: Subagent, settings: VendorSettings) -> Sequence[str]:
        return ("'vendors.reviewbot.mcp' is given, and reviewbot knows no MCP servers",) if settings.mcp else ()

    def launch(self, request: Request) -> Launch:
        argv = ["reviewbot", f"--session={request.session}"]
        if request.model:
            argv.append(f"--model={request.model}")
        if request.schema_file is not None:
            argv.append(f"--schema={request.schema_file}")
        if request.writes and not request.tools.isdisjoint(("edit", "shell")):
            argv.append("--allow-writes")
        argv += ["--web"] if "web" in request.tools else []
        argv += ["--helpers"] if "subagents" in request.tools else []
        return Launch(argv=(*argv, *request.settings.args), stdin=request.prompt_file)
