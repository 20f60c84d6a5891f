"""How grave a finding is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SEVERITIES: Final = ("critical", "high", "medium", "low", "info", "other")
"""Gravest first; the position is the rank. `other` is every word that is none of ours."""

_RANK: Final[Mapping[str, int]] = MappingProxyType({severity: rank for rank, severity in enumerate(SEVERITIES)})


def severity_rank(severity: str) -> int:
    """0 for `critical`; a word that is none of ours ranks as `other`, last."""
    return _RANK.get(severity, _RANK["other"])


def known_severity(severity: str) -> str:
    """`severity` where it is one of ours, else `other`."""
    return severity if severity in _RANK else "other"
