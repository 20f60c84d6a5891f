"""What is looked at besides an agent's own place, and what a person has had passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import ARepository, program

from pytest_subagents.git.repository import find_repository
from pytest_subagents.workspace.sentinels import Sentinels, listed_and_passed_over

ALL = (".git/index", ".git/refs/tags/v1", "a.txt", "src/b.py", "~/.bashrc")


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ((), ALL),
        (("!src",), (".git/index", ".git/refs/tags/v1", "a.txt", "~/.bashrc")),
        (("!src/deep/",), ALL),
        (("!**",), (".git/index", ".git/refs/tags/v1", "~/.bashrc")),
        (("! **", "!.git/"), ("~/.bashrc",)),
        (("!.git/refs/", "notes"), (".git/index", "a.txt", "notes", "src/b.py", "~/.bashrc")),
    ],
)
def test_what_a_person_works_on_meanwhile_is_passed_over(
    tmp_path: Path, lines: tuple[str, ...], seen: tuple[str, ...]
) -> None:
    person = ARepository(tmp_path / "person")
    listed, passed_over = listed_and_passed_over(lines)
    sentinels = Sentinels(
        rootdir=person.path,
        repository=find_repository(program(), person.path),
        home=tmp_path / "home",
        listed=listed,
        passed_over=passed_over,
    )
    (tmp_path / "home").mkdir()
    before = sentinels.look()
    person.write("src/b.py", "other\n")
    person.write("a.txt", "other\n")
    person.write("notes", "not tracked\n")
    person.git("update-index", "--add", "a.txt")
    person.git("tag", "v1")
    (tmp_path / "home/.bashrc").write_text("x", "utf-8")
    assert sentinels.changed(before) == seen
