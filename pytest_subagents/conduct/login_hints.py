"""What a person may have to do where an agent's program could not log in: its key is not there, or not let through."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.result import Result
from pytest_subagents.runners.live_interface import Executed
from pytest_subagents.vendors.programs.registry import program


def with_login_hints(result: Result, executed: Executed | None) -> Result:
    """`result` with what is known of the environment as the hint of every `auth`."""
    if executed is None or not any(reason.kind == "auth" for reason in result.reasons):
        return result
    hint = "; ".join(executed.hints) or _keys(executed.vendor)
    if not hint:
        return result
    reasons = tuple(replace(reason, hint=hint) if reason.kind == "auth" else reason for reason in result.reasons)
    return replace(result, reasons=reasons)


def _keys(vendor: str) -> str:
    try:
        keys = program(vendor).keys
    except (KeyError, BadUsage):
        return ""
    named = " or ".join(keys)
    return f"name its key under 'vendors.{vendor}.env' ({named}), or a folder with a login under 'home'" if keys else ""
