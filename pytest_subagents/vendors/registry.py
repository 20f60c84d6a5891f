"""The vendors that a subagent can be given to, and what is known of their programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pytest_subagents.model.event import FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    name: str
    exit_meanings: tuple[tuple[int, FailureKind], ...] = ()
    """What its program says by an exit code of its own."""


VENDORS: Final[Mapping[str, Vendor]] = MappingProxyType(
    {
        vendor.name: vendor
        for vendor in (
            Vendor(name="codex"),
            Vendor(name="claude"),
            Vendor(
                name="gemini",
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
            Vendor(name="opencode"),
            Vendor(name="cursor"),
            Vendor(name="copilot"),
            Vendor(name="command"),
        )
    }
)
"""By name; `command` is any program."""
