"""Starting git: found, guarded, bounded, and its failures worded."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import ARepository, program

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.command import Git
from pytest_subagents.git.failing import GitError
from pytest_subagents.git.guard import SETTINGS, environment
from pytest_subagents.git.program import GitProgram, find_git


def _fake(folder: Path, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "git"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return folder


def _git_that(folder: Path, script: str, *, seconds: float = 60.0) -> Git:
    """git whose program is a script; the other properties are those of a real one."""
    path = _fake(folder / "bin", script) / "git"
    fake = GitProgram(path=str(path), version=(2, 39), search=os.environ["PATH"])
    return Git(program=fake, cwd=folder, seconds=seconds)


def test_git_is_found_and_says_its_version() -> None:
    found = program()
    assert os.path.isabs(found.path)
    assert found.version >= (2, 38)


def test_without_git_a_person_is_told_what_needs_it(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="is not installed") as caught:
        find_git(str(tmp_path))
    assert "install git" in str(caught.value)
    with pytest.raises(BadUsage, match="is not installed"):
        find_git("")


def test_a_git_in_a_relative_folder_of_the_path_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake(tmp_path, "echo git version 9.9")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadUsage, match="is not installed"):
        find_git(".:")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo git version 2.20.1", r"is git 2\.20; a private checkout needs 2\.38"),
        ("echo hello", "does not say which version"),
        ("exit 3", "does not say which version"),
    ],
)
def test_a_git_that_cannot_be_used_is_told(tmp_path: Path, script: str, words: str) -> None:
    with pytest.raises(BadUsage, match=words):
        find_git(str(_fake(tmp_path, script)))


def test_a_git_that_is_no_program_is_told(tmp_path: Path) -> None:
    (tmp_path / "git").write_bytes(b"\x7fELF nothing")
    (tmp_path / "git").chmod(0o755)
    with pytest.raises(BadUsage, match="cannot be run"):
        find_git(str(tmp_path))


def test_the_environment_is_built_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF", "LD_PRELOAD", "MY_SECRET", "GIT_CONFIG_PARAMETERS"):
        monkeypatch.setenv(name, "/nowhere")
    seen = _git_that(tmp_path, "env -0").run("status").decode().rstrip("\0").split("\0")
    given = {line.partition("=")[0]: line.partition("=")[2] for line in seen}
    expected = environment(os.environ["PATH"])
    assert {name: text for name, text in given.items() if name not in {"PWD", "OLDPWD", "SHLVL", "_"}} == expected
    assert int(given["GIT_CONFIG_COUNT"]) == len(SETTINGS)
    assert "MY_SECRET" not in given


def test_real_git_believes_every_setting_of_the_guard(tmp_path: Path) -> None:
    git = Git(program=program(), cwd=tmp_path)
    for key, value in dict(SETTINGS).items():
        assert git.line("config", "--get-all", key) == value
        assert git.line("config", "--show-scope", "--get", key).split("\t")[0] == "command"


def test_settings_of_one_git_outrank_the_guard(tmp_path: Path) -> None:
    git = Git(program=program(), cwd=tmp_path, settings=(("core.pager", "less"), ("filter.a=b .clean", "")))
    assert git.line("config", "--get", "core.pager") == "less"


def test_places_are_handed_over(tmp_path: Path) -> None:
    git = _git_that(tmp_path, 'printf "%s\\n" "$GIT_DIR" "$GIT_WORK_TREE" "$GIT_INDEX_FILE" "$PWD" "$@"')
    git = replace(git, git_dir=tmp_path / "d", work_tree=tmp_path / "w", index=tmp_path / "i")
    assert git.run("status", "a b").decode().splitlines() == [
        *(str(tmp_path / name) for name in ("d", "w", "i")),
        str(tmp_path),
        "--no-pager",
        "status",
        "a b",
    ]


@pytest.mark.parametrize("command", ["submodule", "st", "clone", "fetch", "gc", "--exec-path=/tmp", "-c"])
def test_other_commands_are_not_started(tmp_path: Path, command: str) -> None:
    with pytest.raises(ValueError, match="not among the commands"):
        Git(program=program(), cwd=tmp_path).run(command)


def test_input_and_output_are_bytes_as_they_are(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000
    git = _git_that(tmp_path, "cat")
    assert git.run("status", input=data) == data
    assert git.run("status") == b""
    assert git.run("status", input=data, output=tmp_path / "out") == b""
    assert (tmp_path / "out").read_bytes() == data
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


def test_a_command_that_does_not_read_its_input_is_no_error(tmp_path: Path) -> None:
    assert _git_that(tmp_path, "echo done").run("status", input=b"x" * 1_000_000) == b"done\n"


def test_a_failure_is_told_by_the_line_that_says_what_went_wrong(tmp_path: Path) -> None:
    ARepository(tmp_path / "r")
    git = Git(program=program(), cwd=tmp_path / "r")
    with pytest.raises(GitError, match=r"^git rev-parse: fatal: Needed a single revision$") as caught:
        git.run("rev-parse", "--verify", "no-such-thing")
    assert caught.value.command == ("rev-parse", "--verify", "no-such-thing")
    assert caught.value.code == 128
    assert git.run("rev-parse", "--verify", "no-such-thing", check=False) == b""


def test_control_characters_of_a_failure_do_not_reach_a_terminal(tmp_path: Path) -> None:
    git = _git_that(tmp_path, r"printf 'hint: x\nerror: \033[31mred\377\n' >&2; exit 1")
    with pytest.raises(GitError) as caught:
        git.run("status")
    assert caught.value.what == "error: \\x1b[31mred\ufffd"
    with pytest.raises(GitError, match="it ended with 7 and said nothing"):
        _git_that(tmp_path, "exit 7").run("status")


def test_a_command_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    git = _git_that(tmp_path, f"sleep 1000 & echo $! > {tmp_path}/pid; wait", seconds=0.5)
    with pytest.raises(GitError, match=r"did not end within 0\.5 seconds"):
        git.run("status")
    pid = int((tmp_path / "pid").read_text(encoding="ascii"))
    # It is nobody's child any more; until its new parent collects it, it is a zombie.
    stat = Path(f"/proc/{pid}/stat")
    assert not stat.exists() or stat.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"


def test_a_process_that_holds_the_pipe_open_does_not_hang_us(tmp_path: Path) -> None:
    git = _git_that(tmp_path, f"setsid sleep 1000 & echo $! > {tmp_path}/pid; exit 0", seconds=0.5)
    with pytest.raises(GitError, match="did not end"):
        git.run("status")
    os.kill(int((tmp_path / "pid").read_text(encoding="ascii")), 9)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="could not be started"):
        Git(program=program(), cwd=tmp_path / "no").run("status")
