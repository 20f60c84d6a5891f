"""A line of text for a terminal, with the name of its style: what colour that is, the one who prints it decides."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pytest_subagents.model.value import Value

Style: TypeAlias = Literal["plain", "heading", "success", "partial", "failed", "not_run", "expected"]


class Line(Value, frozen=True, kw_only=True):
    """One line without a line feed; every text of an agent's in it is escaped."""

    text: str = ""
    style: Style = "plain"
