"""The four statuses of a subagent, and how far each kind of reason lowers one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

Status: TypeAlias = Literal["success", "partial", "failed", "not_run"]

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
"""Best first; the position is the rank."""

_RANK: Final[Mapping[str, int]] = MappingProxyType({status: rank for rank, status in enumerate(STATUSES)})

CEILING: Final[Mapping[str, Status]] = MappingProxyType(
    {
        "declared": "failed",
        "exit_code": "partial",
        "incomplete": "partial",
        "provider_error": "failed",
        "rate_limit": "failed",
        "auth": "failed",
        "context_limit": "failed",
        "refusal": "failed",
        "launch": "failed",
        "timeout": "failed",
        "idle_timeout": "failed",
        "killed": "failed",
        "budget": "failed",
        "turn_limit": "failed",
        "output_limit": "failed",
        "no_protocol": "failed",
        "no_message": "failed",
        "not_json": "failed",
        "contract": "failed",
        "assertion": "failed",
        "permission": "success",
        "scope": "failed",
        "checks": "failed",
        "conflict": "failed",
        "review": "partial",
        "lost": "success",
        "verify": "failed",
        "stale": "failed",
        "missing_recording": "failed",
        "crashed": "failed",
        "expect": "failed",
        "dependency": "not_run",
        "stopped": "not_run",
    }
)
"""Every kind of reason with the best status that it leaves, unless the reason itself says otherwise."""


def rank(status: Status) -> int:
    """0 for `success` up to 3 for `not_run`: the order in which evidence lowers."""
    return _RANK[status]


def lowest(statuses: Iterable[Status]) -> Status:
    """The worst of `statuses`; `success` where there is none."""
    return max(statuses, key=rank, default="success")
