"""`subagents logs`: what a subagent said, from a run that goes on, one that is over, or its recording."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hostile_report import payloads
from progress_cases import a_run, an_agent, ended
from screens import environment

from pytest_subagents.cli.main import commands
from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.reports.escape import terminal
from pytest_subagents.transcript.run_directory import RunDirectory

NOON = datetime(2025, 1, 2, 12, tzinfo=UTC)
WORKFLOW = """\
workflow: {name: team}
agents:
  - {id: math, instructions: Look.}
  - {id: best, instructions: Look., attempts: 2}
"""


def a_stream(*, text: str = "Fine.") -> bytes:
    events = (
        {"type": "subagents.start", "format": 1, "model": "m"},
        {"type": "subagents.command", "command": "pytest -q", "exit_code": 1, "output": "one\ntwo\n"},
        {"type": "subagents.message", "text": text},
        {"type": "subagents.end", "ok": True},
    )
    return "".join(json.dumps(event) + "\n" for event in events).encode()


STEPS = [
    "     1  session  m",
    "     2  ran      exit code 1: pytest -q",
    "                 one",
    "                 two",
    "     3  said     Fine.",
    "     4  ended    well",
]


class Place:
    """A project with a workflow file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "subagents.yaml").write_text(WORKFLOW)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands, ["logs", *words], prog_name="subagents")

    def begin(self, *agents: AgentProgress) -> RunDirectory:
        run = RunDirectory.create(self.folder / ".subagents", below=self.folder, started=NOON)
        run.write_json("status.json", a_run(*(agents or (ended("math", "success"),))))
        return run

    def leave(self, *agents: AgentProgress, stream: bytes = b"", stderr: bytes = b"") -> RunDirectory:
        run = self.begin(*agents)
        for agent in agents or (ended("math", "success"),):
            folder = run.agent_folder(agent.nodeid)
            (folder / "stream.jsonl").write_bytes(stream or a_stream())
            (folder / "stderr.log").write_bytes(stderr)
        run.release()
        return run

    def record(self, path: str, stream: bytes, stderr: str = "") -> None:
        file = self.folder / "recordings/team" / f"{path}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(stream)
        file.with_suffix("").with_suffix(".meta.json").write_text(json.dumps({"exit_code": 0, "stderr_tail": stderr}))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUBAGENTS_RUN_DIR", raising=False)
    return Place(tmp_path)


def told(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def failed(result: Result, *said: str) -> None:
    assert (result.exit_code, result.stdout) == (4, "")
    assert all(words in result.stderr for words in said), result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["math", "subagents.yaml::math"])
def test_the_steps_of_the_last_run_are_told_and_where_they_are_from(place: Place, name: str) -> None:
    run = place.leave()
    result = place.run(name)
    assert told(result) == STEPS
    assert result.stderr == f"from .subagents/runs/{run.name}/subagents.yaml%3a%3amath/stream.jsonl\n"


def test_into_a_pipe_raw_is_every_byte_and_standard_error_is_another_file(place: Place) -> None:
    odd = b'{"type": "x"}\r\n\xff\x1b[31m\x00\nno line end'
    place.leave(stream=odd, stderr=b"warn\x1b[2J\xff\n")
    assert place.run("math", "--raw").stdout_bytes == odd
    assert place.run("math", "--raw", "--stderr").stdout_bytes == b"warn\x1b[2J\xff\n"
    assert told(place.run("math", "--stderr")) == ["warn\\x1b[2J\ufffd"]


def test_all_tries_are_told_and_the_last_one_is_the_raw_stream(place: Place) -> None:
    run = place.begin(ended("math", "failed"))
    folder = run.agent_folder("subagents.yaml::math")
    (folder / "stream.jsonl").write_bytes(a_stream(text="first"))
    (folder / "retry-1").mkdir()
    (folder / "retry-1/stream.jsonl").write_bytes(a_stream(text="second"))
    run.release()
    result = place.run("math")
    assert [line for line in told(result) if "said" in line] == ["     3  said     first", "     3  said     second"]
    assert result.stderr.splitlines()[1].endswith("/retry-1/stream.jsonl (try 2 of 2)")
    assert place.run("math", "--raw").stdout_bytes == a_stream(text="second")


def test_one_of_several_runs_is_named_by_its_number(place: Place) -> None:
    place.leave(ended("best[1]", "success"), ended("best[2]", "success"))
    failed(place.run("best"), "logs: 2 are called 'best' in this run\n  hint: name one: best[1], best[2]\n")
    assert told(place.run("best[2]")) == STEPS
    place.record("best/2", a_stream(text="kept"))
    assert "     3  said     kept" in told(place.run("best[2]", "--recorded"))
    failed(place.run("best", "--recorded"), "best runs 2 times", "best[1] … best[2]")


def test_without_a_run_it_is_the_recording(place: Place) -> None:
    failed(place.run("math"), "nothing is kept of 'math'", "--subagents-mode=once")
    place.record("math", a_stream(), stderr="the end\x1b[31m")
    result = place.run("math")
    assert told(result) == STEPS
    assert result.stderr == "from recordings/team/math.jsonl (its recording)\n"
    assert told(place.run("math", "--stderr")) == ["the end\\x1b[31m"]
    assert told(place.run("recordings/team/math.jsonl")) == STEPS
    place.leave(stream=a_stream(text="newer"))
    assert "     3  said     newer" in told(place.run("math"))
    assert told(place.run("math", "--recorded")) == STEPS


