"""The `subagents` command, as a person uses it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from builders import a_planned, a_report, a_result
from click.testing import CliRunner, Result
from golden_reports import FOLDER, the_report
from hostile_report import a_hostile_report

from pytest_subagents.cli.main import ADDRESSES, commands
from pytest_subagents.model.report import Report
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.terminal_text import summary_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder in which pytest has left a report."""

    folder: Path

    def leaves(self, report: Report, path: str = "artifacts/subagents/report.json") -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(JsonReport().render(report), encoding="utf-8")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands, list(words), prog_name="subagents")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    found = Place(folder=tmp_path)
    found.leaves(the_report())
    return found


def failed(result: Result, exit_code: int, *lines: str) -> None:
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert result.stderr == "\n".join(lines) + "\n"


@pytest.mark.parametrize("agent", ["app", "subagents.yaml::app"])
def test_show_tells_a_row_in_full(place: Place, agent: str) -> None:
    result = place.run("show", agent)
    assert result.exit_code == 0
    assert result.stdout == (FOLDER / "show.txt").read_text(encoding="utf-8").partition("\n\n\n")[0] + "\n"


def test_show_reads_another_report(place: Place) -> None:
    place.leaves(a_report(a_result("elsewhere")), "out/other.json")
    assert place.run("show", "elsewhere", "--report", "out/other.json").stdout.startswith("elsewhere: success\n")


def test_an_unknown_agent_is_told_with_the_nearest(place: Place) -> None:
    failed(place.run("show", "mth"), 4, "show: no subagent is called 'mth'", "  hint: did you mean: math")
    failed(
        place.run("show", "zzz"),
        4,
        "show: no subagent is called 'zzz'",
        "  hint: known: app, element, known-bad, math, release",
    )


def test_of_very_many_agents_the_first_are_told(place: Place) -> None:
    place.leaves(a_report(*(a_result(f"s{number:04}") for number in range(1_000))))
    assert place.run("show", "-").stderr.endswith("s0008, s0009 and 990 more\n")


def test_an_id_that_two_have_is_told_with_their_node_ids(place: Place) -> None:
    twins = [a_result(planned=a_planned("math", nodeid=f"{file}.yaml::math")) for file in "ab"]
    place.leaves(a_report(*twins))
    failed(
        place.run("show", "math"),
        4,
        "show: 2 subagents are called 'math'",
        "  hint: name one by its node id: a.yaml::math, b.yaml::math",
    )
    assert place.run("show", "b.yaml::math").exit_code == 0


@pytest.mark.parametrize("id", ["app", "a b", "-x", "a\n\x1b[31m", "it's", "~", "$HOME", "\u202e", "\\x1b"])
def test_the_command_that_the_summary_prints_works_when_it_is_pasted(place: Place, id: str) -> None:
    report = a_report(a_result(id, kind="auth"))
    path = "it's here/report.json"
    place.leaves(report, path)
    (line,) = [line.text for line in summary_lines(report, written=[path]) if line.text.startswith(" More")]
    pasted = (
        line.removeprefix(" More").strip().replace("subagents", f"{sys.executable} -m pytest_subagents.cli.main", 1)
    )
    done = subprocess.run(["/bin/sh", "-c", pasted], capture_output=True, text=True, check=True, env=_environment())
    assert ": failed\n  node id" in done.stdout


def test_report_tells_what_pytest_told(place: Place) -> None:
    expected = "\n".join(line.text for line in summary_lines(the_report(), written=["artifacts/subagents/report.json"]))
    for words in (["report"], ["report", "text"]):
        assert place.run(*words).stdout == expected + "\n"


@pytest.mark.parametrize("format", ["json", "md"])
def test_report_renders_the_stored_report_in_a_format(place: Place, format: str) -> None:
    golden = (FOLDER / f"report.{format}").read_bytes()
    assert place.run("report", format).stdout_bytes == golden
    assert place.run("report", "-o", f"new/folder/x.{format}").output == ""
    assert (place.folder / f"new/folder/x.{format}").read_bytes() == golden
    place.leaves(a_report(a_result("other")), "other.json")
    assert b"other" in place.run("report", format, "--from", "other.json").stdout_bytes


