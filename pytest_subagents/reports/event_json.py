"""What a `notify` command is told: one JSON object an event. `event.schema.json` says the same for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from pytest_subagents.model.integration import Paused
from pytest_subagents.model.limits import MESSAGE_CHARS, NOTIFY_FAILURES
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.reports import commands
from pytest_subagents.reports.escape import cut, json_document

FORMAT: Final = "pytest-subagents/event"
VERSION: Final = 1
_PAUSED: Final = "merge_paused"
_COUNTED: Final = ("success", "partial", "failed", "not_run")


class EndedRun(Value, frozen=True, kw_only=True):
    """A live run, for one workflow of it."""

    report: Report
    workflow: str
    file: str
    """The workflow file, as node ids begin."""
    mode: str
    run: str
    """The id of the run."""
    exit_code: int
    budget: str = ""
    """Why its budget let nothing more start; empty where it did."""
    paused: Paused | None = None
    """Where the merge at its end waits for a person."""


def events_of(ended: EndedRun) -> Iterator[tuple[str, str]]:
    """Each event with its name, in a fixed order; the last one is `run_ended`."""
    for name, facts in _events(ended):
        yield name, _text(name, facts, workflow=ended.workflow, file=ended.file, run=ended.run, mode=ended.mode)


def event_of_merge(paused: Paused, *, workflow: str, file: str) -> tuple[str, str]:
    """That `subagents merge` waits for a person, with its name: it is no run, so it has no id of one."""
    return _PAUSED, _text(_PAUSED, _paused(paused), workflow=workflow, file=file, run="", mode="merge")


def _text(name: str, facts: Mapping[str, Any], *, workflow: str, file: str, run: str, mode: str) -> str:
    document = {
        "format": FORMAT,
        "version": VERSION,
        "event": name,
        "workflow": workflow,
        "file": file,
        "run": run,
        "mode": mode,
        **facts,
    }
    return json_document(msgspec.json.encode(document).decode("utf-8")) + "\n"


def _events(ended: EndedRun) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = [row for row in ended.report.agents if row.planned.nodeid.partition("::")[0] == ended.file]
    if ended.budget:
        yield "budget_reached", {"message": cut(ended.budget, MESSAGE_CHARS)}
    conflicts = [row for row in rows if any(reason.kind == "conflict" for reason in row.reasons)]
    if conflicts:
        yield (
            "conflict",
            {"agents": [row.planned.id for row in conflicts], "messages": _messages(conflicts, "conflict")},
        )
    if ended.paused is not None:
        yield _PAUSED, _paused(ended.paused)
    for row in rows:
        if row.waits_for_review and not row.expected:
            agent = row.planned.id
            yield (
                "review_needed",
                {"agent": agent, "messages": _messages([row], "review"), "approve": commands.approve(agent)},
            )
    yield "run_ended", _ended(ended, rows)


def _paused(paused: Paused) -> Mapping[str, Any]:
    return {
        "after": paused.after,
        "message": cut(paused.why, MESSAGE_CHARS),
        "agents": list(paused.agents),
        "merged": list(paused.merged),
    }


def _ended(ended: EndedRun, rows: list[Result]) -> Mapping[str, Any]:
    counts = {name: sum(row.status == name and not row.expected for row in rows) for name in _COUNTED}
    counts |= {"planned": len(rows), "expected": sum(row.expected for row in rows)}
    bad = [row for row in rows if not row.expected and row.status in ("failed", "not_run")]
    return {
        "status": ended.report.status,
        "complete": ended.report.complete,
        "exit_code": ended.exit_code,
        "counts": counts,
        "failures": [_failure(row) for row in bad[:NOTIFY_FAILURES]],
        "more_failures": max(0, len(bad) - NOTIFY_FAILURES),
    }


def _failure(row: Result) -> Mapping[str, str]:
    reason = row.reasons[0] if row.reasons else None
    return {
        "agent": row.planned.id,
        "status": row.status,
        "kind": reason.kind if reason is not None else "declared",
        "message": cut(reason.message, MESSAGE_CHARS) if reason is not None else "",
    }


def _messages(rows: list[Result], kind: str) -> list[str]:
    found = [reason.message for row in rows for reason in row.reasons if reason.kind == kind]
    return [cut(message, MESSAGE_CHARS) for message in found[:NOTIFY_FAILURES]]
