"""Contracts as other people publish them (research: contracts-and-workflows B1), mapped without a change to them.

The schemas are written here from the lists of their fields.
"""

from __future__ import annotations

from typing import Any

from contract_case import accepted, contract_of, told

from pytest_subagents.model.spec import FieldMap
from pytest_subagents.model.verdict import Finding

UNIT = {"type": "number", "minimum": 0, "maximum": 1}

VERDICT_REVIEW: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "additionalProperties": False,
    "required": ["verdict", "summary", "findings", "next_steps"],
    "properties": {
        "verdict": {"enum": ["approve", "needs-attention"]},
        "summary": {"type": "string", "minLength": 1},
        "next_steps": {"type": "array", "items": {"type": "string"}},
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["severity", "title", "body", "file", "line_start", "line_end", "confidence"],
                "properties": {
                    "severity": {"enum": ["critical", "high", "medium", "low"]},
                    "title": {"type": "string"},
                    "body": {"type": "string"},
                    "file": {"type": "string"},
                    "line_start": {"type": "integer", "minimum": 1},
                    "line_end": {"type": "integer", "minimum": 1},
                    "confidence": UNIT,
                    "recommendation": {"type": "string"},
                },
            },
        },
    },
}

COOKBOOK_REVIEW: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["findings", "overall_correctness", "overall_explanation", "overall_confidence_score"],
    "properties": {
        "overall_correctness": {"enum": ["patch is correct", "patch is incorrect"]},
        "overall_explanation": {"type": "string"},
        "overall_confidence_score": UNIT,
        "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}},
    },
    "$defs": {
        "finding": {
            "type": "object",
            "additionalProperties": False,
            "required": ["title", "body", "confidence_score", "priority", "code_location"],
            "properties": {
                "title": {"type": "string", "maxLength": 80},
                "body": {"type": "string"},
                "confidence_score": UNIT,
                "priority": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 3}, {"type": "null"}]},
                "code_location": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["absolute_file_path", "line_range"],
                    "properties": {
                        "absolute_file_path": {"type": "string"},
                        "line_range": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["start", "end"],
                            "properties": {"start": {"type": "integer"}, "end": {"type": "integer"}},
                        },
                    },
                },
            },
        }
    },
}

SUBAGENT_RETURN: dict[str, Any] = {
    "type": "object",
    "required": ["status", "summary", "artifacts", "metadata"],
    "properties": {
        "status": {"enum": ["completed", "partial", "failed", "blocked"]},
        "summary": {"type": "string", "maxLength": 600},
        "artifacts": {
            "type": "array",
            "items": {"type": "object", "required": ["type", "path"], "properties": {"summary": {"type": "string"}}},
        },
        "metadata": {
            "type": "object",
            "properties": {
                "session_id": {"type": "string"},
                "duration_seconds": {"type": "number"},
                "agent_type": {"type": "string"},
                "delegation_depth": {"type": "integer"},
                "delegation_path": {"type": "array", "items": {"type": "string"}},
            },
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "message"],
                "properties": {
                    "type": {"type": "string"},
                    "message": {"type": "string"},
                    "recoverable": {"type": "boolean"},
                    "recommendation": {"type": "string"},
                },
            },
        },
        "next_steps": {"type": "string"},
    },
}


def test_a_review_with_a_verdict() -> None:
    map = FieldMap(
        status="/verdict", success=("approve",), partial=("needs-attention",), line="/line_start", detail="/body"
    )
    contract = contract_of(VERDICT_REVIEW, map=map)
    found = {
        "severity": "high",
        "title": "Token in log",
        "body": "The token is logged.",
        "file": "src/auth.py",
        "line_start": 12,
        "line_end": 14,
        "confidence": 0.9,
        "recommendation": "Leave it out.",
    }
    value = {"verdict": "needs-attention", "summary": "One leak.", "findings": [found], "next_steps": []}
    answer = accepted(contract, value)
    assert contract.guarded
    assert contract.warnings == ()
    assert (answer.status, answer.summary) == ("partial", "One leak.")
    assert answer.findings == (
        Finding(severity="high", file="src/auth.py", line=12, title="Token in log", detail="The token is logged."),
    )
    assert accepted(contract, {**value, "verdict": "approve", "findings": []}).status == "success"
    assert told(contract, {**value, "findings": [{**found, "confidence": 90}]}) == [
        ("/findings/0/confidence", "90 is greater than the maximum of 1")
    ]


def test_a_review_with_code_locations() -> None:
    map = FieldMap(
        status="/overall_correctness",
        success=("patch is correct",),
        failed=("patch is incorrect",),
        summary="/overall_explanation",
        severity="/priority",
        severities={"0": "critical", "1": "high", "2": "medium", "3": "low"},
        file="/code_location/absolute_file_path",
        line="/code_location/line_range/start",
        detail="/body",
    )
    contract = contract_of(COOKBOOK_REVIEW, map=map)
    location = {"absolute_file_path": "/repo/src/a.ts", "line_range": {"start": 7, "end": 9}}
    found = {"title": "[P1] Off by one", "body": "…", "confidence_score": 0.8, "priority": 1, "code_location": location}
    value = {
        "findings": [found, {**found, "priority": None}],
        "overall_correctness": "patch is incorrect",
        "overall_explanation": "The loop ends early.",
        "overall_confidence_score": 0.8,
    }
    answer = accepted(contract, value)
    assert contract.guarded
    assert contract.warnings == ()
    assert (answer.status, answer.summary) == ("failed", "The loop ends early.")
    assert answer.findings == (
        Finding(severity="high", file="/repo/src/a.ts", line=7, title="[P1] Off by one", detail="…"),
        Finding(severity="info", file="/repo/src/a.ts", line=7, title="[P1] Off by one", detail="…"),
    )
    assert accepted(contract, {**value, "overall_correctness": "patch is correct"}).status == "success"
    assert told(contract, {**value, "findings": [{**found, "priority": 4}]}) == [
        ("/findings/0/priority", "4 is greater than the maximum of 3")
    ]


def test_a_return_of_completed_partial_failed_or_blocked() -> None:
    map = FieldMap(success=("completed",), failed=("failed", "blocked"), findings="/errors", severity=None)
    contract = contract_of(SUBAGENT_RETURN, map=map)
    error = {"type": "timeout", "message": "The build hung.", "recoverable": True}
    value: dict[str, Any] = {"summary": "Half of it.", "artifacts": [], "metadata": {}, "errors": [error]}
    assert contract.guarded
    assert contract.warnings == ()
    statuses = {"completed": "success", "partial": "partial", "failed": "failed", "blocked": "failed"}
    assert {word: accepted(contract, {**value, "status": word}).status for word in statuses} == statuses
    assert accepted(contract, {**value, "status": "partial"}).findings == (Finding(title="The build hung."),)
    assert accepted(contract, {"status": "completed", "summary": "", "artifacts": [], "metadata": {}}).findings == ()
    assert contract_of(SUBAGENT_RETURN).warnings == (
        "contract: map.status: '/status' can be 'completed', 'blocked', which no map names and so counts as failed",
    )
