"""Recordings are written whole, whoever reads meanwhile and whenever the writer dies."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.outcome import ProcessEnd
from pytest_subagents.model.spec import Subagent
from pytest_subagents.runners.replay import ReplayRunner
from pytest_subagents.transcript.meta import RecordingMeta, meta_bytes, read_meta
from pytest_subagents.transcript.recording import Candidate, fresh, publish, secrets_left, write_candidate, write_child
from pytest_subagents.transcript.redaction.redactor import redactor_for
from pytest_subagents.transcript.staleness import instructions_digest, stale_reasons
from pytest_subagents.transcript.store import Recording

KEY = "sk-ant-api03-AbCdEf0123456789AbCdEf0123456789"
NO_REDACTION = redactor_for()


def stream(text: str) -> bytes:
    message = {"type": "item.completed", "item": {"id": "i", "type": "agent_message", "text": text}}
    lines = [
        {"type": "thread.started", "thread_id": "t"},
        {"type": "turn.started"},
        message,
        {"type": "turn.completed"},
    ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def candidate(folder: Path, text: str = "new", *, exit_code: int = 0, patch: bytes = b"") -> Candidate:
    folder.mkdir(parents=True, exist_ok=True)
    meta = RecordingMeta(vendor="codex", process=ProcessEnd(exit_code=exit_code))
    return write_candidate(folder, stream=io.BytesIO(stream(text)), meta=meta, redactor=NO_REDACTION, patch=patch)


def read(transcript: Path) -> tuple[str | None, int | None, bool]:
    """The final message, the exit code, and whether replay refuses the metadata."""
    run = ReplayRunner().run(Recording(transcript=str(transcript)))
    final = run.outcome.final if run.outcome is not None else None
    return (final.text if final else None, run.meta.process.exit_code, bool(run.faults))


def test_a_candidate_is_a_recording_that_replay_reads(tmp_path: Path) -> None:
    made = candidate(tmp_path / "run", patch=b"diff --git a/x b/x\n")
    assert read(Path(made.recording.transcript)) == ("new", 0, False)
    assert Path(made.recording.patch).read_bytes() == b"diff --git a/x b/x\n"
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "run").iterdir()} == {0o600}


def test_a_candidate_is_redacted_and_its_tail_is_redacted_before_it_is_cut(tmp_path: Path) -> None:
    redactor = redactor_for(secrets=[KEY], workspaces=[str(tmp_path)])
    dots = "." * (limits.STDERR_TAIL_CHARS - 20)
    stderr = f"cd {tmp_path}/src\nkey {KEY}{dots}"
    meta = RecordingMeta(process=ProcessEnd(stderr_tail=stderr, stop_kind="killed", stop_message=f"at {tmp_path}/src"))
    made = write_candidate(tmp_path, stream=io.BytesIO(stream(KEY)), meta=meta, redactor=redactor)
    found = read_meta((tmp_path / "recording.meta.json").read_bytes())
    assert isinstance(found, RecordingMeta)
    assert found.process.stderr_tail == f"cd <workspace>/src\nkey <redacted>{dots}"[-limits.STDERR_TAIL_CHARS :]
    assert found.process.stop_message == "at <workspace>/src"
    assert (tmp_path / "recording.jsonl").read_bytes() == stream("<redacted>")
    assert secrets_left(made, redactor) == ()


def test_what_still_looks_like_a_secret_is_told_with_file_and_line(tmp_path: Path) -> None:
    patch = f"diff --git a/x b/x\n+key = {KEY}\n".encode()
    made = candidate(tmp_path / "run", patch=patch)
    assert secrets_left(made, NO_REDACTION) == ("recording.patch: line 2: a token of a known form",)


def test_publishing_makes_the_folders_and_all_files(tmp_path: Path) -> None:
    made = candidate(tmp_path / "run", patch=b"patch")
    target = tmp_path / "recordings/team/math.jsonl"
    publish(made, target, rootdir=tmp_path)
    assert read(target) == ("new", 0, False)
    assert sorted(path.name for path in target.parent.iterdir()) == ["math.jsonl", "math.meta.json", "math.patch"]
    assert {path.stat().st_mode & 0o777 for path in target.parent.iterdir()} == {0o644}


def test_a_patch_that_the_new_recording_does_not_have_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "recordings/math.jsonl"
    publish(candidate(tmp_path / "one", patch=b"patch"), target, rootdir=tmp_path)
    publish(candidate(tmp_path / "two"), target, rootdir=tmp_path)
    assert sorted(path.name for path in target.parent.iterdir()) == ["math.jsonl", "math.meta.json"]


def test_a_linked_folder_is_refused_and_its_target_stays_empty(tmp_path: Path) -> None:
    root, victim = tmp_path / "root", tmp_path / "victim"
    victim.mkdir()
    made = candidate(root / "run")
    (root / "recordings").symlink_to(victim)
    with pytest.raises(BadUsage) as caught:
        publish(made, root / "recordings/math.jsonl", rootdir=root)
    assert str(caught.value) == (
        "recordings/math.jsonl: the recording cannot be written: it is a link or no folder (recordings)\n"
        "  hint: what would have been recorded is in run"
    )
    assert list(victim.iterdir()) == []
    assert read(Path(made.recording.transcript))[0] == "new"


def test_links_and_fifos_in_the_place_of_files_are_replaced(tmp_path: Path) -> None:
    root, victim = tmp_path / "root", tmp_path / "victim"
    victim.write_text("mine")
    made = candidate(root / "run", patch=b"patch")
    (root / "recordings").mkdir()
    (root / "recordings/math.jsonl").symlink_to(victim)
    os.mkfifo(root / "recordings/math.meta.json")
    (root / "recordings/math.patch").symlink_to("nowhere")
    publish(made, root / "recordings/math.jsonl", rootdir=root)
    assert victim.read_text() == "mine"
    assert read(root / "recordings/math.jsonl") == ("new", 0, False)
    assert (root / "recordings/math.patch").read_bytes() == b"patch"


@pytest.mark.parametrize("name", ["math.jsonl", "math.meta.json", "math.patch"])
def test_a_folder_in_the_way_is_told_before_anything_is_changed(tmp_path: Path, name: str) -> None:
    target = tmp_path / "recordings/math.jsonl"
    publish(candidate(tmp_path / "one", "old"), target, rootdir=tmp_path)
    (target.parent / name).unlink(missing_ok=True)
    (target.parent / name).mkdir()
    before = {path.name: path.is_dir() or path.read_bytes() for path in target.parent.iterdir()}
    with pytest.raises(BadUsage, match="it is a folder"):
        publish(candidate(tmp_path / "two", patch=b"p"), target, rootdir=tmp_path)
    assert {path.name: path.is_dir() or path.read_bytes() for path in target.parent.iterdir()} == before


def test_a_candidate_that_became_a_link_or_a_fifo_is_not_read(tmp_path: Path) -> None:
    made = candidate(tmp_path / "run")
    stolen = Path(made.recording.transcript)
    stolen.unlink()
    os.mkfifo(stolen)
    with pytest.raises(BadUsage, match="no regular file"):
        publish(made, tmp_path / "recordings/math.jsonl", rootdir=tmp_path)
    stolen.unlink()
    stolen.symlink_to("/etc/hostname")
    with pytest.raises(BadUsage):
        publish(made, tmp_path / "recordings/math.jsonl", rootdir=tmp_path)
    assert not (tmp_path / "recordings").exists()


def test_session_files_of_the_agents_own_subagents_go_with_it_and_old_ones_do_not_stay(tmp_path: Path) -> None:
    target = tmp_path / "recordings/math.jsonl"
    redactor = redactor_for(secrets=[KEY])
    for name, child in (("one", "agent-a.jsonl"), ("two", "agent-b.jsonl")):
        made = candidate(tmp_path / name)
        write_child(made, child, io.BytesIO(stream(KEY)), redactor)
        assert secrets_left(made, redactor) == ()
        assert [path.name for path in made.children] == [child]
        publish(made, target, rootdir=tmp_path)
        (there,) = Recording(transcript=str(target)).children()
        assert (there.name, there.read_bytes()) == (child, stream("<redacted>"))
    publish(candidate(tmp_path / "three"), target, rootdir=tmp_path)
    assert Recording(transcript=str(target)).children() == ()


DYING = """
import os, sys
from pathlib import Path
from pytest_subagents.transcript.recording import Candidate, publish
folder, target, root, when = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
seen = 0
def hook(event, arguments):
    global seen
    if event in ("os.rename", "os.remove"):
        seen += 1
        if seen == when:
            os.kill(os.getpid(), 9)
