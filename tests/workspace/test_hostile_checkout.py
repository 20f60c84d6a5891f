"""What an agent can do to the git of its checkout, and what a repository can bring: nothing runs, nothing is hidden.

The rows are those of the threat model for git: each is a trick that makes plain git run a program or overlook a change.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from repositories import ARepository, Tripwire, a_checkout, plain_git, program, tree_after

from pytest_subagents.git.repository import find_repository
from pytest_subagents.workspace.dirty import dirty
from pytest_subagents.workspace.real_diff import real_diff

ATTRIBUTES = "* filter=trip diff=trip merge=trip\n"


@dataclass(frozen=True, slots=True)
class _Lab:
    """A folder with a git of its own (`git`), and the program that must not run."""

    place: Path
    trip: Tripwire

    @property
    def git(self) -> Path:
        return self.place / ".git"

    def config(self, *settings: tuple[str, str]) -> None:
        for key, value in settings:
            plain_git(self.place, "config", key, value.replace("TRIP", str(self.trip.script)))

    def hook(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit", "applypatch-msg"):
            (folder / name).write_bytes(self.trip.script.read_bytes())
            (folder / name).chmod(0o755)

    def attributes(self) -> None:
        (self.place / ".gitattributes").write_text(ATTRIBUTES, encoding="utf-8")


def _fsmonitor(lab: _Lab) -> None:
    lab.config(("core.fsmonitor", "TRIP"))


def _hooks(lab: _Lab) -> None:
    lab.hook(lab.git / "hooks")


def _hooks_path(lab: _Lab) -> None:
    lab.hook(lab.place / "h")
    lab.config(("core.hooksPath", "h"))


def _filters(lab: _Lab) -> None:
    lab.attributes()
    lab.config(("filter.trip.clean", "TRIP"), ("filter.trip.smudge", "TRIP"), ("filter.trip.required", "true"))


def _filter_process(lab: _Lab) -> None:
    lab.attributes()
    lab.config(("filter.trip.process", "TRIP"))


def _filter_with_odd_name(lab: _Lab) -> None:
    (lab.git / "info").mkdir(exist_ok=True)
    (lab.git / "info/attributes").write_text("* filter=a.b=c\n", encoding="utf-8")
    lab.config(("filter.a.b=c.clean", "TRIP"))


def _external_diff(lab: _Lab) -> None:
    lab.config(("diff.external", "TRIP"))


def _diff_driver(lab: _Lab) -> None:
    lab.attributes()
    lab.config(("diff.trip.command", "TRIP"), ("diff.trip.textconv", "TRIP"))


def _merge_driver(lab: _Lab) -> None:
    lab.attributes()
    lab.config(("merge.trip.driver", "TRIP"))


def _pager_and_editor(lab: _Lab) -> None:
    lab.config(("core.pager", "TRIP"), ("core.editor", "TRIP"), ("pager.status", "TRIP"), ("core.askPass", "TRIP"))


def _include(lab: _Lab) -> None:
    (lab.place / "evil.config").write_text(f"[core]\n\tfsmonitor = {lab.trip.script}\n", encoding="utf-8")
    lab.config(("include.path", "../evil.config"), ("includeIf.onbranch:**.path", "../evil.config"))


def _worktree_config(lab: _Lab) -> None:
    lab.config(("extensions.worktreeConfig", "true"))
    plain_git(lab.place, "config", "--worktree", "core.fsmonitor", str(lab.trip.script))


def _alias(lab: _Lab) -> None:
    lab.config(*((f"alias.{name}", "!TRIP") for name in ("status", "diff-tree", "write-tree", "rev-parse")))


def _promisor(lab: _Lab) -> None:
    lab.config(
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("protocol.ext.allow", "always"),
        ("remote.origin.url", "ext::TRIP"),
    )


def _replaced_by_a_file(lab: _Lab) -> None:
    evil = lab.trip.script.parent / f"evil-{lab.place.name}"
    shutil.copytree(lab.git, evil)
    shutil.rmtree(lab.git)
    lab.git.write_text(f"gitdir: {evil}\n", encoding="utf-8")
    plain_git(lab.place, "config", "core.fsmonitor", str(lab.trip.script))


def _signing_and_asking(lab: _Lab) -> None:
    lab.config(*((key, "true") for key in ("commit.gpgSign", "tag.gpgSign", "log.showSignature")))
    lab.config(("gpg.program", "TRIP"), ("core.sshCommand", "TRIP"), ("credential.helper", "!TRIP"))


def _bare_inside(lab: _Lab) -> None:
    """A repository among the files, for a git that is started in it."""
    plain_git(lab.place, "init", "-q", "--bare", "h/bare")
    for key, value in (("core.bare", "false"), ("core.worktree", ".."), ("core.fsmonitor", str(lab.trip.script))):
        plain_git(lab.place, "config", "--file", "h/bare/config", key, value)


RUNS: list[Callable[[_Lab], None]] = [
    _fsmonitor,
    _hooks,
    _hooks_path,
    _filters,
    _filter_process,
    _filter_with_odd_name,
    _external_diff,
    _diff_driver,
    _merge_driver,
    _pager_and_editor,
    _include,
    _worktree_config,
    _alias,
    _promisor,
    _replaced_by_a_file,
    _signing_and_asking,
    _bare_inside,
]


def _skip_worktree(lab: _Lab) -> None:
    plain_git(lab.place, "update-index", "--skip-worktree", "a.txt")


def _assume_unchanged(lab: _Lab) -> None:
    plain_git(lab.place, "update-index", "--assume-unchanged", "a.txt")


def _exclude(lab: _Lab) -> None:
    (lab.git / "info").mkdir(exist_ok=True)
    (lab.git / "info/exclude").write_text("*\n", encoding="utf-8")


def _ignore(lab: _Lab) -> None:
    (lab.place / ".gitignore").write_text("*\n", encoding="utf-8")


def _core_worktree(lab: _Lab) -> None:
    lab.config(("core.worktree", "/"))


def _no_modes(lab: _Lab) -> None:
    lab.config(("core.fileMode", "false"), ("core.symlinks", "false"), ("core.checkStat", "minimal"))


def _no_diff(lab: _Lab) -> None:
    (lab.place / ".gitattributes").write_text("* -diff -text eol=crlf ident\n", encoding="utf-8")


def _deleted(lab: _Lab) -> None:
    shutil.rmtree(lab.git)


def _garbage(lab: _Lab) -> None:
    for name in ("config", "HEAD", "index"):
        (lab.git / name).write_bytes(b"\0\xff garbage")


def _committed(lab: _Lab) -> None:
    plain_git(lab.place, "add", "-A")
    plain_git(lab.place, "commit", "-q", "--allow-empty", "-m", "mine")
    plain_git(lab.place, "replace", "HEAD~1", "HEAD")


def _borrowing(lab: _Lab) -> None:
    (lab.git / "objects/info/alternates").write_text("/nowhere\n", encoding="utf-8")


HIDES: list[Callable[[_Lab], None]] = [
    _skip_worktree,
    _assume_unchanged,
    _exclude,
    _ignore,
    _core_worktree,
    _no_modes,
    _no_diff,
    _deleted,
    _garbage,
    _committed,
    _borrowing,
]


def _name(trick: Callable[[_Lab], None]) -> str:
    return trick.__name__.removeprefix("_")


@pytest.mark.parametrize("trick", [*RUNS, *HIDES], ids=_name)
def test_whatever_an_agent_does_to_its_git_nothing_runs_and_every_change_is_seen(
    tmp_path: Path, trick: Callable[[_Lab], None]
) -> None:
    work = a_checkout(ARepository(tmp_path / "r"))
    lab = _Lab(work.place, Tripwire(tmp_path))
    trick(lab)
    (work.place / "a.txt").write_text("evil\n", encoding="utf-8")
    (work.place / "new.py").write_text("evil\n", encoding="utf-8")
    (work.place / "src/b.py").chmod(0o755)
    (work.place / "run.sh").unlink()
    lab.trip.disarm()
    diff = real_diff(work)
    assert not lab.trip.ran
    seen = {one.path: one.kind for one in diff.differences}
    expected = {"a.txt": "update", "new.py": "add", "run.sh": "delete", "src/b.py": "update"}
    assert expected.items() <= seen.items()
    assert {path for path in seen.keys() - expected.keys() if not path.startswith((".git", "h/", "evil."))} == set()
    assert b"+evil" in diff.patch
    if trick is not _borrowing and work.place.joinpath(".git/objects/info/alternates").exists():
        assert tree_after(work, diff.patch) == diff.tree


@pytest.mark.parametrize("trick", RUNS, ids=_name)
def test_whatever_a_repository_brings_nothing_of_it_runs(tmp_path: Path, trick: Callable[[_Lab], None]) -> None:
    """All that we do with a person's repository, which an unguarded agent may have changed before."""
    person = ARepository(tmp_path / "r")
    lab = _Lab(person.path, Tripwire(tmp_path))
    trick(lab)
    (person.path / "a.txt").write_text("two\n", encoding="utf-8")
    os.utime(person.path / "run.sh", (1, 1))
    lab.trip.disarm()
    changed = dirty(find_repository(program(), person.path))
    work = a_checkout(person)
    (work.place / "src/b.py").write_text("b = 2\n", encoding="utf-8")
    diff = real_diff(work)
    assert not lab.trip.ran
    assert "a.txt" in changed
    assert [change.path for change in diff.changes] == ["src/b.py"]


