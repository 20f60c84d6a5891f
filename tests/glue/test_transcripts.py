"""Folders of transcripts: no file to write (DESIGN 4.3)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from team import ANSWER, Team, as_jsonl, codex_lines


def test_every_jsonl_below_a_folder_of_that_name_is_an_item(team: Team) -> None:
    team.transcript("codex/good")
    team.transcript("bad", "prose")
    team.write("elsewhere/x.jsonl", as_jsonl(codex_lines(ANSWER)))
    result = team.run("-v")
    result.assert_outcomes(passed=1, failed=1)
    rows = team.report()["agents"]
    assert [(row["nodeid"], row["id"], row["status"]) for row in rows] == [
        ("transcripts/bad.jsonl::bad", "transcripts/bad", "failed"),
        ("transcripts/codex/good.jsonl::good", "transcripts/codex/good", "success"),
    ]
    assert rows[1]["vendor"] == "codex"


def test_any_jsonl_that_is_named_is_an_item(team: Team) -> None:
    path = team.write("elsewhere/x.jsonl", as_jsonl(codex_lines(ANSWER)))
    team.run(str(path)).assert_outcomes(passed=1)
    team.run("elsewhere/x.jsonl::x").assert_outcomes(passed=1)
    assert [row["id"] for row in team.report()["agents"]] == ["elsewhere/x"]


def test_ini_globs_choose_the_transcripts(team: Team) -> None:
    team.write("pytest.ini", "[pytest]\nsubagents_transcripts = logs/**/*.jsonl\n")
    team.transcript("a")
    team.write("logs/deep/b.jsonl", as_jsonl(codex_lines(ANSWER)))
    team.run()
    assert set(team.rows()) == {"logs/deep/b"}


def test_a_file_outside_the_rootdir_is_named_from_the_argument(
    team: Team, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    for name in ("one/transcripts/a.jsonl", "two/transcripts/b.jsonl"):
        (outside / name).parent.mkdir(parents=True)
        (outside / name).write_text(as_jsonl(codex_lines(ANSWER)), encoding="utf-8")
    result = team.run("--rootdir", str(team.path), "-c", str(team.path / "pytest.ini"), str(outside))
    result.assert_outcomes(passed=2)
    assert set(team.rows()) == {"one/transcripts/a", "two/transcripts/b"}
    assert str(outside) not in team.report_text()


def test_two_files_that_come_to_one_node_id_are_a_usage_error_not_one_row(
    team: Team, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    for name in ("one/a.jsonl", "two/a.jsonl"):
        (outside / name).parent.mkdir(parents=True)
        (outside / name).write_text(as_jsonl(codex_lines(ANSWER)), encoding="utf-8")
    args = ["--rootdir", str(team.path), "-c", str(team.path / "pytest.ini")]
    result = team.run(*args, str(outside / "one/a.jsonl"), str(outside / "two/a.jsonl"))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: *same node id*"])


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("empty", b"", "empty"),
        ("blank", b"\n\n  \n", ""),
        ("binary", bytes(range(256)) * 20, ""),
        ("utf16", '{"type":"thread.started"}\n'.encode("utf-16"), ""),
        ("gzip", b"\x1f\x8b\x08\x00" + bytes(200), "gzip"),
        ("deep", b"[" * 100_000, ""),
        ("prose", b"hello\nworld\n", ""),
    ],
)
def test_a_file_without_a_protocol_line_is_a_failed_item(team: Team, name: str, data: bytes, word: str) -> None:
    path = team.write(f"transcripts/{name}.jsonl", "")
    path.write_bytes(data)
    result = team.run()
    result.assert_outcomes(failed=1)
    assert result.ret == 1
    (row,) = team.report()["agents"]
    assert [reason["kind"] for reason in row["reasons"]] == ["no_protocol"]
    assert word in row["reasons"][0]["message"]


def test_one_line_of_100_mb(team: Team) -> None:
    path = team.write("transcripts/long.jsonl", "")
    with path.open("wb") as file:
        file.write(b'{"type":"item.completed","item":{"id":"x","type":"agent_message","text":"')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}}\n')
    team.run().assert_outcomes(failed=1)
    (row,) = team.report()["agents"]
    assert row["status"] == "failed"
    assert row["reasons"]


def test_what_cannot_be_read_is_a_failed_item(team: Team) -> None:
    """A regular file that no one can read, root neither: reading it fails with an I/O error."""
    team.transcript("good")
    with pytest.raises(OSError, match="Input/output error"):
        Path("/proc/self/mem").read_bytes()
    (team.path / "transcripts" / "broken.jsonl").symlink_to("/proc/self/mem")
    assert team.run("transcripts").ret == 1
    assert {id.rpartition("/")[2]: row["status"] for id, row in team.rows().items()} == {
        "good": "success", "broken": "failed",
    }  # fmt: skip


ODD: dict[str, Callable[[Path], object]] = {
    "loop": lambda path: path.symlink_to(path.name),
    "dangling": lambda path: path.symlink_to("nowhere.jsonl"),
    "pipe": os.mkfifo,
}


@pytest.mark.parametrize("how", [[], ["-n", "1"]], ids=["alone", "n1"])
@pytest.mark.parametrize("kind", ODD)
def test_what_pytest_would_pass_over_in_silence_is_a_bad_file(team: Team, kind: str, how: list[str]) -> None:
    team.transcript("good")
    ODD[kind](team.path / "transcripts" / f"{kind}.jsonl")
    result = team.run(*how)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([f"transcripts/{kind}.jsonl: it is named like a transcript*"])


def test_a_folder_that_is_named_like_a_transcript_is_a_folder(team: Team) -> None:
    team.transcript("x.jsonl/inside")
    team.run().assert_outcomes(passed=1)
    assert set(team.rows()) == {"transcripts/x.jsonl/inside"}


def test_metadata_beside_it_lowers(team: Team) -> None:
    team.transcript("a")
    team.write("transcripts/a.meta.json", json.dumps({"exit_code": 3, "runtime_ms": 1500, "note": "passed over"}))
    assert team.run().ret == 0
    (row,) = team.report()["agents"]
    assert (row["status"], row["exit_code"], row["runtime_ms"]) == ("partial", 3, 1500)


def test_expect_yaml_says_what_is_expected(team: Team) -> None:
    team.transcript("a", "prose")
    team.transcript("b")
    team.write("transcripts/expect.yaml", "a: {status: failed, kind: not_json}\n")
    assert team.run().ret == 0
    assert team.rows()["transcripts/a"]["expected"] is True


def test_expect_yaml_that_names_no_recording_is_a_bad_file(team: Team) -> None:
    team.transcript("math")
    team.write("transcripts/expect.yaml", "maths: failed\n")
    result = team.run()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*transcripts/expect.yaml*maths*"])


def test_the_nearest_contract_upwards_judges(team: Team) -> None:
    strict = '{"type": "object", "required": ["verdict"]}'
    team.transcript("plain/a")
    team.transcript("strict/deep/b")
    team.write("transcripts/strict/contract.json", strict)
    assert team.run().ret == 1
    assert {id: row["status"] for id, row in team.rows().items()} == {
        "transcripts/plain/a": "success",
        "transcripts/strict/deep/b": "failed",
    }


def test_a_contract_is_mapped_by_the_file_beside_it(team: Team) -> None:
    team.transcript("a", {"verdict": "needs-attention", "text": "Look.", "issues": [{"level": "high", "message": "m"}]})
    team.write("transcripts/contract.json", '{"type": "object", "required": ["verdict"]}')
    team.write(
        "transcripts/contract.map.yaml",
        "status: /verdict\nsuccess: [approve]\npartial: [needs-attention]\nsummary: /text\n"
        "findings: /issues\nseverity: /level\ntitle: /message\n",
    )
    assert team.run().ret == 0
    (row,) = team.report()["agents"]
    assert (row["status"], row["summary"]) == ("partial", "Look.")
    assert row["findings"][0]["severity"] == "high"


def test_ini_names_the_contract_of_transcripts(team: Team) -> None:
    team.write("pytest.ini", "[pytest]\nsubagents_contract = strict.json\n")
    team.write("strict.json", '{"type": "object", "required": ["verdict"]}')
    team.transcript("a")
    assert team.run().ret == 1
    assert team.kinds("transcripts/a") == ["contract"]


def test_session_files_of_subagents_are_part_of_their_parent(team: Team) -> None:
    team.transcript("session")
    team.transcript("session/subagents/agent-1")
    team.run()
    assert set(team.rows()) == {"transcripts/session"}


def test_recordings_are_no_items(team: Team) -> None:
    team.record("team/a")
    assert team.run().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_file_name_that_is_no_text(team: Team) -> None:
    folder = team.path / "transcripts"
    folder.mkdir()
    Path(str(folder) + "/x\udcff\x1b[31m.jsonl").write_text(as_jsonl(codex_lines(ANSWER)), encoding="utf-8")
    # Not with pytester, which takes for granted that pytest prints UTF-8: it prints the name of the file as it is.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--subagents", "-n", "1"], cwd=team.path, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert team.report()["agents"][0]["id"] == "transcripts/x\\udcff\\x1b[31m"
    assert b"\x1b" not in done.stdout.partition(b" subagents =")[2]


META = {
    "a list": "[1]",
    "no JSON": "{",
    "an exit code as text": '{"exit_code": "0"}',
    "an exit code that is false": '{"exit_code": false}',
    "a runtime below zero": '{"runtime_ms": -1}',
    "a killed that is a list": '{"killed": []}',
    "deep": "[" * 100_000,
    "huge": '{"x": "' + "y" * 2_000_000 + '"}',
}


@pytest.mark.parametrize("fault", META)
def test_metadata_that_cannot_be_believed_is_a_reason_on_its_item(team: Team, fault: str) -> None:
    team.transcript("a")
    team.write("transcripts/a.meta.json", META[fault])
    team.transcript("b")
    result = team.run()
    result.assert_outcomes(passed=1, failed=1)
    (reason,) = team.rows()["transcripts/a"]["reasons"]
    assert "metadata" in reason["message"]


def test_a_bad_contract_is_told_once_however_many_transcripts_it_judges(team: Team) -> None:
    for number in range(20):
        team.transcript(f"a{number}")
    team.write("transcripts/contract.json", "[1]")
    result = team.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stdout.str().count("ERROR: ") == 1
    assert "transcripts/contract.json" in result.stdout.str()


def test_a_link_out_of_the_repository_is_not_read(team: Team, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of a transcript, of a folder on the way to it, of what lies beside it; one that leads up is no folder."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text("s3cr3t\n", encoding="utf-8")
    (outside / "a.jsonl").write_text(as_jsonl(codex_lines("s3cr3t")), encoding="utf-8")
    (outside / "a.meta.json").write_text('{"exit_code": 1, "stderr_tail": "s3cr3t"}', encoding="utf-8")
    folder = team.transcript("good").parent
    team.transcript("beside")
    links: dict[str, str | Path] = {
        "inside.jsonl": "good.jsonl",
        "outside.jsonl": outside / "secret.txt",
        "linked": outside,
        "beside.meta.json": outside / "a.meta.json",
        "up": "..",
        "round": ".",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    result = team.run()
    rows = {id.removeprefix("transcripts/"): row for id, row in team.rows().items()}
    assert {id for id, row in rows.items() if row["status"] == "success"} == {"good", "inside"}
    assert {id: row["reasons"][0]["message"] for id, row in rows.items() if row["status"] == "failed"} == {
        "outside": "the transcript is none: it is a link to a place outside the repository",
        "linked/a": "the transcript is none: a folder on the way is a link to a place outside the repository",
        "beside": "the transcript is none: its metadata is a link to a place outside the repository",
    }
    assert "s3cr3t" not in team.report_text() + result.stdout.str()
