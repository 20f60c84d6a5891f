"""Checkpoints are passed at the same events while an agent runs and in its recording, whatever the dialect."""

from __future__ import annotations

from pathlib import Path

import pytest
from recorded import RECORDINGS

from pytest_subagents.model.event import AnyEvent, End, FileChange, Message, SessionStart
from pytest_subagents.model.spec import Checkpoint, Limits
from pytest_subagents.vendors.checkpoints import Checkpoints
from pytest_subagents.vendors.reading import iter_events, read_transcript
from pytest_subagents.vendors.watching import Watcher

ALL = sorted(RECORDINGS.glob("*/*.jsonl"))
DECLARED = (
    Checkpoint(id="done"),
    Checkpoint(id="file", writes="**"),
    Checkpoint(id="python", writes="**/*.py"),
    Checkpoint(id="word", says="status"),
    Checkpoint(id="never", says="something that nobody says"),
)


def passed(*events: AnyEvent, declared: tuple[Checkpoint, ...] = DECLARED, workspace: str = "/w") -> tuple[str, ...]:
    found = Checkpoints(declared, workspaces=[workspace])
    for event in events:
        found.take(event)
    return found.passed


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recording_and_a_stream_that_is_watched_pass_the_same(path: Path) -> None:
    found = read_transcript(path, checkpoints=DECLARED)
    assert found.passed == passed(*iter_events(path))
    watcher = Watcher(path, Limits(), checkpoints=Checkpoints(DECLARED))
    watcher(path.stat().st_size)
    assert watcher.finish().passed == found.passed
    assert "never" not in found.passed
    assert ("done" in found.passed) >= (found.end is not None and found.end.ok)
    assert ("file" in found.passed) >= bool(found.changes)


def test_every_vendor_has_recordings_that_pass_each() -> None:
    seen = {vendor: set[str]() for vendor in ("codex", "claude", "gemini", "opencode")}
    for path in ALL:
        if path.parent.name in seen:
            seen[path.parent.name].update(read_transcript(path, checkpoints=DECLARED).passed)
    assert all(names >= {"done", "file", "word"} for names in seen.values()), seen


@pytest.mark.parametrize(
    ("path", "glob", "is_at"),
    [
        ("src/a.py", "src/", True),
        ("/w/src/a.py", "src/*.py", True),
        ("<workspace>/src/a.py", "src/**", True),
        ("file:///w/src/a.py", "src", True),
        ("./src/../src/a.py", "src/a.py", True),
        ("/elsewhere/src/a.py", "src/**", False),
        ("/w2/src/a.py", "src/**", False),
        ("/told/src/a.py", "src/a.py", True),
        ("lib/a.py", "src/**", False),
    ],
)
def test_paths_are_taken_from_the_folder_that_the_agent_works_in(path: str, glob: str, is_at: bool) -> None:
    events = (SessionStart(line=1, cwd="/told/"), FileChange(line=2, path=path, kind="update"))
    assert passed(*events, declared=(Checkpoint(id="x", writes=glob),), workspace="/w/") == (("x",) if is_at else ())


def test_a_change_that_failed_passes_nothing() -> None:
    assert passed(FileChange(line=1, path="a.py", kind="add", failed=True)) == ()


def test_a_text_may_come_in_parts_and_only_the_agent_says_it() -> None:
    declared = (Checkpoint(id="x", says="migrations written"),)

    def part(text: str, id: str = "m", append: bool = True) -> Message:
        return Message(line=1, text=text, message_id=id, append=append)

    assert passed(part("All migra", append=False), part("tions wri"), part("tten."), declared=declared) == ("x",)
    assert passed(part("All migrations ", append=False), part("written", id="n"), declared=declared) == ()
    assert passed(part("All migrations ", append=False), part("written", append=False), declared=declared) == ()
    assert passed(Message(line=1, text="migrations written", role="user"), declared=declared) == ()


def test_the_end_of_a_turn_that_went_well_completes_all_writing() -> None:
    declared = (Checkpoint(id="x"),)
    assert passed(End(line=1, ok=False), declared=declared) == ()
    assert passed(End(line=1, ok=True), declared=declared) == ("x",)
