"""What a contract says of a final message."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.value import Value

AnswerStatus: TypeAlias = Literal["success", "partial", "failed"]


class Finding(Value, frozen=True, kw_only=True):
    """One thing that an agent found, in our words whatever the contract calls them."""

    severity: str = "info"
    file: str | None = None
    line: int | None = None
    title: str = ""
    detail: str = ""


class Answer(Value, frozen=True, kw_only=True):
    """A final message that satisfies its contract."""

    status: AnswerStatus
    summary: str
    findings: tuple[Finding, ...]
    value: JsonValue


class Accepted(Value, frozen=True, kw_only=True):
    answer: Answer


class Refused(Value, frozen=True, kw_only=True):
    """The final message is no answer. The first reason's kind is `no_message`, `not_json` or `contract`."""

    reasons: tuple[Reason, ...]
    violations: int = 0
    """How many times the schema was broken; `reasons` lists the first ones."""
    value: JsonValue = None
    """The value that breaks the schema, for showing it beside the violations."""


Verdict: TypeAlias = Accepted | Refused