def test_what_is_no_protocol_is_told_as_text(place: Place) -> None:
    place.leave(stream=b"warming up\n" + a_stream() + b'{"foreign": 1}\nhalf a li')
    lines = told(place.run("math"))
    assert lines[0] == "     1  text     warming up"
    assert lines[-2:] == ['     6  text     {"foreign": 1}', "     7  text     half a li"]
    prefixed = b"".join(b"2025-01-02 12:00:00 INFO " + line for line in a_stream().splitlines(keepends=True))
    place.leave(stream=prefixed)
    assert "     3  said     Fine." in told(place.run("math"))


def test_nothing_in_a_stream_is_obeyed(place: Place) -> None:
    start, command, _, end = a_stream().splitlines(keepends=True)
    stream, stderr = start, b""
    for payload in payloads().values():
        data = payload.encode("utf-8", "surrogatepass")
        stream += command + json.dumps({"type": "subagents.message", "text": payload}).encode() + b"\n" + data + b"\n"
        stderr += data + b"\n"
    place.leave(stream=stream + end, stderr=stderr)
    for words in ((), ("--full",), ("--stderr",)):
        result = place.run("math", *words)
        assert result.exit_code == 0
        assert terminal(result.stdout, multiline=True) == result.stdout
        assert words == ("--stderr",) or len(re.findall(r"^ +[0-9]+  ran   ", result.stdout, re.M)) == len(payloads())


def test_mistakes_say_what_to_type(place: Place) -> None:
    failed(place.run("mth"), "logs: no workflow file declares 'mth'\n  hint: did you mean: math\n")
    run = place.leave()
    failed(place.run("math", "--run", run.name[:-1]), "there is no run", f"did you mean: {run.name}")
    failed(place.run("best[1]", "--run", run.name), "'best[1]' was not started in the run")
    failed(place.run("math", "--recorded", "--follow"), "--recorded is for what is over")
    failed(place.run("nope.jsonl"), "nope.jsonl")
    assert told(place.run("math", "--run", run.name)) == STEPS


def test_a_stream_is_told_although_the_status_of_its_run_is_damaged(place: Place) -> None:
    run = place.leave()
    (run.path / "status.json").write_text('{"version": 9}')
    assert told(place.run("math")) == STEPS
    failed(place.run("best[1]"), "nothing is kept of 'best[1]'")


def test_a_link_is_not_followed(place: Place) -> None:
    secret = place.folder / "secret"
    secret.write_text("secret\n")
    run = place.begin()
    (run.agent_folder("subagents.yaml::math") / "stream.jsonl").symlink_to(secret)
    run.release()
    failed(place.run("math"), "it cannot be read")
    (place.folder / "recordings/team").mkdir(parents=True)
    (place.folder / "recordings/team/math.jsonl").symlink_to(secret)
    failed(place.run("math", "--recorded"), "it cannot be read")


def follow(place: Place, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest_subagents.cli.main", "logs", "math", "--follow", *words],
        cwd=place.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_that_goes_on_is_followed_from_before_its_start_through_a_retry_to_its_end(place: Place) -> None:
    run = place.begin(an_agent("math", "waiting"))
    folder = run.path / "subagents.yaml%3a%3amath"
    with follow(place) as process:
        assert process.stdout is not None
        run.agent_folder("subagents.yaml::math")
        first, *others = a_stream().splitlines(keepends=True)
        with (folder / "stream.jsonl").open("wb", buffering=0) as stream:
            stream.write(first + others[0][:10])
            assert process.stdout.readline() == STEPS[0] + "\n"
            stream.write(others[0][10:])
            assert [process.stdout.readline() for _ in range(3)] == [f"{line}\n" for line in STEPS[1:4]]
        (folder / "retry-1").mkdir()
        (folder / "retry-1/stream.jsonl").write_bytes(a_stream(text="again"))
        assert process.stdout.readline() == STEPS[0] + "\n"
        (folder / "result.json").write_text("{}")
        assert process.stderr is not None
        rest, said = process.stdout.read(), process.stderr.read()
        assert rest.splitlines()[-2:] == ["     3  said     again", "     4  ended    well"]
        assert said.splitlines()[1].endswith("retry-1/stream.jsonl (try 2)")
        assert process.wait() == 0
    run.release()


def test_following_ends_with_a_run_that_was_killed_and_before_one_that_never_started(place: Place) -> None:
    run = place.begin(an_agent("math"))
    (run.agent_folder("subagents.yaml::math") / "stream.jsonl").write_bytes(b"bytes\n")
    with follow(place, "--raw") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "bytes\n"
        assert run.lock is not None
        os.close(run.lock)  # as its process's death would
        assert process.stdout.read() == ""
        assert process.wait() == 0
    over = place.begin(an_agent("math", "waiting"))
    over.release()
    result = place.run("math", "--follow")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "it was not started\n")


def test_a_person_may_stop_looking(place: Place) -> None:
    run = place.begin(an_agent("math"))
    (run.agent_folder("subagents.yaml::math") / "stream.jsonl").write_bytes(a_stream().splitlines(keepends=True)[0])
    with follow(place) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == STEPS[0] + "\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    run.release()