@pytest.mark.parametrize("trick", [_fsmonitor, _filters, _include, _replaced_by_a_file], ids=_name)
def test_the_tripwire_is_armed(tmp_path: Path, trick: Callable[[_Lab], None]) -> None:
    """Plain git does run these, so the tests above can fail."""
    person = ARepository(tmp_path / "r")
    lab = _Lab(person.path, Tripwire(tmp_path))
    trick(lab)
    (person.path / "a.txt").write_text("two\n", encoding="utf-8")
    lab.trip.disarm()
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    # It may fail, as the tripwire is no real filter.
    subprocess.run(["git", "status"], cwd=person.path, env=environment, capture_output=True, check=False)
    assert lab.trip.ran


def test_a_submodule_with_a_configuration_of_its_own_runs_nothing(tmp_path: Path) -> None:
    person, other = ARepository(tmp_path / "r"), ARepository(tmp_path / "other")
    trip = Tripwire(tmp_path)
    person.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", os.fspath(other.path), "sub")
    person.commit()
    person.git("config", "submodule.sub.update", f"!{trip.script}")
    plain_git(person.path / "sub", "config", "core.fsmonitor", str(trip.script))
    (person.path / "sub/a.txt").write_text("two\n", encoding="utf-8")
    trip.disarm()
    assert dirty(find_repository(program(), person.path)) == ()
    assert real_diff(a_checkout(person)).differences == ()
    assert not trip.ran


def test_variables_of_the_environment_run_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person = ARepository(tmp_path / "r")
    trip = Tripwire(tmp_path)
    (tmp_path / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {trip.script}\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trip.script))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(trip.script))
    work = a_checkout(person)
    (work.place / "a.txt").write_text("two\n", encoding="utf-8")
    assert len(real_diff(work).changes) == 1
    assert dirty(find_repository(program(), person.path), untracked=False) == ()
    assert not trip.ran
