"""An agent that is started, left alone, and ends."""

from __future__ import annotations

import json
import os
import signal
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from runners.supervision.scene import Scene

from pytest_subagents.runners.supervision.ending_record import read_ending
from pytest_subagents.runners.supervision.order import Ending
from pytest_subagents.runners.supervision.supervise import supervise


def test_an_agent_that_ends_well(scene: Scene) -> None:
    ending = scene.run("say('one'); print('two', file=sys.stderr); say('three')")
    assert (ending.cause, ending.exit_code, ending.message, ending.left_behind) == ("exited", 0, "", 0)
    assert scene.said() == b"one\nthree\n"
    assert scene.stderr.read_bytes() == b"two\n"


@pytest.mark.parametrize("code", [1, 3, 143, 255])
def test_the_exit_code_is_kept(scene: Scene, code: int) -> None:
    assert scene.run(f"say('x'); os._exit({code})").exit_code == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGPIPE, signal.SIGHUP])
def test_a_signal_that_was_not_ours_is_an_end_of_its_own(scene: Scene, number: signal.Signals) -> None:
    ending = scene.run(
        f"say('x'); signal.signal({number}, signal.SIG_DFL) if {number} != 9 else 0; os.kill(0, {number})"
    )
    assert (ending.cause, ending.exit_code) == ("exited", -number)
    assert scene.said() == b"x\n"


def test_the_ending_is_on_disk_as_it_is_given_back(scene: Scene) -> None:
    ending = scene.run("os._exit(7)")
    assert read_ending(scene.end) == ending
    assert json.loads(scene.end.read_bytes())["exit_code"] == 7


def test_the_files_are_for_this_user_alone_and_nothing_else_is_left(scene: Scene) -> None:
    scene.run("say('x')")
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in scene.folder.iterdir()} == {
        "stdout.jsonl": 0o600,
        "stderr.txt": 0o600,
        "end.json": 0o600,
    }


def test_the_environment_is_the_orders_and_the_mark(scene: Scene) -> None:
    order = scene.argv("/usr/bin/env", "-0", env={"A": "1", "EMPTY": "", "ODD": "ü\n=x"})
    assert supervise(order).exit_code == 0
    found = dict(item.split(b"=", 1) for item in scene.said().split(b"\0") if item)
    assert len(found.pop(b"SUBAGENTS_RUN_MARK")) == 32
    assert found == {b"A": b"1", b"EMPTY": b"", b"ODD": "ü\n=x".encode()}


def test_nothing_is_inherited_but_the_three_streams(scene: Scene) -> None:
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    try:
        scene.run("say(' '.join(sorted(os.listdir('/proc/self/fd'), key=int)))")
    finally:
        os.close(reader)
        os.close(writer)
    assert scene.said().split() == [b"0", b"1", b"2", b"3"], "3 is the listing itself"


def test_signals_are_as_new_and_no_core_is_dumped(scene: Scene) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert supervise(scene.argv("/bin/cat", "/proc/self/status", "/proc/self/limits")).exit_code == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    lines = scene.said().decode().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert int(status["SigBlk"], 16) == 0
    internal = 1 << 31 | 1 << 32  # of the C library, whose posix_spawn ignores them in every program
    assert int(status["SigIgn"], 16) & ~internal == 0
    assert any(line.split()[:6] == ["Max", "core", "file", "size", "0", "0"] for line in lines)


def test_it_has_a_session_of_its_own_so_that_a_terminal_does_not_reach_it(scene: Scene) -> None:
    scene.run("say(f'{os.getpid()} {os.getsid(0)} {os.getsid(os.getppid()) == os.getppid()}')")
    pid, session, warden_leads_its_own = scene.said().split()
    assert (pid, warden_leads_its_own) == (session, b"True")


def test_standard_input_is_empty(scene: Scene) -> None:
    scene.run("say(repr(sys.stdin.read()) + os.readlink('/proc/self/fd/0'))")
    assert scene.said() == b"''/dev/null\n"


def test_a_file_can_be_its_standard_input(scene: Scene) -> None:
    prompt = scene.folder / "prompt"
    prompt.write_bytes(b"x" * 300_000)
    assert supervise(scene.argv("/bin/cat", stdin=prompt)).exit_code == 0
    assert scene.said() == b"x" * 300_000


def test_arguments_and_paths_that_are_no_unicode_arrive_as_they_are(scene: Scene) -> None:
    odd = os.fsdecode(b"\xff\xfe odd \n \xc3\xbc")
    assert supervise(scene.argv("/bin/echo", "-n", odd)).exit_code == 0
    assert scene.said() == os.fsencode(odd)


def launch(ending: Ending, *words: str) -> None:
    assert (ending.cause, ending.exit_code, ending.runtime_ms) == ("launch", None, 0)
    for word in words:
        assert word in ending.message


def test_a_missing_program_is_looked_for_in_the_path_of_the_order_alone(scene: Scene) -> None:
    launch(supervise(scene.argv("sh", env={"PATH": "/nowhere:/nor-here"})), "sh is not found in PATH", "/nor-here")
    assert scene.said() == b""
    assert read_ending(scene.end) is not None