sys.addaudithook(hook)
publish(Candidate(folder=folder), target, rootdir=root)
"""


@pytest.mark.parametrize("patched", [True, False])
@pytest.mark.parametrize("when", range(1, 6))
def test_a_kill_between_two_files_leaves_the_old_the_new_or_a_refused_recording(
    tmp_path: Path, when: int, patched: bool
) -> None:
    target = tmp_path / "recordings/math.jsonl"
    publish(candidate(tmp_path / "one", "old", exit_code=7, patch=b"old"), target, rootdir=tmp_path)
    candidate(tmp_path / "two", "new", exit_code=3, patch=b"new" if patched else b"")
    arguments = [str(tmp_path / "two"), str(target), str(tmp_path), str(when)]
    done = subprocess.run([sys.executable, "-c", DYING, *arguments], check=False)
    text, exit_code, refused = read(target)
    assert done.returncode == (-9 if when <= 4 else 0)
    assert refused or (text, exit_code) == (("old", 7) if when == 1 else ("new", 3))
    assert refused == (when in (2, 3, 4))
    subagent = Subagent(id="math")
    assert fresh(Recording(transcript=str(target)), subagent) == (not refused)
    publish(Candidate(folder=tmp_path / "two"), target, rootdir=tmp_path)  # and the next run mends it
    assert read(target) == ("new", 3, False)


FULL = """
import resource, signal, sys
from pathlib import Path
from pytest_subagents.errors import BadUsage
from pytest_subagents.transcript.recording import Candidate, publish
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    publish(Candidate(folder=Path(sys.argv[1])), Path(sys.argv[2]), rootdir=Path(sys.argv[3]))
except BadUsage as error:
    print(error)
