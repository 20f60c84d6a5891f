"""A scripted agent as a real program: as `command`, in place of a vendor's, and with everything that can go wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from recorded import ANSWER, judged, kinds

from pytest_subagents.model.outcome import ProcessEnd
from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import (
    Answer,
    Change,
    Daemonise,
    Die,
    Exit,
    Fail,
    Flood,
    Hang,
    IgnoreTerm,
    LongLine,
    Orphan,
    Raw,
    Relaunch,
    Run,
    Say,
    Start,
    Step,
    UnendedLine,
    WaitFor,
)
from pytest_subagents.vendors.programs.registry import program
from pytest_subagents.vendors.reading import read_transcript

Made = Callable[..., ScriptedAgent]


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Made]:
    """Makes agents; what they leave behind is ended after the test."""
    made: list[ScriptedAgent] = []

    def make(*steps: Step, **more: Any) -> ScriptedAgent:
        made.append(ScriptedAgent(tmp_path / f"agent {len(made)}", *steps, **more))
        return made[-1]

    yield make
    for one in made:
        for call in one.calls():
            for pid in call.left:
                if psutil.pid_exists(pid):
                    os.kill(pid, signal.SIGKILL)


def run(program: Path, *arguments: str, prompt: str = "Review it.", **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [program, *arguments], input=prompt.encode(), capture_output=True, check=False, timeout=60, **more
    )


def start(program: Path, **more: Any) -> subprocess.Popen[bytes]:
    """Waits for the first line."""
    process = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **more)
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def ended(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> int:
    process.send_signal(number)
    process.communicate(timeout=60)
    return process.returncode


def at(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "stream.jsonl"
    path.write_bytes(data)
    return path


class TestWhatItIsAsked:
    def test_it_notes_all_that_it_got(self, agent: Made, tmp_path: Path) -> None:
        one = agent(Answer(ANSWER))
        run(one.executable, "--flag", "a b", "--", "-", cwd=tmp_path, env={"KEY": "ü", "PATH": "/nowhere"})
        (call,) = one.calls()
        assert (call.name, call.arguments, call.cwd) == ("agent", ("--flag", "a b", "--", "-"), tmp_path)
        assert (call.prompt, call.script, call.left) == ("Review it.", 0, ())
        assert call.environment.items() >= {"KEY": "ü", "PATH": "/nowhere"}.items()

    @pytest.mark.parametrize(
        ("name", "arguments", "prompt"),
        [
            ("codex", ("exec", "--json", "-s", "read-only", "--", "do it"), "do it"),
            ("codex", ("exec", "--json", "do it"), "do it"),
            ("claude", ("-p", "do it", "--output-format", "stream-json", "--verbose"), "do it"),
            ("gemini", ("--output-format", "stream-json", "-p", "do it"), "do it"),
            ("opencode", ("run", "--format", "json", "-m", "p/m", "do it"), "do it"),
            ("claude", ("-p", "--output-format", "stream-json", "--verbose"), ""),
        ],
    )
    def test_the_prompt_may_be_an_argument(
        self, agent: Made, tmp_path: Path, name: str, arguments: tuple[str, ...], prompt: str
    ) -> None:
        one = agent(Answer(ANSWER))
        run(one.install_as(name, tmp_path / "bin"), *arguments, prompt="")
        assert one.calls()[0].prompt == prompt

    def test_or_the_file_of_the_vendor_command(self, agent: Made, tmp_path: Path) -> None:
        one = agent(Answer(ANSWER))
        (tmp_path / "prompt.md").write_text("do\nit", encoding="utf-8")
        executable, placeholder = one.command
        assert placeholder == "{prompt_file}"
        run(Path(executable), str(tmp_path / "prompt.md"), prompt="")
        assert one.calls()[0].prompt == "do\nit"

    def test_it_puts_its_answer_where_it_is_asked_to(self, agent: Made, tmp_path: Path) -> None:
        one = agent(Answer({"a": 1}))
        wanted = [word.format(prompt_file="p", output_file=tmp_path / "out") for word in one.answering_command]
        run(Path(wanted[0]), *wanted[1:])
        assert (tmp_path / "out").read_text(encoding="utf-8") == '{"a": 1}'
        run(one.install_as("codex", tmp_path / "bin"), "exec", "-o", str(tmp_path / "other"))
        assert (tmp_path / "other").exists()

    @pytest.mark.parametrize("name", ["codex", "claude", "gemini", "opencode"])
    def test_it_stands_in_for_a_vendors_program(self, agent: Made, tmp_path: Path, name: str) -> None:
        one = agent(Answer(ANSWER))
        installed = one.install_as(name, tmp_path / "bin")
        assert installed == tmp_path / "bin" / name
        vendor = program(name)
        version = run(installed, *(vendor.version_arguments or ())).stdout.decode()
        numbers = "".join(letter if letter.isdigit() else " " for letter in version).split()
        assert tuple(map(int, numbers)) >= (vendor.oldest or ())
        assert one.calls() == ()
        done = run(installed, "--session-id", "a-session", "--model=a-model", "--whatever")
        outcome = read_transcript(at(tmp_path, done.stdout))
        assert (done.returncode, outcome.vendor) == (0, name)
        assert judged(at(tmp_path, done.stdout))[0] == "success"
        if name in ("claude", "gemini"):
            assert (outcome.session_id, outcome.model) == ("a-session", "a-model")

    def test_another_version_or_dialect(self, agent: Made, tmp_path: Path) -> None:
        one = agent(Answer(ANSWER), dialect="claude_stream", versions={"codex": "codex-cli 0.1.0"})
        installed = one.install_as("codex", tmp_path / "bin")
        assert run(installed, "--version").stdout == b"codex-cli 0.1.0\n"
        assert read_transcript(at(tmp_path, run(installed).stdout)).vendor == "claude"

    def test_mistakes_are_told_when_it_is_made(self, agent: Made, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="known are claude_stream"):
            agent(dialect="klingon")
        with pytest.raises(ValueError, match="not both"):
            agent(Start(), scripts=(Script(steps=()),))
        with pytest.raises(ValueError, match="between Say and Answer"):
            agent(Say("I look."), Answer(ANSWER)).install_as("gemini", tmp_path / "bin")


class TestScripts:
    def test_a_prompt_chooses_its_script(self, agent: Made) -> None:
        scripts = (Script(prompt_has="math", steps=(Answer("1"),)), Script(steps=(Answer("2"),)))
        one = agent(scripts=scripts)
        assert b'"1"' in run(one.executable, prompt="the math package").stdout
        assert b'"2"' in run(one.executable, prompt="another").stdout
        assert [call.script for call in one.calls()] == [0, 1]

    def test_a_script_may_be_played_a_number_of_times(self, agent: Made) -> None:
        one = agent(scripts=(Script(times=2, steps=(Fail("rate_limit"),)), Script(times=1, steps=(Answer(ANSWER),))))
        assert [run(one.executable).returncode for _ in range(4)] == [1, 1, 0, 70]
        assert [call.script for call in one.calls()] == [0, 0, 1, -1]

    def test_several_at_once_are_counted_right(self, agent: Made) -> None:
        one = agent(scripts=(Script(times=3, steps=(Exit(3),)), Script(steps=(Exit(4),))))
        running = [subprocess.Popen([one.executable], stdin=subprocess.DEVNULL) for _ in range(8)]
        assert sorted(process.wait(60) for process in running) == [3, 3, 3, 4, 4, 4, 4, 4]
        assert len(one.calls()) == 8


class TestDeeds:
    def test_commands_run_really_where_asked(self, agent: Made, tmp_path: Path) -> None:
        one = agent(
            Run("echo out; echo err >&2; exit 3", really=True), Run("rm -rf .", output="pretended"), Answer("x")
        )
        lines = [json.loads(line) for line in run(one.executable, cwd=tmp_path).stdout.split(b"\n")[1:-1]]
        assert [line.get("output") for line in lines[:4]] == [None, "out\nerr\n", None, "pretended"]
        assert (lines[1]["exit_code"], lines[3]["exit_code"]) == (3, 0)

    def test_files_are_written_and_told(self, agent: Made, tmp_path: Path) -> None:
        (tmp_path / "old.py").write_text("old", encoding="utf-8")
        (tmp_path / "gone.py").write_text("gone", encoding="utf-8")
        one = agent(
            Change("src/new.py", "a\r\n"),
            Change("old.py", "b"),
            Change("gone.py", None),
            Change("secret.py", "c", told=False),
            Change("lie.py", "d", really=False),
            Answer(ANSWER),
        )
        told = read_transcript(at(tmp_path, run(one.executable, cwd=tmp_path).stdout)).changes
        assert {change.path: change.kind for change in told} == {
            "src/new.py": "add",
            "old.py": "update",
            "gone.py": "delete",
            "lie.py": "update",
        }
        assert (tmp_path / "src/new.py").read_bytes() == b"a\r\n"
        assert [name for name in ("old.py", "gone.py", "secret.py", "lie.py") if (tmp_path / name).exists()] == [
            "old.py",
            "secret.py",
        ]

    @pytest.mark.parametrize(
        ("step", "size"),
        [(Flood(200_001), 200_001), (LongLine(100_000), 100_000), (UnendedLine(70_000), 70_000), (Raw("ü\n"), 3)],
    )
    def test_floods_and_long_lines(self, agent: Made, step: Step, size: int) -> None:
        said = run(agent(step).executable).stdout
        assert len(said) == size
        assert said.endswith(b"\n") == (not isinstance(step, Flood | UnendedLine))
        assert not said.startswith(b"{")

    def test_a_long_line_that_speaks(self, agent: Made, tmp_path: Path) -> None:
        said = run(agent(LongLine(3_000_000, speaks=True), Answer(ANSWER)).executable).stdout
        assert max(map(len, said.split(b"\n"))) > 3_000_000
        assert judged(at(tmp_path, said))[0] == "success"

    def test_standard_error_alone(self, agent: Made) -> None:
        done = run(agent(Raw("oh no\n", to="stderr"), Flood(100, to="stderr"), Exit(2)).executable)
        assert (done.returncode, done.stdout, done.stderr[:6], len(done.stderr)) == (2, b"", b"oh no\n", 106)

    @pytest.mark.parametrize(("step", "code"), [(Exit(7), 7), (Die(), -9), (Die("TERM"), -15), (Fail("auth"), 1)])
    def test_ends(self, agent: Made, step: Step, code: int) -> None:
        done = run(agent(Start(), step).executable)
        assert (done.returncode, done.stdout != b"") == (code, True)

    def test_gemini_exits_as_the_http_status_modulo_256(self, agent: Made, tmp_path: Path) -> None:
        installed = agent(Fail("rate_limit")).install_as("gemini", tmp_path / "bin")
        done = run(installed)
        status, reasons = judged(at(tmp_path, done.stdout), ProcessEnd(exit_code=done.returncode))
        assert (done.returncode, status, kinds(reasons)) == (173, "failed", ["rate_limit"])


class TestProcesses:
    def test_it_hangs_until_it_is_killed(self, agent: Made) -> None:
        process = start(agent(Start(), Hang()).executable)
        assert process.poll() is None
        assert ended(process, signal.SIGTERM) == -signal.SIGTERM

    def test_it_waits_for_a_file(self, agent: Made, tmp_path: Path) -> None:
        process = start(agent(Start(), WaitFor(str(tmp_path / "go")), Exit(5)).executable)
        assert process.poll() is None
        (tmp_path / "go").touch()
        assert process.wait(60) == 5
        process.communicate()

    def test_it_ignores_term(self, agent: Made, tmp_path: Path) -> None:
        ready = tmp_path / "go"
        process = start(agent(IgnoreTerm(), Start(), WaitFor(str(ready)), Exit(6)).executable)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        ready.touch()
        assert process.wait(60) == 6
        process.communicate()

    def test_a_daemon_lives_on_in_its_own_session_without_the_pipe(self, agent: Made) -> None:
        one = agent(Daemonise(), Answer(ANSWER))
        assert run(one.executable).returncode == 0  # the reader came to the end of the pipe
        (pid,) = one.calls()[0].left
        assert psutil.Process(pid).is_running()
        assert os.getsid(pid) != os.getsid(0)

    def test_an_orphan_holds_the_pipe(self, agent: Made) -> None:
        one = agent(Orphan(), Answer(ANSWER))
        process = start(one.executable, start_new_session=True)
        assert process.wait(60) == 0
        (pid,) = one.calls()[0].left
        assert os.getsid(pid) == process.pid
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=0.01)
        os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=60)

    def test_what_is_left_may_ignore_term(self, agent: Made) -> None:
        one = agent(Daemonise(ignores_term=True), Exit(0))
        run(one.executable)
        process = psutil.Process(one.calls()[0].left[0])
        process.terminate()
        assert process.is_running()
        process.kill()

    def test_a_launcher_that_is_killed_leaves_the_agent_behind(self, agent: Made) -> None:
        one = agent(Relaunch(), Start(), Hang())
        process = start(one.executable)
        (child,) = one.calls()[0].left
        process.kill()
        assert process.wait(60) == -9
        assert psutil.pid_exists(child)
        os.kill(child, signal.SIGKILL)
        process.communicate(timeout=60)

    def test_a_launcher_ends_as_the_agent_does(self, agent: Made) -> None:
        assert run(agent(Relaunch(), Exit(9)).executable).returncode == 9
        assert run(agent(Relaunch(), Die("KILL")).executable).returncode == 137


def test_it_needs_nothing_but_the_standard_library_and_no_path(agent: Made, tmp_path: Path) -> None:
    one = agent(Say("x"), Run("true"), Answer(ANSWER), dialect="codex_exec")
    assert run(one.executable, env={}, cwd=tmp_path).returncode == 0
    loaded = "import sys; sys.path.insert(0, sys.argv[1])\nimport pytest_subagents.testing.scripted.play as play\n"
    check = f"{loaded}print([name for name in sys.modules if name.split('.')[0] not in sys.stdlib_module_names])"
    import pytest_subagents

    root = str(Path(pytest_subagents.__file__).parent.parent)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", check, root], capture_output=True, text=True, check=True)
    assert all(name.startswith(("pytest_subagents", "__main__")) for name in json.loads(done.stdout.replace("'", '"')))


def test_it_says_so_where_its_folder_is_taken(agent: Made, tmp_path: Path) -> None:
    ScriptedAgent(tmp_path / "one", Start())
    with pytest.raises(FileExistsError):
        ScriptedAgent(tmp_path / "one", Start())
