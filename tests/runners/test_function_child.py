"""A Python function as a subagent: in a process of its own, with the neutral dialect as its stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from recorded import ANSWER, judged, kinds

from pytest_subagents.model.outcome import ProcessEnd
from pytest_subagents.model.scope import Scope
from pytest_subagents.runners.function_call import call_file, child_command
from pytest_subagents.vendors.reading import read_transcript

SCHEMA = json.loads(
    files("pytest_subagents.vendors.dialects").joinpath("subagents_events.schema.json").read_text(encoding="utf-8")
)
FINE = "return {'status': 'success', 'summary': 'fine', 'findings': []}"


@dataclass
class Ran:
    exit_code: int
    stream: Path
    stderr: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.read_bytes().split(b"\n") if line]

    @property
    def final(self) -> str | None:
        final = read_transcript(self.stream).final
        return final.text if final is not None else None

    def judged(self) -> tuple[str, list[str]]:
        status, reasons = judged(self.stream, ProcessEnd(exit_code=self.exit_code, stderr_tail=self.stderr))
        return status, kinds(reasons)

    @property
    def failure(self) -> str:
        _, reasons = judged(self.stream, ProcessEnd(exit_code=self.exit_code, stderr_tail=self.stderr))
        return reasons[0].message


class Project:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.rootdir = path / "repo"
        self.workspace = path / "workspace"
        self.rootdir.mkdir()
        self.workspace.mkdir()

    def write(self, name: str, text: str) -> None:
        path = self.rootdir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def body(self, *lines: str, head: str = "def review(call):") -> Ran:
        """Runs a function of these lines."""
        self.write("agents.py", "import asyncio, os, subprocess, sys, threading, time\n\n" + head + "\n")
        with (self.rootdir / "agents.py").open("a", encoding="utf-8") as file:
            file.write("".join(f"    {line}\n" for line in lines))
        return self.run("agents:review")

    def run(self, address: str, **more: Any) -> Ran:
        given: dict[str, Any] = {
            "rootdir": self.rootdir,
            "agent": "math",
            "prompt": "Review it.",
            "workspace": self.workspace,
            "session": "5f0c",
            "scope": Scope(read=("src/",), write=("src/**",)),
            "model": "a-model",
            "schema": {"type": "object"},
            "results": {"first": {"summary": "s"}},
        }
        call = self.path / "call.json"
        call.write_bytes(call_file(address=address, **{**given, **more}))
        return self.start(*child_command(call))

    def start(self, *command: str) -> Ran:
        stream = self.path / "stream.jsonl"
        with stream.open("wb") as stdout:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                cwd=self.workspace,
                env={"PATH": os.environ["PATH"]},
                check=False,
                timeout=60,
            )
        return Ran(done.returncode, stream, done.stderr.decode())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_what_it_returns_is_the_answer(project: Project) -> None:
    ran = project.body(FINE)
    assert (ran.exit_code, ran.stderr, ran.judged()) == (0, "", ("success", []))
    assert [line["type"].removeprefix("subagents.") for line in ran.lines] == ["start", "message", "end"]
    outcome = read_transcript(ran.stream)
    assert (outcome.session_id, outcome.model, outcome.cwd) == ("5f0c", "a-model", str(project.workspace))


def test_it_may_be_async(project: Project) -> None:
    ran = project.body("await asyncio.sleep(0)", FINE, head="async def review(call):")
    assert ran.judged() == ("success", [])


def test_it_is_given_all_of_its_call(project: Project) -> None:
    told = (
        "return dict(agent=call.agent, prompt=call.prompt, workspace=call.workspace, read=call.scope.read, "
        "write=call.scope.write, model=call.model, schema=call.schema, results=call.results, cwd=os.getcwd())"
    )
    assert json.loads(project.body(told).final or "") == {
        "agent": "math",
        "prompt": "Review it.",
        "workspace": str(project.workspace),
        "cwd": str(project.workspace),
        "read": ["src/"],
        "write": ["src/**"],
        "model": "a-model",
        "schema": {"type": "object"},
        "results": {"first": {"summary": "s"}},
    }


def test_what_it_tells_is_in_the_stream_and_as_the_schema_says(project: Project) -> None:
    ran = project.body(
        "e = call.emit",
        "e.message('I look.'); e.reasoning('hm')",
        "e.command_started('ls', id='1'); e.command('ls', output='a', exit_code=0, id='1')",
        "e.tool('web', arguments={'url': 'x'}, output=[1]); e.tool('write', denied=True)",
        "e.file_change('src/a.py', 'add')",
        "e.usage(input_tokens=10, cached_input_tokens=4, output_tokens=2, usd=0.1)",
        "e.usage(input_tokens=1, output_tokens=1)",
        "e.notice('slow'); e.failure('rate_limit', '429', transient=True)",
        "e.message('\\ud800 \\u2028 ü')",
        FINE,
    )
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for line in ran.lines:
        validator.validate(line)
    outcome = read_transcript(ran.stream)
    assert (outcome.unreadable, outcome.foreign, dict(outcome.events).get("Unknown")) == (0, 0, None)
    assert (outcome.usage.input_tokens, outcome.usage.output_tokens, outcome.usage.usd) == (11, 3, 0.1)
    assert [change.path for change in outcome.changes] == ["src/a.py"]
    assert ran.judged() == ("success", ["permission"])


def test_what_is_printed_does_not_spoil_the_stream(project: Project) -> None:
    ran = project.body(
        "print('one')",
        "sys.stdout.write('two\\n')",
        "os.write(1, b'three\\n')",
        "subprocess.run(['sh', '-c', 'echo four'])",
        FINE,
    )
    assert ran.judged() == ("success", [])
    assert set(ran.stderr.split()) == {"one", "two", "three", "four"}


class TestAnswers:
    @pytest.mark.parametrize(("returned", "words"), [("object()", "an object"), ("(n for n in [1])", "a generator")])
    def test_they_fail_the_run(self, project: Project, returned: str, words: str) -> None:
        ran = project.body(f"return {returned}")
        assert (ran.exit_code, ran.judged()[1][0]) == (1, "contract")
        assert words in ran.failure

    def test_an_async_generator_is_no_answer(self, project: Project) -> None:
        ran = project.body("yield 1", head="async def review(call):")
        assert "return the answer itself" in ran.failure

    def test_nothing_returned_is_no_message(self, project: Project) -> None:
        ran = project.body("pass")
        assert (ran.exit_code, ran.judged()) == (0, ("failed", ["no_message"]))

    def test_an_answer_that_breaks_the_contract(self, project: Project) -> None:
        assert project.body("return {'status': 'fine'}").judged()[1][0] == "contract"


class TestFaults:
    def test_what_it_raises_ends_the_run(self, project: Project) -> None:
        ran = project.body("call.emit.message('so far')", "raise ValueError('no such package')")
        assert (ran.exit_code, ran.judged()) == (1, ("failed", ["provider_error"]))
        assert ran.failure == "ValueError: no such package"
        assert "Traceback" in ran.stderr

    def test_it_raises_when_awaited(self, project: Project) -> None:
        ran = project.body("raise KeyError('x')", head="async def review(call):")
        assert ran.failure == "KeyError: 'x'"

    @pytest.mark.parametrize(
        ("raised", "kind"),
        [
            ("class RateLimitError(Exception): pass", "rate_limit"),
            ("class AuthenticationError(Exception): pass", "auth"),
            ("class RateLimitError(Exception): status_code = 401", "rate_limit"),
            ("class APIStatusError(Exception): status_code = 429", "rate_limit"),
            ("class APIStatusError(Exception): status_code = 500", "provider_error"),
        ],
    )
    def test_errors_of_sdks_are_known(self, project: Project, raised: str, kind: str) -> None:
        name = raised.split("(")[0].split()[1]
        ran = project.body(raised, f"raise {name}('it failed')")
        assert ran.judged() == ("failed", [kind])

    def test_it_may_say_itself_what_failed(self, project: Project) -> None:
        ran = project.body("call.emit.failure('context_limit', 'too long')", "raise RuntimeError('stop')")
        assert (ran.judged(), ran.failure) == (("failed", ["context_limit"]), "too long")

    @pytest.mark.parametrize("code", ["0", "3", "'words'"])
    def test_sys_exit_is_no_end(self, project: Project, code: str) -> None:
        ran = project.body(f"sys.exit({code})")
        assert (ran.exit_code, ran.judged()[0]) == (1, "failed")
        assert f"exit code {code.strip(chr(39))}" in ran.failure

    def test_os_exit_leaves_a_run_that_is_incomplete(self, project: Project) -> None:
        ran = project.body("call.emit.notice('off')", "os._exit(0)")
        assert ran.judged() == ("failed", ["incomplete", "no_message"])

    def test_death_by_a_signal(self, project: Project) -> None:
        ran = project.body("os.kill(os.getpid(), 9)")
        assert (ran.exit_code, ran.judged()) == (-9, ("failed", ["killed"]))

    def test_threads_left_over_hold_nothing_up(self, project: Project) -> None:
        ran = project.body(
            "def on():",
            "    while True: call.emit.notice('still here'); time.sleep(0.001)",
            "threading.Thread(target=on).start()",
            FINE,
        )
        assert (ran.exit_code, ran.judged()) == (0, ("success", []))
        assert "1 of the function's threads still ran" in ran.stderr
        assert ran.lines[-1]["type"] == "subagents.end"

    def test_many_threads_never_mix_their_lines(self, project: Project) -> None:
        ran = project.body(
            "def tell(n):",
            "    for _ in range(50): call.emit.notice(str(n) * 20_000)",
            "threads = [threading.Thread(target=tell, args=(n,)) for n in range(8)]",
            "for thread in threads: thread.start()",
            "for thread in threads: thread.join()",
            FINE,
        )
        assert ran.judged() == ("success", [])
        assert len(ran.lines) == 8 * 50 + 3

    def test_a_child_of_it_does_not_hold_the_stream_open(self, project: Project) -> None:
        ran = project.body(
            "found = subprocess.run([sys.executable, '-c', 'import os; print(os.listdir(\"/dev/fd\"))'],",
            "    capture_output=True, text=True).stdout",
            "return {'status': 'success', 'summary': found, 'findings': []}",
        )
        assert ran.judged() == ("success", [])
        assert len(json.loads(json.loads(ran.final or "")["summary"].replace("'", '"'))) <= 4


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "words"),
        [
            ("os:system", "not code of this repository"),
            ("subprocess:run", "not code of this repository"),
            ("builtins:eval", "not code of this repository"),
            ("pytest_subagents.gate:parse_gate", "not code of this repository"),
            ("agents:os.system", "not of the form"),
            ("agents", "not of the form"),
            ("agents:", "not of the form"),
            ("agents:system", "no function that is defined in"),
            ("agents:missing", "no function that is defined in"),
            ("agents:NUMBER", "no function that is defined in"),
            ("agents:nothing", "cannot be called with one argument: too many positional arguments"),
            ("agents:more", "cannot be called with one argument: missing a required argument: 'more'"),
            ("missing:review", "cannot be imported"),
            ("broken:review", "ZeroDivisionError"),
            ("leaving:review", "SystemExit"),
            ("..agents:review", "cannot be imported"),
            ("space:review", "not code of this repository"),
        ],
    )
    def test_what_is_refused_never_starts(self, project: Project, address: str, words: str) -> None:
        functions = "def nothing(): pass\ndef more(call, more): pass\n"
        project.write("agents.py", f"from os import system\nNUMBER = 3\n{functions}")
        project.write("broken.py", "1 / 0\n")
        project.write("leaving.py", "raise SystemExit(0)\n")
        (project.rootdir / "space").mkdir()
        ran = project.run(address)
        assert (ran.exit_code, ran.stream.read_bytes()) == (2, b"")
        assert words in ran.stderr
        assert ran.judged() == ("failed", ["launch"])

    def test_the_rootdir_wins_over_the_workspace_and_what_is_installed(self, project: Project) -> None:
        (project.workspace / "agents.py").write_text("raise SystemExit('the wrong one')\n", encoding="utf-8")
        (project.workspace / "json.py").write_text("raise SystemExit('the wrong one')\n", encoding="utf-8")
        assert project.body(FINE).judged() == ("success", [])

    def test_a_package_in_an_environment_below_the_rootdir_is_not_of_the_repository(self, project: Project) -> None:
        project.write(".venv/lib/site-packages/tool.py", "def run(call): pass\n")
        project.write(
            "loader.py",
            """
            import sys
            from pathlib import Path

            sys.path.append(str(Path(__file__).parent / ".venv/lib/site-packages"))
            import tool

            sys.modules["loader"] = tool
            """,
        )
        ran = project.run("loader:run")
        assert "not code of this repository" in ran.stderr

    def test_callables_of_other_kinds(self, project: Project) -> None:
        project.write(
            "agents/team.py",
            """
            import functools

            class Reviewer:
                def __call__(self, call):
                    return call.prompt

            def loud(function):
                @functools.wraps(function)
                def inner(call):
                    return function(call).upper()
                return inner

            @loud
            def wrapped(call):
                return call.prompt

            reviewer = Reviewer()
            """,
        )
        assert project.run("agents.team:reviewer").final == "Review it."
        assert project.run("agents.team:wrapped").final == "REVIEW IT."

    def test_a_call_file_that_is_none(self, project: Project) -> None:
        call = project.path / "call.json"
        call.write_text("{}", encoding="utf-8")
        for command in (child_command(call), child_command(call)[:-1], child_command(project.path / "none")):
            ran = project.start(*command)
            assert (ran.exit_code, ran.stream.read_bytes()) == (2, b"")
            assert ran.stderr.startswith("subagents: error: ")
        assert sys.executable == child_command(call)[0]


def test_the_answer_of_the_other_tests_is_one() -> None:
    assert json.loads(ANSWER) == eval(FINE.removeprefix("return "))
