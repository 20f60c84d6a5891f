"""The recordings of tests/data, and what a run comes to when it is judged under the built-in contract."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pytest_subagents.contract.checking import check
from pytest_subagents.contract.loading import Contract, load_contract
from pytest_subagents.model.event import AnyEvent
from pytest_subagents.model.outcome import Outcome, ProcessEnd
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.spec import RESULT
from pytest_subagents.model.status import Status
from pytest_subagents.transcript.judging import judge
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.vendors.dialects.registry import dialect
from pytest_subagents.vendors.folding import Fold
from pytest_subagents.vendors.reading import read_transcript

RECORDINGS = Path(__file__).parent / "data" / "recordings"
HOSTILE = Path(__file__).parent / "data" / "hostile"

ANSWER = '{"status": "success", "summary": "fine", "findings": []}'
"""A final message that satisfies the built-in contract."""


@cache
def result_contract() -> Contract:
    return load_contract(RESULT)


def recording(name: str) -> Path:
    """The stdout of a real run, `codex/01_success` for one."""
    return RECORDINGS / f"{name}.jsonl"


def session_file(name: str) -> Path:
    """The session file of a real codex run; of the main thread where there are several."""
    found = sorted((RECORDINGS / "codex-sessions").glob(f"{name}--*.jsonl"))
    return next(path for path in found if b'"parent_thread_id":"' not in path.read_bytes()[:4_000])


def process_of(name: str) -> ProcessEnd:
    meta = read_meta((RECORDINGS / f"{name}.meta.json").read_bytes())
    assert isinstance(meta, RecordingMeta), meta
    return meta.process


def judged(path: Path, process: ProcessEnd | None = None) -> tuple[Status, tuple[Reason, ...]]:
    """Status and reasons of a transcript, as `conduct` comes to them."""
    return judged_outcome(read_transcript(path), process or ProcessEnd())


def judged_outcome(outcome: Outcome, process: ProcessEnd) -> tuple[Status, tuple[Reason, ...]]:
    verdict = check(result_contract(), outcome.final) if outcome.spoke else None
    reasons = judge(outcome, process, verdict)
    return lowered(reasons), reasons


def kinds(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.kind for reason in reasons]


def written(folder: Path, *lines: str | bytes, name: str = "run.jsonl", end: bytes = b"\n") -> Path:
    """A transcript of these lines."""
    path = folder / name
    path.write_bytes(b"".join((line.encode() if isinstance(line, str) else line) + end for line in lines))
    return path


def decoded(name: str, *lines: str | bytes) -> list[AnyEvent]:
    """The events that a dialect makes of these lines, all of which must be its own."""
    reader = dialect(name)
    events: list[AnyEvent] = []
    for number, line in enumerate(lines, 1):
        found = reader.decode(line.encode() if isinstance(line, str) else line, number)
        assert found is not None, line
        events += found
    return [*events, *reader.finish(len(lines))]


def folded(name: str, *lines: str | bytes) -> Outcome:
    """What the lines of a dialect come to."""
    fold = Fold()
    for event in decoded(name, *lines):
        fold.take(event)
    return fold.outcome()
