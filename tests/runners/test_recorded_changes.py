"""The patch beside a recording, as far as it can be believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_subagents.model.outcome import Change
from pytest_subagents.runners.recorded_changes import Beside, changes_beside
from pytest_subagents.transcript.meta import PatchFacts
from pytest_subagents.transcript.store import Recording

PATCH = (
    b"diff --git a/src/n b/src/n\nnew file mode 100644\nindex "
    + b"0" * 40
    + b".."
    + b"1" * 40
    + b"\n--- /dev/null\n+++ b/src/n\n@@ -0,0 +1 @@\n+x\n"
)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(transcript=str(tmp_path / "a.jsonl"))


def _facts(files: int, *, prefix: str = "", unkept: tuple[tuple[str, str], ...] = ()) -> PatchFacts:
    return PatchFacts(tree="1" * 40, files=files, prefix=prefix, unkept=unkept)


def test_the_changes_count_from_the_rootdir(recording: Recording) -> None:
    Path(recording.patch).write_bytes(PATCH)
    assert changes_beside(recording, _facts(1)) == Beside(changes=(Change(path="src/n", kind="add"),), patch=PATCH)
    assert changes_beside(recording, _facts(1, prefix="src")) == Beside(
        changes=(Change(path="n", kind="add"),), patch=PATCH
    )
    assert changes_beside(recording, _facts(1, prefix="app")) == Beside(
        changes=(Change(path="../src/n", kind="add"),), patch=PATCH
    )


def test_who_changed_nothing_has_no_patch(recording: Recording) -> None:
    assert changes_beside(recording, _facts(0)) == Beside(changes=())


def test_what_was_too_large_for_a_patch_is_no_fault_of_it(recording: Recording) -> None:
    facts = _facts(3, unkept=(("big", "is too large"),))
    assert changes_beside(recording, facts) == Beside(changes=())


@pytest.mark.parametrize(
    ("patch", "files", "prefix", "why"),
    [
        (None, 1, "", "it changes 0 files, and the metadata says 1"),
        (PATCH, 0, "", "it changes 1 files, and the metadata says 0"),
        (PATCH, 2, "", "it changes 1 files, and the metadata says 2"),
        (PATCH + b"x", 1, "", "line 8 of the patch has no end"),
        (PATCH, 1, "../..", "the metadata says that it counts from outside of the repository"),
        (PATCH, 1, "/etc", "the metadata says that it counts from outside of the repository"),
    ],
)
def test_what_does_not_fit_is_a_fault(
    recording: Recording, patch: bytes | None, files: int, prefix: str, why: str
) -> None:
    if patch is not None:
        Path(recording.patch).write_bytes(patch)
    found = changes_beside(recording, _facts(files, prefix=prefix))
    (fault,) = found.faults
    assert found.changes is None
    assert (fault.kind, fault.message) == ("missing_recording", f"the patch cannot be used: {why}")


def test_a_patch_that_is_no_file_is_a_fault(recording: Recording) -> None:
    os.mkfifo(recording.patch)
    found = changes_beside(recording, _facts(1))
    (fault,) = found.faults
    assert found.changes is None
    assert fault.message == "the patch cannot be used: it cannot be read: it is no regular file"