def test_report_refuses_what_it_cannot_do(place: Place) -> None:
    failed(
        place.run("report", "xml"), 4, "report: no format is called 'xml'", "  hint: use one of: html, json, md, text"
    )
    failed(
        place.run("report", "md", "-o", "x.md"),
        4,
        "report: a format and an output file are given",
        "  hint: the suffix of the file is its format",
    )
    failed(
        place.run("report", "-o", "x.zip"),
        4,
        "x.zip: no report format has the suffix '.zip'",
        "  hint: use one of: .html, .json, .md",
    )
    failed(
        place.run("report", "-o", "artifacts/subagents/report.json/x.md"),
        4,
        "artifacts/subagents/report.json/x.md: the report cannot be written: it is a link or no folder "
        "(artifacts/subagents/report.json)",
        "  hint: name another path",
    )


@pytest.mark.parametrize("words", [["show", "app"], ["report"], ["report", "md"], ["report", "-o", "x.md"]])
def test_without_a_report_the_command_says_how_to_get_one(place: Place, words: list[str]) -> None:
    (place.folder / "artifacts/subagents/report.json").unlink()
    path = "artifacts/subagents/report.json"
    hint = "  hint: run `pytest --subagents` first, or name a report.json"
    failed(place.run(*words), 4, f"{path}: there is no report", hint)


def test_what_is_no_report_is_told_in_a_line(place: Place) -> None:
    (place.folder / "x.json").write_text('{"format": "junit"}', encoding="utf-8")
    os.mkfifo(place.folder / "fifo")
    hint = "  hint: its 'format' must be 'pytest-subagents/report'"
    failed(place.run("report", "--from", "x.json"), 4, "x.json: it is no report of pytest-subagents", hint)
    for path in ("fifo", ".", "/dev/zero"):
        failed(place.run("report", "--from", path), 4, f"{path}: it is no file")
    failed(place.run("report", "--from", "x" * 300), 4, f"{'x' * 300}: it cannot be read: File name too long")
    failed(place.run("report", "--from", "a\0"), 4, r"a\x00: it cannot be read: embedded null byte")


@pytest.mark.parametrize(
    ("name", "package", "path"),
    [
        ("events", "pytest_subagents.vendors.dialects", "subagents_events.schema.json"),
        ("event", "pytest_subagents.reports", "event.schema.json"),
        ("workflow", "pytest_subagents.specify", "workflow.schema.json"),
        ("report", "pytest_subagents.reports", "report.schema.json"),
        ("result", "pytest_subagents.contract", "schemas/result.json"),
    ],
)
def test_schema_prints_what_the_package_ships(place: Place, name: str, package: str, path: str) -> None:
    result = place.run("schema", name)
    assert result.exit_code == 0
    assert result.stdout_bytes == files(package).joinpath(path).read_bytes()
    assert json.loads(result.stdout)["type"] == "object"


def test_schema_is_that_of_workflow_files_unless_it_is_named(place: Place) -> None:
    assert place.run("schema").stdout == place.run("schema", "workflow").stdout


@pytest.mark.parametrize("words", [["shw"], ["schema", "yaml"], ["show"], ["report", "--nope"]])
def test_a_bad_argument_exits_4_as_it_does_with_pytest(place: Place, words: list[str]) -> None:
    result = place.run(*words)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "Usage: subagents" in result.stderr


def test_a_bad_argument_is_escaped_too(place: Place) -> None:
    for words in (
        ["\x1b[2J"],
        ["show", "\x1b[2J"],
        ["report", "\x1b[2J"],
        ["report", "--from", "\x1b[2J"],
        ["--\x1b[2J"],
        ["show"],
    ):
        assert "\x1b" not in place.run(*words).stderr


def test_help_lists_every_subcommand(place: Place) -> None:
    for words in ([], ["--help"], ["-h"]):
        result = place.run(*words)
        assert result.exit_code == 0
        assert [line.split()[0] for line in result.stdout.partition("Commands:\n")[2].splitlines()] == sorted(ADDRESSES)


