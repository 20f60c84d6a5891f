"""What an agent says is on disk, all of it, as it was said, up to what a file may have."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runners.supervision.scene import SOON, Scene

from pytest_subagents.model import limits
from pytest_subagents.runners.supervision.ending_record import read_ending
from pytest_subagents.runners.supervision.supervise import supervise
from pytest_subagents.runners.supervision.warden.capture import BoundedCapture, Capture, new_file, wide_pipe


def test_a_line_of_50_megabytes(scene: Scene) -> None:
    assert scene.run("for _ in range(50): sys.stdout.write('x' * 1_000_000)\nsay('')").exit_code == 0
    said = scene.said()
    assert len(said) == 50_000_001
    assert said.count(b"\n") == 1


def test_a_line_that_never_ends(scene: Scene) -> None:
    ending = scene.run(
        'sys.stdout.write(\'{"type":"half\'); sys.stdout.flush(); for_ever()', idle_timeout=SOON, start_timeout=60
    )
    assert ending.cause == "idle_timeout"
    assert scene.said() == b'{"type":"half'


def test_one_that_writes_to_standard_error_only(scene: Scene) -> None:
    ending = scene.run("print('no key', file=sys.stderr); os._exit(0) if sys.stderr.flush() else sys.exit(1)")
    assert (ending.cause, ending.exit_code) == ("exited", 1)
    assert (scene.said(), scene.stderr.read_bytes()) == (b"", b"no key\n")


def test_of_a_flood_of_errors_the_first_and_the_last_are_kept(scene: Scene) -> None:
    code = (
        "line = 'e' * 1000 + '\\n'\nprint('first', file=sys.stderr)\n"
        f"for _ in range(2 * {limits.STDERR_BYTES} // 1000): sys.stderr.write(line)\n"
        "print('last', file=sys.stderr); say('done')"
    )
    assert scene.run(code).cause == "exited"
    kept = scene.stderr.read_bytes()
    assert limits.STDERR_BYTES - 200 < len(kept) <= limits.STDERR_BYTES
    assert (kept[:6], kept[-5:]) == (b"first\n", b"last\n")
    assert b"bytes are left out ...]\n" in kept
    assert scene.said() == b"done\n"


def test_bytes_that_are_no_text_are_kept_as_they_are(scene: Scene) -> None:
    assert scene.run("os.write(1, bytes(range(256)) * 1000)").exit_code == 0
    assert scene.said() == bytes(range(256)) * 1000


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_full_disk_ends_the_run_and_keeps_what_fits(scene: Scene, small_disk: Path, stream: str) -> None:
    setattr(scene, stream, small_disk / "file")
    code = f"say('first')\nwhile True: sys.{stream}.write('x' * 9999 + '\\n')"
    ending = scene.run(code)
    assert ending.cause == "disk"
    assert ending.message.endswith(os.strerror(errno.ENOSPC))
    assert ending.exit_code == -15
    assert (small_disk / "file").stat().st_size == 1024 * 1024
    assert read_ending(scene.end) == ending


def test_a_full_disk_of_a_program_that_ends_by_itself(scene: Scene, small_disk: Path) -> None:
    scene.stdout = small_disk / "file"
    ending = scene.run("signal.signal(signal.SIGTERM, signal.SIG_IGN); sys.stdout.write('x' * 1_100_000)", grace=60)
    assert (ending.cause, ending.exit_code) == ("disk", 0)
    assert scene.said() == b"x" * 1024 * 1024


def test_an_ending_that_does_not_fit_on_the_disk_is_given_back_all_the_same(scene: Scene, small_disk: Path) -> None:
    scene.stdout, scene.stderr, scene.end = (small_disk / name for name in ("out", "err", "end"))
    ending = scene.run("while True: say('x' * 9999)")
    assert (ending.cause, ending.exit_code) == ("disk", -15)
    assert read_ending(scene.end) in (None, ending)
    assert not [path for path in small_disk.iterdir() if path.name.startswith(".")], "nothing half written"


def test_a_device_that_takes_nothing(scene: Scene, tmp_path: Path) -> None:
    """/dev/full gives ENOSPC for each write; what the warden opens is always new, so it is put in its place here."""
    reader, writer = wide_pipe()
    capture = Capture(reader, os.open("/dev/full", os.O_WRONLY))
    os.write(writer, b"words")
    while not capture.failure:
        capture.pump()
    assert (capture.size, capture.failure) == (0, os.strerror(errno.ENOSPC))
    os.write(writer, b"more")
    os.close(writer)
    capture.finish()
    assert not capture.open


def captured(kind: type[Capture], path: Path, pieces: list[bytes], limit: int, *, spliced: bool) -> Capture:
    reader, writer = wide_pipe()
    capture = kind(reader, new_file(os.fsencode(path)), limit)
    capture._splices = spliced
    for piece in pieces:
        os.write(writer, piece)
        capture.pump()
    os.close(writer)
    capture.finish()
    return capture


PIECES = st.lists(st.binary(min_size=1, max_size=300), max_size=40)


@pytest.mark.parametrize("spliced", [True, False])
@given(pieces=PIECES, limit=st.integers(0, 4000))
def test_the_file_is_the_output_up_to_the_bound(
    tmp_path_factory: pytest.TempPathFactory, spliced: bool, pieces: list[bytes], limit: int
) -> None:
    path = tmp_path_factory.mktemp("c") / "file"
    capture = captured(Capture, path, pieces, limit, spliced=spliced)
    whole = b"".join(pieces)
    assert path.read_bytes() == whole[:limit]
    assert (capture.size, capture.over) == (min(limit, len(whole)), len(whole) > limit)


@pytest.mark.parametrize("spliced", [True, False])
@given(pieces=PIECES, limit=st.integers(120, 4000))
def test_of_errors_the_first_half_and_the_last_are_kept(
    tmp_path_factory: pytest.TempPathFactory, spliced: bool, pieces: list[bytes], limit: int
) -> None:
    path = tmp_path_factory.mktemp("c") / "file"
    captured(BoundedCapture, path, pieces, limit, spliced=spliced)
    whole, kept = b"".join(pieces), path.read_bytes()
    assert len(kept) <= limit
    head = limit // 2
    if kept != whole:
        assert len(whole) > limit - 100
        tail = kept[head:].split(b"left out ...]\n", 1)[1]
        assert kept.startswith(whole[:head] + b"\n[... ")
        assert whole.endswith(tail)
        assert int(kept[head:].split(b" ", 2)[1]) == len(whole) - head - len(tail)


def test_a_warden_under_a_file_size_limit_says_so(scene: Scene) -> None:
    """What ulimit -f of the person's shell does to a file; the agent and the warden inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        ending = supervise(scene.agent("sys.stdout.write('x' * 200_000); sys.stdout.flush(); for_ever()"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (ending.cause, ending.message.rpartition(": ")[2]) == ("disk", os.strerror(errno.EFBIG))
    assert scene.said() == b"x" * 100_000
