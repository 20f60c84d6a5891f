"""`subagents import`, as a person uses it: what is written where, what is told, and the exit code."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from recorded import RECORDINGS, judged, kinds, process_of
from team import as_jsonl, codex_lines

from pytest_subagents.cli.main import commands
from pytest_subagents.transcript.meta import RecordingMeta, read_meta

KEY = "Zq7WmR3xT9vB2kLp8Nc4Rd6Hs1Jf5G"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    folder: Path

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands, ["import", *words], prog_name="subagents")

    def files(self, name: str = ".") -> list[str]:
        folder = self.folder / name
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def meta(self, name: str) -> RecordingMeta:
        found = read_meta((self.folder / name).read_bytes())
        assert isinstance(found, RecordingMeta)
        return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in list(os.environ):
        if name.endswith(("KEY", "TOKEN", "SECRET", "PASSWORD")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("THE_API_KEY", KEY)
    monkeypatch.setenv("HOME", "/home/somebody")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return Place(folder=tmp_path / "work")


def test_a_stream_is_copied_byte_for_byte(place: Place) -> None:
    text = as_jsonl(codex_lines("prose \u2028 and more"))
    place.write("logs/run.jsonl", text + "\n")
    result = place.run("logs/run.jsonl")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "transcripts/run.jsonl  from logs/run.jsonl (codex, 4 lines)\n"
        "1 of 1 imported\n"
        "Look through them before you commit them: redaction is a net, not a promise.\n"
        "Next: pytest --subagents transcripts\n"
    )
    assert (place.folder / "transcripts/run.jsonl").read_text(encoding="utf-8") == text + "\n"
    assert place.meta("transcripts/run.meta.json") == RecordingMeta(vendor="codex")


def test_secrets_and_paths_are_cut_out(place: Place) -> None:
    lines = codex_lines(f"{KEY} in /home/somebody/x, mail CUST-42")
    place.write("run.jsonl", as_jsonl(lines))
    result = place.run("run.jsonl", "--into", "out", "--redact", r"CUST-\d+")
    assert result.exit_code == 0
    assert "(codex, 4 lines, redacted)" in result.stdout
    assert "Next: pytest --subagents out/run.jsonl\n" in result.stdout
    wanted = as_jsonl(codex_lines("<redacted> in <home>/x, mail <redacted>"))
    assert (place.folder / "out/run.jsonl").read_text(encoding="utf-8") == wanted


def test_what_still_looks_like_a_secret_is_not_imported(place: Place) -> None:
    twice = KEY.encode().hex().encode().hex()
    place.write("run.jsonl", as_jsonl(codex_lines(f"see {twice}")))
    result = place.run("run.jsonl")
    assert result.exit_code == 1
    assert result.stderr == (
        "run.jsonl: not imported: it still looks like it holds a secret: line 3: a secret of the environment, encoded\n"
        "  hint: look at it; --redact REGEX cuts out what matches\n"
    )
    assert place.files("transcripts") == []
    assert place.run("run.jsonl", "--redact", "[0-9a-f]{60,}").exit_code == 0


def test_what_is_known_of_the_process_comes_along_and_nothing_else(place: Place) -> None:
    text = as_jsonl(codex_lines("x"))
    place.write("in/run.jsonl", text)
    beside = {"exit_code": 3, "timed_out": True, "stderr_tail": f"key {KEY}", "argv": ["x"], "name": "mine"}
    place.write("in/run.meta.json", json.dumps(beside))
    assert place.run("in").exit_code == 0
    meta = place.meta("transcripts/run.meta.json")
    assert (meta.process.exit_code, meta.process.timed_out) == (3, True)
    assert meta.process.stderr_tail == "key <redacted>"
    assert "argv" not in (place.folder / "transcripts/run.meta.json").read_text(encoding="utf-8")


def test_metadata_that_cannot_be_used_is_told_and_the_file_is_not_imported(place: Place) -> None:
    place.write("in/run.jsonl", as_jsonl(codex_lines("x")))
    place.write("in/run.meta.json", '{"exit_code": "0"}')
    result = place.run("in")
    assert result.exit_code == 1
    assert result.stderr.startswith("in/run.jsonl: not imported: run.meta.json: the metadata cannot be used: Expected")
    assert place.files("transcripts") == []


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("prose.jsonl", b"hello\n", "none of its lines is an event of a known dialect"),
        ("empty.jsonl", b"", "it is empty"),
        ("session-1.json", b'{"sessionId": "x", "messages": []}', "none of its lines is an event of a known dialect"),
        ("packed.jsonl.zst", b"\x28\xb5\x2f\xfd\x00\x00", "it looks like zstandard data"),
    ],
)
def test_what_is_not_readable_is_told(place: Place, name: str, data: bytes, why: str) -> None:
    (place.folder / "in").mkdir()
    (place.folder / "in" / name).write_bytes(data)
    for path in (f"in/{name}", "in"):
        result = place.run(path)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"in/{name}: not imported: {why}\n")
        assert result.stdout == "0 of 1 imported\n"


def test_a_fifo_and_a_device_do_not_hang(place: Place) -> None:
    os.mkfifo(place.folder / "fifo.jsonl")
    result = place.run("fifo.jsonl", "/dev/zero")
    assert result.exit_code == 1
    assert result.stderr.count("it is no regular file") == 2


def test_claude_sessions_bring_their_subagents(place: Place) -> None:
    session = {"type": "user", "sessionId": "s", "uuid": "u", "cwd": "/srv/some/app"}
    home = place.folder / "home/.claude/projects/-srv-some-app"
    place.write(str(home / "aaaa.jsonl"), json.dumps({**session, "message": {"role": "user", "content": KEY}}) + "\n")
    place.write(str(home / "aaaa/subagents/agent-1.jsonl"), json.dumps({**session, "toolUseResult": KEY}) + "\n")
    result = place.run("home/.claude/projects")
    assert result.exit_code == 0
    assert "agent-1.jsonl: it goes with the session beside its folder; passed over" in result.stderr
    names = ["aaaa.jsonl", "aaaa.meta.json", "aaaa/subagents/agent-1.jsonl"]
    assert place.files("transcripts") == names
    for name in (names[0], names[2]):
        text = (place.folder / "transcripts" / name).read_text(encoding="utf-8")
        assert KEY not in text
        assert '"cwd": "<workspace>"' in text


def test_codex_sessions_of_subagents_are_passed_over(place: Place) -> None:
    sessions = place.folder / "home/.codex/sessions/2026/11/20"
    sessions.mkdir(parents=True)
    for path in (RECORDINGS / "codex-sessions").glob("19_collab_v1--*.jsonl"):
        shutil.copy(path, sessions / path.name.partition("--")[2])
    result = place.run("home/.codex/sessions")
    assert result.exit_code == 0
    assert result.stderr.count("another codex session started it; passed over") == 2
    assert len([name for name in place.files("transcripts") if name.endswith(".jsonl")]) == 1


def test_an_export_of_opencode_becomes_the_events_that_it_would_have_printed(place: Place) -> None:
    stream = (RECORDINGS / "opencode/07_bash.jsonl").read_text(encoding="utf-8")
    parts = [json.loads(line)["part"] for line in stream.splitlines()]
    asked = {"info": {"role": "user", "time": {"created": 1}}, "parts": [{"type": "text", "text": "do"}]}
    running = {"type": "tool", "state": {"status": "running"}}
    answered = {"info": {"role": "assistant", "time": {"created": 1, "completed": 7}}, "parts": [*parts, running]}
    failed = {"info": {"role": "assistant", "error": {"name": "APIError", "data": {"message": "boom"}}}, "parts": []}
    for name, messages in (("good", [asked, answered]), ("bad", [asked, answered, failed])):
        export = {"info": {"id": "ses_1", "directory": "/srv/some/app"}, "messages": messages}
        place.write(f"in/ses_{name}.json", json.dumps(export, indent=2))
    assert place.run("in").exit_code == 0
    before = judged(RECORDINGS / "opencode/07_bash.jsonl")
    after = judged(place.folder / "transcripts/ses_good.jsonl")
    assert (after[0], kinds(after[1])) == (before[0], kinds(before[1]))
    lines = (place.folder / "transcripts/ses_good.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["part"] for line in lines] == parts
    assert kinds(judged(place.folder / "transcripts/ses_bad.jsonl")[1]) == ["provider_error"]


def test_nothing_is_written_over_without_force(place: Place) -> None:
    place.write("run.jsonl", as_jsonl(codex_lines("new")))
    place.write("transcripts/run.jsonl", "old")
    place.write("other.jsonl", as_jsonl(codex_lines("new")))
    result = place.run("other.jsonl", "run.jsonl")
    assert result.exit_code == 4
    assert result.stderr == "transcripts/run.jsonl: there is a recording already\n  hint: --force writes over it\n"
    assert place.files("transcripts") == ["run.jsonl"]
    assert place.run("run.jsonl", "--force").exit_code == 0
    assert (place.folder / "transcripts/run.jsonl").read_text(encoding="utf-8") != "old"


def test_files_of_one_name_get_their_folders(place: Place) -> None:
    for folder in ("a", "b"):
        place.write(f"in/{folder}/run.jsonl", as_jsonl(codex_lines(folder)))
    place.write("in/c/other.jsonl", as_jsonl(codex_lines("c")))
    assert place.run("in").exit_code == 0
    found = [name for name in place.files("transcripts") if name.endswith(".jsonl")]
    assert found == ["a/run.jsonl", "b/run.jsonl", "other.jsonl"]
    result = place.run("in/a/run.jsonl", "in/b/run.jsonl", "--into", "transcripts/new")
    assert result.exit_code == 4
    assert "its recording would be run.jsonl" in result.stderr
    assert not (place.folder / "transcripts/new").exists()


def test_a_linked_folder_is_not_written_through(place: Place) -> None:
    place.write("run.jsonl", as_jsonl(codex_lines("x")))
    (place.folder.parent / "victim").mkdir()
    (place.folder / "transcripts").symlink_to(place.folder.parent / "victim")
    result = place.run("run.jsonl")
    assert result.exit_code == 4
    assert "it is a link or no folder (transcripts)" in result.stderr
    assert list((place.folder.parent / "victim").iterdir()) == []


WORKFLOW = "workflow: {name: team}\nagents:\n  - {id: math, instructions: Look.}\n  - {id: a/b, instructions: Look.}\n"


def test_a_transcript_becomes_the_recording_of_an_agent(place: Place) -> None:
    place.write("ci/subagents.yaml", WORKFLOW)
    place.write("run.jsonl", as_jsonl(codex_lines("x")))
    result = place.run("run.jsonl", "--agent", "a/b", "--workflow", "ci/subagents.yaml")
    assert result.exit_code == 0
    assert result.stdout.endswith("Next: pytest --subagents ci/subagents.yaml::a/b\n")
    assert place.files("ci/recordings") == ["team/a/b.jsonl", "team/a/b.meta.json"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere: there is no such file or folder"),
        (["run.jsonl", "--agent", "math"], "import: --agent and --workflow belong together"),
        (["run.jsonl", "--agent", "math", "--workflow", "no.yaml"], "no.yaml: there is no such workflow file"),
        (["run.jsonl", "--agent", "mth", "--workflow", "x.yaml"], "x.yaml: no agent is called 'mth'"),
        (["run.jsonl", "two.jsonl", "--agent", "math", "--workflow", "x.yaml"], "import: 2 transcripts are given for"),
        (["run.jsonl", "--agent", "math", "--workflow", "x.yaml", "--into", "y"], "import: --into and --agent exclude"),
        (["run.jsonl", "--redact", "("], "--redact: the pattern '(' is no regular expression"),
        ([], "Missing argument"),
    ],
)
def test_a_bad_argument_is_told_and_nothing_is_written(place: Place, words: list[str], message: str) -> None:
    place.write("x.yaml", WORKFLOW)
    for name in ("run.jsonl", "two.jsonl"):
        place.write(name, as_jsonl(codex_lines("x")))
    before = place.files()
    result = place.run(*words)
    assert (result.exit_code, result.stdout) == (4, "")
    assert message in result.stderr
    assert place.files() == before


def test_a_folder_without_anything_is_told(place: Place) -> None:
    (place.folder / "in").mkdir()
    result = place.run("in")
    assert (result.exit_code, result.stdout) == (1, "nothing to import was found\n")


def test_json_tells_the_same_to_a_script(place: Place) -> None:
    place.write("in/run.jsonl", as_jsonl(codex_lines(KEY)))
    place.write("in/prose.jsonl", "prose\n")
    result = place.run("in", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "imported": [
            {
                "source": "in/run.jsonl",
                "recording": "transcripts/run.jsonl",
                "vendor": "codex",
                "dialects": ["codex_exec"],
                "lines": 4,
                "redacted": True,
            }
        ],
        "refused": [{"source": "in/prose.jsonl", "why": "none of its lines is an event of a known dialect"}],
        "passed_over": [],
    }


def test_variables_that_cannot_be_redacted_are_told_by_name(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT_TOKEN", "abc")
    place.write("run.jsonl", as_jsonl(codex_lines("abc")))
    result = place.run("run.jsonl")
    assert result.exit_code == 0
    assert result.stderr == "note: SHORT_TOKEN is not redacted: its value has less than 8 characters\n"


@pytest.mark.parametrize("vendor", ["codex", "claude", "gemini", "opencode"])
def test_a_run_comes_to_the_same_when_it_is_imported(place: Place, vendor: str) -> None:
    assert place.run(str(RECORDINGS / vendor)).exit_code == 0
    for path in sorted((RECORDINGS / vendor).glob("*.jsonl")):
        name = f"{vendor}/{path.stem}"
        before = judged(path, process_of(name))
        meta = place.meta(f"transcripts/{path.stem}.meta.json")
        after = judged(place.folder / "transcripts" / path.name, meta.process)
        assert (after[0], kinds(after[1])) == (before[0], kinds(before[1])), name
