"""A team of which every row is about one payload, in each text that is not ours: report, transcript, patch, prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from builders import a_report
from hostile_report import a_hostile_row

from pytest_subagents.conclude import write_reports
from pytest_subagents.model import event
from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import ChangedFile, ChildSession, RunEvidence, Said, Schedule, Span, Unreadable
from pytest_subagents.model.outcome import CheckRecord
from pytest_subagents.model.report import BaselineCounts, GateResult, Report, ReportBaseline, ReportFinding, ReportMerge
from pytest_subagents.model.result import Result

_NAMES: Final = ("success", "partial", "failed", "not_run", "expected")


class HostileTeam:
    """Its report and its evidence; `texts` are the payloads, of which no two may be equal."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        marked = {name: f"{text} m{number}" for number, (name, text) in enumerate(texts.items())}
        rows = [self._row(number, text) for number, text in enumerate(marked.values())]
        self._texts = {row.planned.nodeid: text for row, text in zip(rows, marked.values(), strict=True)}
        self.report = self._report(rows, tuple(marked.values()))

    def page(self, path: Path) -> Path:
        """Writes the page there, and further ones beside it."""
        write_reports(self.report, [path], below=path.parent, evidence=lambda report: self)
        return path

    def schedule(self) -> Schedule:
        ids = tuple(self._texts)
        spans = {id: Span(start=at * 10, end=at * 10 + 25, worker=self._texts[id]) for at, id in enumerate(ids)}
        return Schedule(kind="measured", spans=spans, at_once=3, critical=ids[:3], critical_ms=75)

    def of(self, row: Result, run: Result | Attempt) -> RunEvidence:
        text = self._texts[row.planned.nodeid]
        return RunEvidence(
            transcript_bytes=1,
            said=lambda: iter(_said(text)),
            files=(ChangedFile(path=text, added=1, removed=1, binary=False, text=_patch(text)),),
            patched=True,
            checks=(CheckRecord(run=text, exit_code=1, output=text),),
            prompt=text * (row.status != "failed"),
            instructions=text,
            no_prompt=text,
            cli_version=text,
            base=text,
        )

    def _row(self, number: int, text: str) -> Result:
        row = a_hostile_row(_NAMES[number % 5], text, id=f"{number:02} {text}")
        if number % 5 != 1:
            return row
        runs = (
            Attempt(nodeid=f"{row.planned.nodeid}[1]", number=1, status="failed", reasons=row.reasons, transcript=text),
            Attempt(nodeid=f"{row.planned.nodeid}[2]", number=2, status=row.status, selected=True, transcript=text),
        )
        return replace(row, attempts=runs)

    def _report(self, rows: list[Result], texts: tuple[str, ...]) -> Report:
        gates = tuple(GateResult(expression=text, actual=text, passed=False) for text in texts)
        merge = ReportMerge(workflow=texts[0], tree=texts[-1], merged=texts, left_out=texts, why=texts[-1])
        gone = tuple(
            ReportFinding(agent=text, severity=text, file=text, line=1, title=text, fingerprint="0" * 16)
            for text in texts
        )
        baseline = ReportBaseline(counts=BaselineCounts(fixed=len(gone)), fixed=gone, unchecked=gone[:1])
        return replace(a_report(*rows), gates=gates, merges=(merge,), baseline=baseline)


def _patch(text: str) -> str:
    first = text.split("\n")[0]
    lines = "".join(f"+{line}\n-{line}\n {line}\n" for line in text.split("\n"))
    return f"diff --git a/{first} b/{first}\n--- a/{first}\n+++ b/{first}\n@@ -1,2 +1,2 @@ {first}\n{lines}"


def _said(text: str) -> Iterator[Said]:
    """Every kind of event, each with the payload in all of its texts."""
    yield event.SessionStart(line=1, session_id=text, model=text, cwd=text, cli_version=text)
    yield event.TurnStart(line=2, model=text)
    yield event.ModelChange(line=3, model=text)
    yield event.Message(line=4, text=text, role="user")
    yield event.Message(line=5, text=text, final=False)
    yield event.Reasoning(line=6, text=text)
    yield event.Command(line=7, command=text, phase="start", call_id=text)
    yield event.Command(line=8, command=text, phase="end", output=text, exit_code=1, failed=True, call_id=text)
    yield event.FileChange(line=9, path=text, kind="update", failed=True)
    yield event.ToolCall(line=10, tool=text, phase="start", arguments=text, call_id=f"t {text}")
    yield event.ToolCall(line=11, tool=text, phase="end", arguments=text, output=text, denied=True, call_id=f"t {text}")
    yield event.Subagent(line=12, agent_id=text, phase="start", status=text, description=text)
    yield event.Message(line=13, text=text, parent=text)
    yield event.Subagent(line=14, agent_id=text, phase="end", status=text, description=text, answer=text, failed=True)
    yield event.Notice(line=15, message=text)
    yield event.Failure(line=16, kind="provider_error", message=text)
    yield event.Unknown(line=17, name=text)
    yield Unreadable(line=18, text=text, size=len(text))
    yield ChildSession(name=text)
    yield event.Message(line=19, text=text)
    yield event.End(line=20, ok=False, message=text, text=text, structured=text)