def test_nothing_of_an_agent_reaches_a_terminal_as_it_is(place: Place) -> None:
    place.leaves(a_hostile_report("\x1b]0;owned\x07\u202e\n::error::x"))
    for words in (
        ["report"],
        ["report", "md"],
        ["report", "json"],
        ["show", "failed \\x1b]0;owned\\x07\\u202e\\n::error::x"],
    ):
        result = place.run(*words)
        assert result.exit_code == 0
        assert not set(result.stdout) & {"\x1b", "\x07", "\u202e"}
        assert not [line for line in result.stdout.split("\n") if line.strip().startswith("::")]


def _environment(**variables: str) -> dict[str, str]:
    root = str(Path(__file__).parent.parent.parent)
    return {"PATH": os.environ["PATH"], "PYTHONPATH": root, "TERM": "xterm", **variables}


def _program(*words: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "pytest_subagents.cli.main", *words]


@pytest.mark.parametrize(
    ("words", "exit_code"), [(["show", "app"], 0), (["show", "nobody"], 4), (["nothing"], 4), ([], 0)]
)
def test_the_program_exits_as_it_says_and_without_a_traceback(place: Place, words: list[str], exit_code: int) -> None:
    done = subprocess.run(_program(*words), capture_output=True, text=True, check=False, env=_environment())
    assert done.returncode == exit_code
    assert bool(done.stdout) is (exit_code == 0)
    assert bool(done.stderr) is (exit_code != 0)
    assert "Traceback" not in done.stderr


def test_a_terminal_with_few_letters_gets_escapes(place: Place) -> None:
    place.leaves(a_report(a_result("green", summary="grün 你")))
    environment = _environment(PYTHONIOENCODING="latin-1")
    done = subprocess.run(_program("show", "green"), capture_output=True, check=True, env=environment)
    assert "summary     grün \\u4f60".encode("latin-1") in done.stdout
    raw = subprocess.run(_program("report", "json"), capture_output=True, check=True, env=environment)
    assert raw.stdout == (place.folder / "artifacts/subagents/report.json").read_bytes()


def test_a_reader_that_goes_away_ends_it_quietly(place: Place) -> None:
    place.leaves(a_report(*(a_result(f"s{number}", summary="x" * 1000) for number in range(500))))
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        _program("report", "json"), stdout=writer, stderr=subprocess.PIPE, check=False, env=_environment()
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_full_disk_is_told_in_a_line(place: Place) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            _program("schema", "report"), stdout=full, stderr=subprocess.PIPE, check=False, env=_environment()
        )
    assert done.returncode == 1
    assert done.stderr == b"subagents: [Errno 28] No space left on device\n"


def _on_a_terminal(words: list[str], **variables: str) -> bytes:
    """What the program writes where its standard output is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        _program(*words), stdin=theirs, stdout=theirs, stderr=theirs, env=_environment(**variables)
    ) as done:
        os.close(theirs)
        written = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux: the other side is closed
                break
            if not chunk:
                break
            written += chunk
    os.close(ours)
    assert done.returncode == 0
    return written


def test_colour_is_for_terminals_and_can_be_switched_off(place: Place) -> None:
    assert b"\x1b[31mapp: failed\x1b[0m" in _on_a_terminal(["show", "app"])
    assert b"\x1b" not in _on_a_terminal(["show", "app"], NO_COLOR="1")
    assert b"\x1b" not in _on_a_terminal(["show", "app"], TERM="dumb")
    assert b"\x1b" in _on_a_terminal(["show", "app"], NO_COLOR="")


def test_it_imports_no_pytest_and_only_the_subcommand_that_runs(place: Place) -> None:
    code = (
        "import sys\n"
        "from pytest_subagents.cli.main import commands\n"
        "commands(['show', 'app'], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    loaded = set(done.stderr.split())
    assert "pytest_subagents.cli.show" in loaded
    ours = {name for name in loaded if name.startswith("pytest_subagents.")}
    assert not loaded & {"pytest", "jsonschema", "yaml"}
    assert not {name for name in ours if name.startswith(("pytest_subagents.glue", "pytest_subagents.cli.report"))}
