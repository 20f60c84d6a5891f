"""What is honoured of a specification by a program of which nothing is known, as the documentation says it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.vendors.programs.interface import Parity

_ITS_OWN: Final = "a matter of the program"

PARITY: Final[Mapping[str, Parity]] = MappingProxyType(
    {
        "model": Parity(honoured="partly", how="where the command says `{model}`"),
        "prompt": Parity(honoured="yes", how="on standard input, or in the file that `{prompt_file}` names"),
        "working directory": Parity(honoured="yes", how="the process's own, and `{workspace}`"),
        "read-only": Parity(
            honoured="no", how="nothing keeps it from writing; give it a write scope, so that it works in a checkout"
        ),
        "write scope": Parity(honoured="partly", how="a private checkout, whose changes are audited; no sandbox"),
        "tools": Parity(honoured="no", how=_ITS_OWN),
        "mcp": Parity(honoured="no", how="refused; name the servers in the command"),
        "contract": Parity(honoured="partly", how="where the command says `{schema_file}`"),
        "private home": Parity(honoured="yes", how="HOME and TMPDIR"),
        "home": Parity(honoured="yes", how="copied as HOME itself"),
        "env": Parity(honoured="yes", how="the variables that are named"),
        "session id": Parity(honoured="partly", how="where the command says `{session}`"),
        "telemetry off": Parity(honoured="no", how=_ITS_OWN),
        "plugins off": Parity(honoured="no", how=_ITS_OWN),
        "subagents off": Parity(honoured="no", how=_ITS_OWN),
        "limits.max_turns": Parity(honoured="partly", how="counted while it streams, if it speaks a known dialect"),
        "limits.max_tokens": Parity(honoured="partly", how="counted while it streams, if it speaks a known dialect"),
        "limits.max_usd": Parity(honoured="partly", how="added up while it streams, if it speaks a known dialect"),
        "own retries": Parity(honoured="no", how=_ITS_OWN),
        "usage": Parity(honoured="partly", how="if it speaks a known dialect"),
        "cost": Parity(honoured="partly", how="if it speaks a known dialect"),
    }
)
