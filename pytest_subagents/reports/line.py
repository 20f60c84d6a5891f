"""A line of text for a terminal, with the name of its style: what colour that is, the one who prints it decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Style: TypeAlias = Literal["plain", "heading", "success", "partial", "failed", "not_run", "expected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line without a line feed; every text of an agent's in it is escaped."""

    text: str = ""
    style: Style = "plain"