@pytest.mark.parametrize("path", ["", ".", ":bin", "bin"])
def test_a_folder_of_path_that_is_not_absolute_is_not_searched(scene: Scene, path: str) -> None:
    """The working directory belongs to the agent, or to whoever wrote the pull request."""
    (scene.folder / "bin").mkdir()
    for place in (scene.folder / "planted", scene.folder / "bin/planted"):
        place.write_text("#!/bin/sh\necho planted\n", encoding="utf-8")
        place.chmod(0o755)
    launch(supervise(scene.argv("planted", env={"PATH": path})), "not found in PATH")


def test_a_missing_path(scene: Scene) -> None:
    launch(supervise(scene.argv("/no/such/program")), "/no/such/program does not exist")


def write(scene: Scene, text: str, mode: int) -> str:
    path = scene.folder / "program"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


def test_a_program_that_is_not_executable(scene: Scene) -> None:
    launch(supervise(scene.argv(write(scene, "#!/bin/sh\n", 0o644))), "is not executable (chmod +x)")


def test_a_program_that_is_not_executable_in_path(scene: Scene) -> None:
    write(scene, "#!/bin/sh\n", 0o644)
    launch(supervise(scene.argv("program", env={"PATH": str(scene.folder)})), "is not executable (chmod +x)")


def test_an_interpreter_that_is_missing(scene: Scene) -> None:
    launch(supervise(scene.argv(write(scene, "#!/no/such/node -x\n", 0o755))), "first line for /no/such/node")


def test_a_text_that_is_no_script(scene: Scene) -> None:
    launch(supervise(scene.argv(write(scene, "hello\n", 0o755))), "neither a program for this machine nor a script")


def test_a_folder_as_a_program(scene: Scene) -> None:
    launch(supervise(scene.argv(str(scene.folder))), "is a folder")


def test_a_broken_link_as_a_program(scene: Scene) -> None:
    (scene.folder / "link").symlink_to("/no/such")
    launch(supervise(scene.argv(str(scene.folder / "link"))), "broken link")


@pytest.mark.parametrize(("cwd", "word"), [("/no/such", "does not exist"), ("/bin/true", "is no folder")])
def test_a_working_directory_that_is_none(scene: Scene, cwd: str, word: str) -> None:
    order = replace(scene.argv("/bin/true"), cwd=Path(cwd))
    launch(supervise(order), f"the working directory {cwd}: {word}")


@pytest.mark.parametrize("size", [131_072, 3_000_000])
def test_an_argument_that_is_too_long(scene: Scene, size: int) -> None:
    launch(supervise(scene.argv("/bin/true", "x" * size)), "too much", str(size), "standard input")


def test_a_nul_is_no_argument(scene: Scene) -> None:
    launch(supervise(scene.argv("/bin/true", "a\0b")), "holds a NUL")
    assert scene.said() == b""
    assert scene.stderr.exists()


@pytest.mark.parametrize("name", ["", "A=B"])
def test_a_name_that_no_variable_can_have(scene: Scene, name: str) -> None:
    launch(supervise(scene.argv("/bin/true", env={name: "x"})), "no name of an environment variable")


def test_an_order_for_nothing(scene: Scene) -> None:
    launch(supervise(scene.argv()), "no program is given")


@pytest.mark.parametrize("make", ["missing", "fifo", "folder", "link"])
def test_a_standard_input_that_is_no_file(scene: Scene, make: str) -> None:
    path = scene.folder / make
    match make:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to("/etc/passwd")
    launch(supervise(scene.argv("/bin/cat", stdin=path)), "standard input", str(path))


@pytest.mark.parametrize("name", ["stdout", "stderr"])
@pytest.mark.parametrize("make", ["file", "link", "dangling"])
def test_a_file_that_is_there_is_never_written_to(scene: Scene, tmp_path: Path, name: str, make: str) -> None:
    victim = tmp_path / "victim"
    path: Path = getattr(scene, name)
    match make:
        case "file":
            path.write_text("mine", encoding="utf-8")
        case "link":
            victim.write_text("mine", encoding="utf-8")
            path.symlink_to(victim)
        case "dangling":
            path.symlink_to(victim)
    ending = scene.run("tell('ran')")
    assert (ending.cause, ending.exit_code) == ("disk", None)
    assert str(path) in ending.message
    assert not (scene.folder / "ran").exists()
    assert not victim.exists() or victim.read_text(encoding="utf-8") == "mine"


def test_a_link_in_the_place_of_the_ending_is_replaced_not_followed(scene: Scene, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    scene.end.symlink_to(victim)
    assert scene.run("say('x')").exit_code == 0
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not scene.end.is_symlink()


def test_a_folder_that_is_missing_is_told(scene: Scene, tmp_path: Path) -> None:
    scene.end = tmp_path / "no/such/end.json"
    ending = scene.run("tell('ran')")
    assert ending.cause == "disk"
    assert "no/such" in ending.message
    assert not (scene.folder / "ran").exists()


def test_an_agent_that_removes_its_run_directory_is_judged_all_the_same(scene: Scene, tmp_path: Path) -> None:
    """As `git clean -fdx` does."""
    folder = tmp_path / "run"
    folder.mkdir()
    scene.stdout, scene.stderr, scene.end = folder / "out", folder / "err", folder / "end"
    ending = scene.run("import shutil; shutil.rmtree('run'); say('x'); os._exit(5)")
    assert (ending.cause, ending.exit_code) == ("exited", 5)
