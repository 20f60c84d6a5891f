"""The JSON files of a run directory: private, whole at every moment, and read strictly."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_subagents.model import limits
from pytest_subagents.transcript.run_directory import RunDirectory
from pytest_subagents.transcript.run_state import StateError


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return RunDirectory.create(tmp_path / ".subagents", below=tmp_path, started=datetime(2025, 1, 2, tzinfo=UTC))


def test_state_is_read_as_it_was_written_and_private(run: RunDirectory) -> None:
    folder = run.agent_folder("a")
    value: dict[str, Any] = {"b": [1, None, "é\u2028"], "a": {}}
    run.write_json(folder / "status.json", value)
    assert run.read_json("a/status.json", dict[str, Any]) == value
    assert stat.S_IMODE((folder / "status.json").stat().st_mode) == 0o600
    assert os.listdir(folder) == ["status.json"]
    assert run.read_json("a/result.json", dict[str, Any]) is None


@pytest.mark.parametrize("data", [b"", b"{", b'{"a": NaN}', b"[1]", b'{"a": "x"}', b"[" * 100_000, b'{"a": 1} x'])
def test_state_that_is_damaged_is_told(run: RunDirectory, data: bytes) -> None:
    (run.path / "run.json").write_bytes(data)
    with pytest.raises(StateError, match="cannot be used"):
        run.read_json("run.json", dict[str, int])


def test_state_that_is_no_file_or_too_large_is_told(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STATE_BYTES", 100)
    os.mkfifo(run.path / "pipe.json")
    (run.path / "link.json").symlink_to("/etc/passwd")
    (run.path / "large.json").write_text('"' + "x" * 200 + '"', encoding="utf-8")
    for name in ("pipe", "link", "large"):
        with pytest.raises(StateError, match="cannot be read"):
            run.read_json(f"{name}.json", str)
    with pytest.raises(StateError, match="at most 100"):
        run.write_json("new.json", "x" * 200)
    with pytest.raises(StateError, match="as JSON"):
        run.write_json("new.json", object())
    assert not (run.path / "new.json").exists()


_FULL_DISK = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from pytest_subagents.transcript.run_directory import RunDirectory
from pytest_subagents.transcript.run_state import StateError
rootdir = Path(sys.argv[1])
run = RunDirectory.create(rootdir / ".subagents", below=rootdir, started=datetime(2025, 1, 2, tzinfo=UTC))
run.write_json("run.json", "old")
try:
    run.write_json("run.json", "new" * 100_000)
except StateError as error:
    assert error.full and "no space left" in error.what, error
else:
    raise AssertionError("the disk was not full")
assert run.read_json("run.json", str) == "old"
assert sorted(os.listdir(run.path)) == ["run.json", "run.lock"]
"""


def test_a_full_disk_leaves_the_old_state_and_is_told_as_that(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=64k none "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, _FULL_DISK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_sees_the_old_state_or_the_new_one(run: RunDirectory) -> None:
    run.write_json("run.json", [0] * 2000)

    def write() -> None:
        for turn in range(100):
            run.write_json("run.json", [turn] * 2000)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        seen = run.read_json("run.json", list[int])
        assert seen is not None
        assert len(seen) == 2000
        assert len(set(seen)) == 1
    writer.join()