"""


def test_a_disk_without_room_leaves_the_old_recording_and_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "recordings/math.jsonl"
    publish(candidate(tmp_path / "one", "old", exit_code=7), target, rootdir=tmp_path)
    candidate(tmp_path / "two", "new")
    arguments = [str(tmp_path / "two"), str(target), str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", FULL, *arguments], check=True, capture_output=True, text=True)
    assert done.stdout == (
        "recordings/math.jsonl: the recording cannot be written: file too large\n"
        "  hint: what would have been recorded is in two\n"
    )
    assert read(target) == ("old", 7, False)
    assert sorted(path.name for path in target.parent.iterdir()) == ["math.jsonl", "math.meta.json"]


SUBAGENT = Subagent(id="math", instructions="Find gaps.", vendor="codex", model="gpt-5")
RECORDED = RecordingMeta(
    vendor="codex", model="gpt-5", instructions_digest=instructions_digest(SUBAGENT), template_digest="sha256:1"
)


@pytest.mark.parametrize(
    ("meta", "template", "is_fresh"),
    [
        pytest.param(RECORDED, "sha256:1", True, id="the same"),
        pytest.param(RECORDED, None, True, id="nobody asks for the template"),
        pytest.param(RECORDED, "sha256:2", False, id="another template"),
        pytest.param(replace(RECORDED, template_digest=None), "sha256:2", True, id="no template recorded"),
        pytest.param(replace(RECORDED, instructions_digest="sha256:0"), "sha256:1", False, id="other instructions"),
        pytest.param(replace(RECORDED, vendor="claude"), "sha256:1", False, id="another vendor"),
        pytest.param(replace(RECORDED, model="gpt-4"), "sha256:1", False, id="another model"),
        pytest.param(replace(RECORDED, process=ProcessEnd(exit_code=1)), "sha256:1", True, id="a failed run"),
    ],
)
def test_what_is_fresh_is_what_is_not_stale(
    tmp_path: Path, meta: RecordingMeta, template: str | None, is_fresh: bool
) -> None:
    recording = Recording(transcript=str(tmp_path / "math.jsonl"))
    Path(recording.transcript).write_bytes(stream("x"))
    Path(recording.meta).write_bytes(meta_bytes(meta))
    assert fresh(recording, SUBAGENT, template=template) is is_fresh
    assert (not stale_reasons(SUBAGENT, meta, template=template)) is is_fresh


def test_what_no_specification_says_cannot_be_stale() -> None:
    """A recording that was copied into a folder of transcripts."""
    meta = RecordingMeta(instructions_digest="sha256:0", template_digest="sha256:1")
    assert stale_reasons(Subagent(id="math", where="x"), meta, template="sha256:2") == ()


def test_a_recording_is_fresh_without_metadata_and_not_with_metadata_that_cannot_be_used(tmp_path: Path) -> None:
    recording = Recording(transcript=str(tmp_path / "math.jsonl"))
    assert not fresh(recording, SUBAGENT)
    Path(recording.transcript).write_bytes(stream("x"))
    assert fresh(recording, SUBAGENT)
    assert not fresh(replace(recording, refused="it is a link to a place outside the repository"), SUBAGENT)
    Path(recording.meta).write_text("{")
    assert not fresh(recording, SUBAGENT)
    Path(recording.meta).unlink()
    os.mkfifo(recording.meta)
    assert not fresh(recording, SUBAGENT)
