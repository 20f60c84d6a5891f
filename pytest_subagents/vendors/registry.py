"""The vendors that a subagent can be given to, and what is known of their programs."""

from __future__ import annotations

from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.event import FailureKind
from pytest_subagents.model.value import Value
from pytest_subagents.vendors.third_parties import VENDORS_GROUP, OpenRegistry, Registered

_PROGRAMS: Final = "pytest_subagents.vendors.programs"


class Vendor(Value, frozen=True, kw_only=True):
    """A maker of agents."""

    name: str
    program: str | None = None
    """`module:Class` of its `vendors.programs.interface.Program`; None where its recordings are read, but nothing of
    it is started."""
    exit_meanings: tuple[tuple[int, FailureKind], ...] = ()
    """What its program says by an exit code of its own."""


def _registered(one: Registered) -> Vendor:
    match one.load():
        case Vendor() as vendor:
            if vendor.name != one.name:
                raise BadUsage(one.where, f"{one.address!r} is the vendor {vendor.name!r}", hint="give both one name")
            return vendor
        case type():
            return Vendor(name=one.name, program=one.address)
    raise BadUsage(one.where, f"{one.address!r} is neither a Program class nor a Vendor")


VENDORS: Final = OpenRegistry(
    {
        vendor.name: vendor
        for vendor in (
            Vendor(name="codex", program=f"{_PROGRAMS}.codex:Codex"),
            Vendor(name="claude", program=f"{_PROGRAMS}.claude:Claude"),
            Vendor(
                name="gemini",
                program=f"{_PROGRAMS}.gemini:Gemini",
                # 0.61: its own codes, and the HTTP status modulo 256 after an API error.
                exit_meanings=(
                    (41, "auth"),
                    (42, "launch"),
                    (44, "launch"),
                    (52, "launch"),
                    (53, "turn_limit"),
                    (55, "launch"),
                    (130, "killed"),
                    (401 % 256, "auth"),
                    (403 % 256, "auth"),
                    (413 % 256, "context_limit"),
                    (429 % 256, "rate_limit"),
                    (400 % 256, "provider_error"),
                    (404 % 256, "provider_error"),
                    (500 % 256, "provider_error"),
                    (503 % 256, "provider_error"),
                ),
            ),
            Vendor(name="opencode", program=f"{_PROGRAMS}.opencode:Opencode"),
            Vendor(name="cursor"),
            Vendor(name="copilot"),
            Vendor(name="command", program=f"{_PROGRAMS}.command:Command"),
        )
    },
    VENDORS_GROUP,
    _registered,
)
"""By name; `command` is any program. Other packages add theirs by entry points of `VENDORS_GROUP`."""
