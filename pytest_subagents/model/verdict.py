"""What a contract says of a final message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.reason import Reason

AnswerStatus: TypeAlias = Literal["success", "partial", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that an agent found, in our words whatever the contract calls them."""

    severity: str = "info"
    file: str | None = None
    line: int | None = None
    title: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A final message that satisfies its contract."""

    status: AnswerStatus
    summary: str
    findings: tuple[Finding, ...]
    value: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The final message is no answer. The first reason's kind is `no_message`, `not_json` or `contract`."""

    reasons: tuple[Reason, ...]
    violations: int = 0
    """How many times the schema was broken; `reasons` lists the first ones."""
    value: JsonValue = None
    """The value that breaks the schema, for showing it beside the violations."""


Verdict: TypeAlias = Accepted | Refused
